#include "core/bootstrap/quote.h"

#include "base/text.h"

namespace k3fleet::bootstrap {

namespace {

Status check_bytes(std::string_view text) {
    if (text.contains('\0')) return fail(ErrorCode::InvalidArgument, "a text for a script holds a NUL");
    return {};
}

bool plain(std::string_view text) {
    return !text.empty() && text.find_first_not_of(
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./:@%+") == std::string_view::npos;
}

// A line that ends the document and is no line of it.
std::string end_mark(std::string_view content) {
    std::string mark = "END";
    const std::string lines = "\n" + std::string(content);
    while (lines.contains("\n" + mark + "\n")) mark += '_';
    return mark;
}

}  // namespace

Result<std::string> quote(std::string_view text) {
    K3F_TRY(check_bytes(text));
    if (plain(text)) return std::string(text);
    std::string word = "'";
    for (const char c : text) {
        if (c == '\'')
            word += "'\\''";
        else
            word += c;
    }
    return word + "'";
}

Result<std::string> assignment(std::string_view name, std::string_view value) {
    const std::string word = K3F_TRY(quote(value));
    return format("{}={}\n", name, word);
}

Result<std::string> put_file(std::string_view mode, std::string_view path, std::string_view content) {
    K3F_TRY(check_bytes(content));
    const std::string where = K3F_TRY(quote(path));
    std::string text(content);
    if (!text.ends_with('\n')) text += '\n';
    const std::string mark = end_mark(text);
    return format("put {} {} <<'{}'\n{}{}\n", mode, where, mark, text, mark);
}

}  // namespace k3fleet::bootstrap
