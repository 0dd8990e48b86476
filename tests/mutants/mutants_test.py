#!/usr/bin/env python3
"""What makes mutants: which changes there are, which are not, and that every planted defect still applies."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from change import TOP, changes_of  # noqa: E402
from mutants import all_changes, excused, identity, report, rotation  # noqa: E402
from planted import Patch, patches, problem_of  # noqa: E402
from workshop import killed_by  # noqa: E402

SOURCE = """// a < b && c
int f(const std::vector<int>& list, int&& most) {
    static_assert(kMost > 1);
    K3F_CHECK(most > 0, "1 + 1");
    int sum = 0;
    for (int i = 0; i < most; ++i) {
        if (list[i] == 7 || !known(list[i])) continue;
        sum += list[i] * 2;
        note("sum + 1", sum);
    }
    if (const auto* found = find(list, sum)) return *found;
    return std::max(sum, std::min(most - 1, 5));
}
"""


def made(source, line=None):
    return {(change.line, change.old, change.new) for change in changes_of("a.cc", source)
            if line in (None, change.line)}


class ChangeTest(unittest.TestCase):
    def test_an_operator_becomes_another(self):
        self.assertLessEqual({(7, "==", "!="), (7, "||", "&&"), (8, "*", "/"), (8, "+=", "-="),
                              (6, "<", "<="), (12, "-", "+"), (6, "++", "--"), (7, "!", "")}, made(SOURCE))

    def test_a_number_becomes_its_neighbour(self):
        self.assertLessEqual({(5, "0", "1"), (7, "7", "(7 + 1)"), (7, "7", "(7 - 1)"), (12, "1", "0"),
                              (12, "1", "2")}, made(SOURCE))

    def test_a_condition_is_always_never_or_the_opposite(self):
        whole = "list[i] == 7 || !known(list[i])"
        self.assertLessEqual({(7, whole, "true"), (7, whole, "false"), (7, whole, f"!({whole})")},
                             made(SOURCE))
        declared = "const auto* found = find(list, sum)"
        self.assertLessEqual({(11, declared, declared + "; true"), (11, declared, declared + "; false")},
                             made(SOURCE))

    def test_a_statement_is_left_out(self):
        self.assertIn((9, 'note("sum + 1", sum)', ""), made(SOURCE))
        self.assertIn((8, "sum += list[i] * 2", ""), made(SOURCE))

    def test_a_bound_is_left_out_or_the_other_one(self):
        self.assertLessEqual({(12, "max", "min"), (12, "std::min(most - 1, 5)", "(5)"),
                              (12, "std::min(most - 1, 5)", "(most - 1)")}, made(SOURCE))

    def test_types_texts_comments_and_checks_stay(self):
        self.assertEqual([change for change in made(SOURCE) if change[0] in (1, 2, 3, 4)], [])
        self.assertEqual([change for change in made(SOURCE, 9) if change[1] in ("+", "1")], [])

    def test_nothing_is_made_twice(self):
        # Without its one statement an if is the same as never; a lone comparison is turned round already.
        self.assertNotIn((7, "continue", ""), made(SOURCE))
        self.assertEqual(made("void f() { if (a == b) go(); }\n"),
                         {(1, "==", "!="), (1, "a == b", "true"), (1, "a == b", "false")})

    def test_what_is_applied_stands_where_it_stood(self):
        change = next(c for c in changes_of("a.cc", SOURCE) if (c.line, c.new) == (8, "/"))
        self.assertEqual(change.applied(SOURCE).split("\n")[7], "        sum += list[i] / 2;")
        self.assertEqual(identity(change), "`sum += list[i] * 2;`: `*` → `/`")

    def test_the_sources_of_the_run_give_many(self):
        self.assertGreater(len(all_changes(None)), 1500)
        guard = "src/core/guard.cc"
        self.assertEqual({change.path for change in all_changes([guard])}, {guard})


class PlantedTest(unittest.TestCase):
    def test_every_patch_has_a_story_and_applies(self):
        found = patches(TOP)
        self.assertGreaterEqual(len(found), 12)
        for patch in found:
            self.assertIsNone(problem_of(TOP, patch), patch.name)

    def test_one_that_no_longer_applies_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "old.patch")
            with open(file, "w", encoding="utf-8") as handle:
                handle.write("s\n\n--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-no such line\n+x\n")
            self.assertIn("no longer applies", problem_of(TOP, Patch("old", file, "s", ("README.md",))))
            self.assertIn("changes nothing", problem_of(TOP, Patch("old", file, "s", ())))
            self.assertIn("says nothing", problem_of(TOP, Patch("old", file, "", ("README.md",))))


class ResultTest(unittest.TestCase):
    def test_a_rotation_takes_all_in_their_turn(self):
        self.assertEqual(len(rotation(list(range(17)), 5)), 5)
        self.assertEqual(sorted(rotation(list(range(3)), 5)), [0, 1, 2])

    def test_a_killed_one_names_the_test(self):
        self.assertEqual(killed_by("[ RUN      ] A.B\n[  FAILED  ] A.B (3 ms)\n"), "A.B")
        self.assertEqual(killed_by("[ RUN      ] A.B\n[ RUN      ] A.C\n"), "A.C (the program ended)")

    def test_too_few_killed_is_a_failure(self):
        def rows(killed, survived):
            row = {"name": "n", "path": "a.cc", "line": 1, "key": ("a.cc", "k"), "by": ""}
            return [dict(row, state="killed")] * killed + [dict(row, state="survived")] * survived
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            shown, sys.stdout = sys.stdout, nowhere
            try:
                self.assertEqual(report("automatic", rows(85, 15), set()), 0)
                self.assertEqual(report("automatic", rows(84, 16), set()), 1)
                self.assertEqual(report("planted", rows(94, 6), set()), 1)
                self.assertEqual(report("automatic", rows(1, 99), {("a.cc", "k")}), 0)
                self.assertEqual(report("automatic", [], set()), 1)
            finally:
                sys.stdout = shown

    def test_excuses_are_of_lines_that_are_there(self):
        wrong = []
        for path, text in excused():
            with open(os.path.join(TOP, path), encoding="utf-8") as handle:
                found = {identity(change) for change in changes_of(path, handle.read())}
            if text not in found:
                wrong.append(f"{path}: {text}")
        self.assertEqual(wrong, [], "survivors.md excuses what nobody makes")


if __name__ == "__main__":
    sys.exit(unittest.main())
