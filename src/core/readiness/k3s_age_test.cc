#include "core/readiness/k3s_age.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::readiness {
namespace {

Timestamp at(std::string_view day) { return *parse_timestamp(format("{}T12:00:00Z", day)); }

constexpr std::string_view kTable = R"(# a comment
as_of = "2026-09-15"

[[minor]]
version = "1.37"
released = "2026-08-26"
end_of_life = "2027-10-28"
source = "page"
[[minor]]
version = "1.36"
released = "2026-04-22"
end_of_life = "2027-06-28"
source = "page"
[[minor]]
version = "1.35"
released = "2025-12-17"
end_of_life = "2027-02-28"
source = "page"
[[minor]]
version = "1.34"
released = "2025-08-27"
end_of_life = "2026-10-27"
source = "ended"
)";

K3sVersions table() { return *parse_k3s_versions(kTable); }

TEST(K3sAge, JudgesAVersionByItsEndOfLifeAndByHowManyNewerOnesThereAre) {
    using enum CheckResult;
    const struct {
        const char* version;
        const char* day;
        CheckResult result;
        const char* found;
    } rows[] = {
        {"v1.37.1+k3s1", "2026-11-22", Ok, "v1.37.1+k3s1: maintained until 2027-10-28"},
        {"v1.35.9+k3s2", "2026-11-22", Ok, "v1.35.9+k3s2: maintained until 2027-02-28"},
        {"v1.35.9+k3s2", "2027-02-28", Ok, "v1.35.9+k3s2: maintained until 2027-02-28"},
        {"v1.35.9+k3s2", "2027-03-01", Warning, "v1.35.9+k3s2: no longer maintained since 2027-02-28"},
        {"v1.34.1+k3s1", "2026-10-01", Warning,
         "v1.34.1+k3s1: maintained until 2026-10-27, 3 minor versions behind 1.37"},
        {"v1.34.1+k3s1", "2026-11-22", Warning,
         "v1.34.1+k3s1: no longer maintained since 2026-10-27, 3 minor versions behind 1.37"},
        {"v1.31.4+k3s1", "2026-11-22", Warning,
         "v1.31.4+k3s1: older than 1.34, of which this program knows that it is no longer maintained, 6 "
         "minor versions behind 1.37"},
        {"v1.38.0+k3s1", "2026-11-22", NotChecked,
         "v1.38.0+k3s1: not known to this program, whose newest is 1.37 (as of 2026-09-15)"},
        {"latest", "2026-11-22", NotChecked,
         "latest: not known to this program, whose newest is 1.37 (as of 2026-09-15)"},
        {"v1.3x", "2026-11-22", NotChecked,
         "v1.3x: not known to this program, whose newest is 1.37 (as of 2026-09-15)"},
    };
    for (const auto& row : rows) {
        const Check check = check_k3s("shop: K3s", row.version, table(), at(row.day));
        EXPECT_EQ(check.name, "shop: K3s");
        EXPECT_EQ(check.result, row.result) << row.version << " on " << row.day;
        EXPECT_EQ(check.found, row.found);
        EXPECT_EQ(check.fix.empty(), row.result == Ok) << row.version;
    }
}

TEST(K3sAge, NamesWhatIsMaintainedOnTheDay) {
    const auto fix = [](const char* day) { return check_k3s("x", "v1.34.1+k3s1", table(), at(day)).fix; };
    EXPECT_TRUE(fix("2026-11-22").contains("with a version of 1.35, 1.36 or 1.37,")) << fix("2026-11-22");
    EXPECT_TRUE(fix("2027-03-01").contains("with a version of 1.36 or 1.37,")) << fix("2027-03-01");
    EXPECT_TRUE(fix("2027-07-01").contains("with a version of 1.37,")) << fix("2027-07-01");
    EXPECT_EQ(fix("2028-01-01"), "a newer k3fleet knows which versions are maintained");
    EXPECT_EQ(maintained_k3s(table(), at("2026-11-22")).found,
              "no cluster was looked at; maintained: 1.35, 1.36 and 1.37 (as of 2026-09-15)");
    EXPECT_EQ(maintained_k3s(table(), at("2026-11-22")).result, CheckResult::NotChecked);
    EXPECT_TRUE(maintained_k3s(table(), at("2028-01-01")).found.contains("none that this program knows"));
}

TEST(K3sAge, TellsItsOwnAgeFromHalfAYearOn) {
    const auto found = [](Timestamp now) { return check_k3s("x", "v1.37.1+k3s1", table(), now).found; };
    const Timestamp old = *parse_timestamp("2026-09-15T00:00:00Z") + kOldTable;
    EXPECT_FALSE(found(old).contains("list of versions"));
    EXPECT_TRUE(
        found(old + std::chrono::hours{1}).ends_with("; the list of versions is 180d 1h old, of 2026-09-15"))
        << found(old + std::chrono::hours{1});
    EXPECT_TRUE(maintained_k3s(table(), at("2027-06-01")).found.contains("the list of versions is"));
}

TEST(K3sAge, RefusesATableThatIsNotWhatItSays) {
    const auto with = [](std::string_view what, std::string_view instead) {
        std::string text(kTable);
        return text.replace(text.find(what), what.size(), instead);
    };
    const struct {
        std::string text;
        const char* part;
    } rows[] = {
        {with("as_of = \"2026-09-15\"", ""), "lack their date"},
        {"as_of = \"2026-09-15\"\n", "no row"},
        {with("\"1.36\"", "\"1.33\""), "row 2"},
        {with("\"1.36\"", "\"1.36.1x"), "line 10"},
        {with("end_of_life = \"2027-06-28\"", ""), "row 2"},
        {with("2027-06-28", "2025-06-28"), "row 2"},
        {with("2027-06-28", "soon"), "line 12"},
        {with("source", "sauce"), "line 8"},
        {with("\"page\"", "\"rumour\""), "line 8"},
        {with("# a comment", "nonsense"), "line 1"},
    };
    for (const auto& row : rows) {
        const auto parsed = parse_k3s_versions(row.text);
        ASSERT_FALSE(parsed.has_value()) << row.part;
        EXPECT_TRUE(parsed.error().message.contains(row.part))
            << parsed.error().message << " for " << row.part;
    }
}

TEST(K3sAge, TheEmbeddedTableIsSoundAndKnowsTheVersionsOfOurExamples) {
    const K3sVersions& versions = k3s_versions();
    EXPECT_GE(versions.minors.size(), 10U);
    for (const K3sMinor& row : versions.minors) EXPECT_LE(row.released, versions.as_of);
    const Check check = check_k3s("x", "v1.31.4+k3s1", versions, at("2026-11-22"));
    EXPECT_EQ(check.found,
              "v1.31.4+k3s1: no longer maintained since 2025-11-11, 6 minor versions behind 1.37");
}

}  // namespace
}  // namespace k3fleet::readiness
