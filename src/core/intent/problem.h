// What is wrong with a file, where, what would be right and what to do: for a person who wants to go on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/value.h"

namespace k3fleet::intent {

struct Problem {
    Position position;    // Line 0: the file as a whole.
    std::string path;     // "spec.pools[1].max"; empty for the file as a whole.
    std::string message;  // What is wrong: "1 is less than min (2)".
    std::string allowed;  // May be empty.
    std::string remedy;   // May be empty.
    // The line of the file, fit to be shown: no control characters, and values that look secret are masked.
    std::string source_line;
    int caret = 0;  // From 0, in characters of source_line; -1: no place in the line.

    friend bool operator==(const Problem&, const Problem&) = default;
};

struct ReadError {
    std::vector<Problem> problems;  // At least one, in the order of the file, at most kMaxProblems.
    int left_out = 0;               // How many more there were.
};

inline constexpr int kMaxProblems = 50;

// "cluster.yaml:12:10: spec.pools[0].max: 1 is less than min (2)", the source line with a caret, what is
// allowed and the remedy; each on its own line. `file` is the name the user typed.
std::string describe(const Problem& problem, std::string_view file);
std::string describe(const std::vector<Problem>& problems, std::string_view file);
// All problems, then one line with their number.
std::string describe(const ReadError& error, std::string_view file);
// InvalidArgument with describe() as its message.
Error to_error(const ReadError& error, std::string_view file);

// Text of a user made safe for a terminal: control and direction characters become '?', and what is longer
// than `most` characters is cut with an ellipsis.
std::string visible(std::string_view text, std::size_t most = 60);

// Sets source_line and caret of each problem from the file's text. From each of `secrets` to the end of its
// line nothing is shown.
void add_source(std::vector<Problem>& problems, std::string_view text, const std::vector<Position>& secrets);

// Whether a key of this name would hold a secret: "password", "api_key", "bearerToken" …
bool sounds_secret(std::string_view key);

}  // namespace k3fleet::intent
