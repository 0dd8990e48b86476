// Golden files: reading, comparing, and a diff that shows at a glance what changed.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace k3fleet::testing_support {

namespace {

constexpr std::size_t kContext = 2;           // Unchanged lines shown around a change.
constexpr std::size_t kMaxTable = 4'000'000;  // Cells of the comparison; larger texts are shown whole.

struct Row {
    char mark;  // ' ' both, '-' expected only, '+' actual only
    std::string text;
};

// Longest common subsequence of lines, by the textbook table: the texts are small.
std::vector<Row> compare(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1, 0));
    for (std::size_t i = a.size(); i-- > 0;)
        for (std::size_t j = b.size(); j-- > 0;)
            common[i][j] =
                a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    std::vector<Row> rows;
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            rows.push_back({' ', a[i++]});
            ++j;
        } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
            rows.push_back({'-', a[i++]});
        } else {
            rows.push_back({'+', b[j++]});
        }
    }
    return rows;
}

bool updating() {
    const char* wish = std::getenv("K3FLEET_UPDATE_GOLDEN");
    return wish && std::string_view(wish) == "1";
}

}  // namespace

std::filesystem::path source_path(std::string_view relative) {
    return std::filesystem::path(K3F_SOURCE_DIR) / relative;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        ADD_FAILURE() << "cannot read " << path.string();
        return "";
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string line_diff(std::string_view expected, std::string_view actual) {
    if (expected == actual) return "";
    auto a = split(expected, '\n');
    auto b = split(actual, '\n');
    if (a.size() * b.size() > kMaxTable) return format("expected:\n{}\nactual:\n{}\n", expected, actual);
    auto rows = compare(a, b);
    std::string out;
    bool gap = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto from = i < kContext ? 0 : i - kContext;
        auto to = std::min(i + kContext + 1, rows.size());
        bool near_change = std::any_of(rows.begin() + static_cast<std::ptrdiff_t>(from),
                                       rows.begin() + static_cast<std::ptrdiff_t>(to),
                                       [](const Row& row) { return row.mark != ' '; });
        if (!near_change) {
            gap = true;
            continue;
        }
        if (gap && !out.empty()) out += "  ...\n";
        gap = false;
        out += format("{} {}\n", rows[i].mark, rows[i].text);
    }
    return out;
}

void expect_golden(std::string_view path, std::string_view actual) {
    auto file = source_path("tests/golden") / path;
    if (updating()) {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream out(file, std::ios::binary);
        out << actual;
        EXPECT_TRUE(out.good()) << "cannot write " << file.string();
        return;
    }
    if (!std::filesystem::exists(file)) {
        ADD_FAILURE() << "tests/golden/" << path
                      << " does not exist. Read this output; if it is right, run the test with "
                         "K3FLEET_UPDATE_GOLDEN=1:\n"
                      << actual;
        return;
    }
    auto diff = line_diff(read_file(file), actual);
    EXPECT_TRUE(diff.empty()) << "tests/golden/" << path << " differs (- golden, + now):\n"
                              << diff
                              << "If the new output is right, run the test with K3FLEET_UPDATE_GOLDEN=1.";
}

std::vector<std::string> golden_inputs(std::string_view folder, std::string_view extension) {
    auto root = source_path("tests/golden");
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root / folder, error))
        if (entry.path().extension() == extension)
            found.push_back(std::filesystem::relative(entry.path(), root).string());
    if (error) ADD_FAILURE() << "cannot list tests/golden/" << folder << ": " << error.message();
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace k3fleet::testing_support
