// Wildcards and variables of policies, against the definition of each: a table of which prefixes match which.
// An input is a pattern, a line end, a text, a line end, the value of the variable ${aws:username}.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "core/iam/pattern.h"

namespace {

using namespace k3fleet;

// A character, or '*' and '?' that mean something.
struct Sign {
    char character;
    bool wild;
};

// The signs of a pattern whose only variable is ${aws:username}; empty if it has others, or a broken one.
std::optional<std::vector<Sign>> signs_of(std::string_view pattern, std::string_view name) {
    std::vector<Sign> signs;
    while (!pattern.empty()) {
        constexpr std::string_view kName = "${aws:username}";
        if (pattern.starts_with(kName)) {
            for (const char c : name) signs.push_back({c, false});
            pattern.remove_prefix(kName.size());
        } else if (pattern.size() >= 4 && pattern.starts_with("${") && pattern[3] == '}' &&
                   std::string_view("*?$").contains(pattern[2])) {
            signs.push_back({pattern[2], false});
            pattern.remove_prefix(4);
        } else if (pattern.starts_with("${")) {
            return std::nullopt;
        } else {
            signs.push_back({pattern[0], pattern[0] == '*' || pattern[0] == '?'});
            pattern.remove_prefix(1);
        }
    }
    return signs;
}

// Whether the first i signs match the first j characters, for all i and j.
bool matches(const std::vector<Sign>& signs, std::string_view text) {
    std::vector<char> row(text.size() + 1, 0);
    row[0] = 1;
    for (const Sign& sign : signs) {
        std::vector<char> next(text.size() + 1, 0);
        const bool many = sign.wild && sign.character == '*';
        next[0] = many && row[0];
        for (std::size_t j = 1; j <= text.size(); ++j) {
            const bool one = sign.wild ? sign.character == '?' : sign.character == text[j - 1];
            next[j] = many ? (row[j] || next[j - 1]) : (row[j - 1] && one);
        }
        row = std::move(next);
    }
    return row[text.size()] != 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto line = [&] {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto found = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return found;
    };
    const auto pattern = line(), text = line();
    const std::string name(rest);
    if (pattern.size() > 200 || text.size() > 500) return 0;
    iam::Context context;
    context.set("aws:username", {name});
    const auto parsed = iam::Pattern::parse(pattern, iam::Meaning::All);
    const auto signs = signs_of(pattern, name);
    if (!signs) return 0;  // Other variables: parsed or refused, but never a crash.
    K3F_CHECK(parsed.has_value() && parsed->text() == pattern);
    K3F_CHECK(parsed->matches(text, context) == matches(*signs, text));
    // An ARN matches part by part: never what the same pattern would not match as a whole.
    K3F_CHECK(!parsed->matches_arn(text, context) || parsed->matches(text, context));
    const auto plain = iam::Pattern::parse(pattern, iam::Meaning::Plain);
    K3F_CHECK(plain && plain->matches(pattern, context) &&
              plain->matches(text, context) == (text == pattern));
    return 0;
}
