// Golden files: an output that a person once read and found good, and that must not change unseen.
// They live below tests/golden. To accept new output run the tests with K3FLEET_UPDATE_GOLDEN=1, then read
// the diff in git before you commit it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace k3fleet::testing_support {

// The checkout's root, for tests that read files of the tree.
std::filesystem::path source_path(std::string_view relative);

// The whole file; a test failure and an empty text if it cannot be read.
std::string read_file(const std::filesystem::path& path);

// Compares byte for byte with tests/golden/PATH; the failure shows the lines that differ. A missing golden
// file is a failure too. With K3FLEET_UPDATE_GOLDEN=1 the file is written instead.
void expect_golden(std::string_view path, std::string_view actual);

// Files below tests/golden/FOLDER with this extension (".yaml"), as paths below tests/golden, sorted.
std::vector<std::string> golden_inputs(std::string_view folder, std::string_view extension);

// The lines that differ, "-" expected and "+" actual, with two lines around each; empty if there is none.
std::string line_diff(std::string_view expected, std::string_view actual);

}  // namespace k3fleet::testing_support
