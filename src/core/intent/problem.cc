// Problems as text: the source line with a caret, masked where it may hold a secret.
#include "core/intent/problem.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace k3fleet::intent {

namespace {

constexpr std::size_t kLineShown = 100;  // Characters of a source line that are shown.
constexpr std::string_view kMask = "***";

// One character of UTF-8 at the front of the text: its length in bytes, or 0 if it is damaged or must not
// reach a terminal (control characters, changes of the writing direction).
std::size_t safe_character(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) return byte(0) < 0x20 || byte(0) == 0x7f ? 0 : 1;
    std::size_t length = byte(0) >= 0xf0 && byte(0) < 0xf5 ? 4
                         : byte(0) >= 0xe0                 ? 3
                         : byte(0) >= 0xc2                 ? 2
                                                           : 0;
    if (length == 0 || byte(0) >= 0xf5 || text.size() < length) return 0;
    unsigned code = byte(0) & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
        code = code << 6 | (byte(i) & 0x3fU);
    }
    bool direction = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                     (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0x061c;
    bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (code < 0xa0 || direction || overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
        return 0;
    return length;
}

struct Shown {
    std::string text;
    std::vector<std::size_t> start;  // Byte offset in the original of each shown character.
};

Shown sanitised(std::string_view text) {
    Shown shown;
    for (std::size_t at = 0; at < text.size();) {
        auto length = safe_character(text.substr(at));
        shown.start.push_back(at);
        if (length)
            shown.text += text.substr(at, length);
        else
            shown.text += text[at] == '\t' ? ' ' : '?';
        at += std::max<std::size_t>(length, 1);
    }
    return shown;
}

std::string_view line_of(std::string_view text, int line) {
    for (int n = 1; n < line; ++n) {
        auto end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    auto row = text.substr(0, text.find('\n'));
    if (row.ends_with('\r')) row.remove_suffix(1);
    return row;
}

// Byte from which a line must not be shown, judging by its own words:
// behind the ':' of a key that sounds secret.
std::optional<std::size_t> secret_from(std::string_view row) {
    for (auto colon = row.find(':'); colon != std::string_view::npos; colon = row.find(':', colon + 1)) {
        auto key = trim(row.substr(0, colon));
        if (key.ends_with('"') || key.ends_with('\'')) key.remove_suffix(1);
        auto begin = key.find_last_of(" \t{,\"'[");
        if (sounds_secret(begin == std::string_view::npos ? key : key.substr(begin + 1)))
            return std::min(row.find_first_not_of(' ', colon + 1), row.size());
    }
    // user:password@ in an address.
    auto scheme = row.find("://");
    auto at = scheme == std::string_view::npos ? scheme : row.find('@', scheme);
    if (at != std::string_view::npos) return scheme + 3;
    return std::nullopt;
}

// Characters of the row as it is shown; each stands for one character of the file.
std::size_t index_of(const Shown& shown, std::size_t byte) {
    return static_cast<std::size_t>(std::lower_bound(shown.start.begin(), shown.start.end(), byte) -
                                    shown.start.begin());
}

std::size_t column_index(Position position, const Shown& shown) {
    return std::min(static_cast<std::size_t>(std::max(position.column, 1) - 1), shown.start.size());
}

void show_line(Problem& problem, std::string_view text, const std::vector<Position>& secrets) {
    if (problem.position.line < 1) return;
    auto row = line_of(text, problem.position.line);
    auto shown = sanitised(row);
    auto length = shown.start.size();
    auto hidden = length;  // Characters from here on are not shown.
    if (auto from = secret_from(row)) hidden = index_of(shown, *from);
    for (auto secret : secrets)
        if (secret.line == problem.position.line) hidden = std::min(hidden, column_index(secret, shown));
    auto caret = column_index(problem.position, shown);
    problem.source_line = shown.text;
    if (hidden < length) {
        problem.source_line = sanitised(row.substr(0, shown.start[hidden])).text;
        caret = std::min(caret, hidden);
        problem.source_line += kMask;
    }
    // A long line is cut, and where the caret would be past the cut the words have to do.
    problem.source_line = visible(problem.source_line, kLineShown);
    problem.caret = caret < kLineShown && !trim(problem.source_line).empty() ? static_cast<int>(caret) : -1;
}

}  // namespace

std::string visible(std::string_view text, std::size_t most) {
    std::string out;
    std::size_t shown = 0;
    for (std::size_t at = 0; at < text.size(); ++shown) {
        if (shown == most) return out + "…";
        auto length = safe_character(text.substr(at));
        if (length)
            out += text.substr(at, length);
        else
            out += '?';
        at += std::max<std::size_t>(length, 1);
    }
    return out;
}

bool sounds_secret(std::string_view key) {
    std::string plain;
    for (char c : key)
        if (c != '_' && c != '-' && c != '.') plain += lower(c);
    constexpr std::array<std::string_view, 14> kWords = {
        "password", "passwd",    "passphrase", "secret",     "secrets",     "token",       "bearertoken",
        "apikey",   "accesskey", "secretkey",  "privatekey", "credentials", "accesskeyid", "secretaccesskey"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return plain == word || plain.ends_with(word); });
}

void add_source(std::vector<Problem>& problems, std::string_view text, const std::vector<Position>& secrets) {
    for (auto& problem : problems) show_line(problem, text, secrets);
}

std::string describe(const Problem& problem, std::string_view file) {
    std::string out(file);
    if (problem.position.line > 0) out += format(":{}:{}", problem.position.line, problem.position.column);
    out += ": ";
    if (!problem.path.empty()) out += problem.path + ": ";
    out += problem.message + "\n";
    if (problem.caret >= 0) {
        auto row = std::string_view(problem.source_line);
        auto indent = std::min(row.find_first_not_of(' '), static_cast<std::size_t>(problem.caret));
        out += format("    {}\n    {}^\n", row.substr(indent),
                      std::string(static_cast<std::size_t>(problem.caret) - indent, ' '));
    }
    if (!problem.allowed.empty()) out += format("  allowed: {}\n", problem.allowed);
    if (!problem.remedy.empty()) out += format("  remedy: {}\n", problem.remedy);
    return out;
}

std::string describe(const std::vector<Problem>& problems, std::string_view file) {
    std::string out;
    for (const auto& problem : problems) out += describe(problem, file);
    return out;
}

std::string describe(const ReadError& error, std::string_view file) {
    auto total = static_cast<long long>(error.problems.size()) + error.left_out;
    auto out = describe(error.problems, file);
    if (error.left_out > 0)
        return out + format("{} in {}; the first {} are shown", counted(total, "problem"), file,
                            error.problems.size());
    return out + format("{} in {}", counted(total, "problem"), file);
}

Error to_error(const ReadError& error, std::string_view file) {
    return Error{.code = ErrorCode::InvalidArgument, .message = describe(error, file)};
}

}  // namespace k3fleet::intent
