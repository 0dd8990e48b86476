// What becomes of any text on its way into a shell script: read back by the rules of POSIX shells (2.2
// Quoting, 2.7.4 Here-Document), it is the text, one word, with nothing before, behind or inside that a shell
// would act on. The properties of quote_test.cc ask a real bash the same; this one asks far more often.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "core/bootstrap/documents.h"
#include "core/bootstrap/quote.h"

namespace {

// The text of a word made of plain characters, '…' and \'. Anything else is a hole.
std::string unquote(std::string_view word) {
    constexpr std::string_view kSpecial = " \t\n|&;<>()$`\\\"'*?[]#~=!{}";
    std::string text;
    while (!word.empty()) {
        if (word.front() == '\'') {
            const auto end = word.find('\'', 1);
            K3F_CHECK(end != std::string_view::npos);
            text += word.substr(1, end - 1);
            word.remove_prefix(end + 1);
        } else if (word.starts_with("\\'")) {
            text += '\'';
            word.remove_prefix(2);
        } else {
            K3F_CHECK(!kSpecial.contains(word.front()));
            text += word.front();
            word.remove_prefix(1);
        }
    }
    return text;
}

// The body of `put MODE PATH <<'MARK'`, up to the first line that is the mark; behind it there is nothing.
std::string body(std::string_view lines) {
    constexpr std::string_view kHead = "put 0644 /a <<'";
    K3F_CHECK(lines.starts_with(kHead));
    lines.remove_prefix(kHead.size());
    const std::string mark(lines.substr(0, lines.find('\'')));
    K3F_CHECK(!mark.empty() && mark.find_first_not_of("END_") == std::string::npos);
    lines.remove_prefix(mark.size() + 2);
    std::string text;
    while (true) {
        const auto end = lines.find('\n');
        K3F_CHECK(end != std::string_view::npos);
        const auto line = lines.substr(0, end);
        lines.remove_prefix(end + 1);
        if (line == mark) break;
        text += std::string(line) + "\n";
    }
    K3F_CHECK(lines.empty());
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto word = k3fleet::bootstrap::quote(text);
    const auto file = k3fleet::bootstrap::put_file("0644", "/a", text);
    K3F_CHECK(word.has_value() == !text.contains('\0') && file.has_value() == word.has_value());
    if (word) {
        K3F_CHECK(!word->empty() && unquote(*word) == text);
        K3F_CHECK(body(*file) == (text.ends_with('\n') ? text : text + "\n"));
    }
    // A document whose placeholder becomes this text still has one member.
    const auto document = k3fleet::bootstrap::fill("a: '{{x}}'", {{"{{x}}", text}});
    K3F_CHECK(!document || document->starts_with("a:"));
    return 0;
}
