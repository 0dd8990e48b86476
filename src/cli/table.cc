// Column widths and colours.
#include "cli/table.h"

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::cli {

namespace {

struct Range {
    char32_t first, last;
};

// Combining marks and invisible characters (Unicode categories Mn, Me and Cf, the blocks in common use).
constexpr Range kZeroWidth[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},
                                {0x064b, 0x065f}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
                                {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x2028, 0x202e},
                                {0x2060, 0x2064}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
                                {0xfeff, 0xfeff}};
// East Asian Wide and Fullwidth (https://www.unicode.org/reports/tr11/), and emoji.
constexpr Range kDoubleWidth[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

template <std::size_t N>
bool within(char32_t c, const Range (&ranges)[N]) {
    return std::ranges::any_of(ranges, [c](Range r) { return c >= r.first && c <= r.last; });
}

// One character and its length in bytes; a byte that is no UTF-8 counts as a character of its own.
struct Decoded {
    char32_t character;
    std::size_t bytes;
    bool valid;
};

Decoded decode(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {lead, 1, false};
    char32_t c = lead & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((at(i) & 0xc0U) != 0x80) return {lead, 1, false};
        c = (c << 6) | (at(i) & 0x3fU);
    }
    return {c, size, true};
}

std::string padded(const std::string& text, int width, Align align, Tone tone, Colours colours) {
    const std::string blanks(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
    const std::string painted = paint(text, tone, colours);
    return align == Align::Right ? blanks + painted : painted + blanks;
}

}  // namespace

std::string paint(std::string_view text, Tone tone, Colours colours) {
    if (colours == Colours::Plain || tone == Tone::Normal || text.empty()) return std::string(text);
    const std::string_view code = tone == Tone::Strong    ? "1"
                                  : tone == Tone::Faint   ? "2"
                                  : tone == Tone::Good    ? "32"
                                  : tone == Tone::Warning ? "33"
                                                          : "31";
    return format("\x1b[{}m{}\x1b[0m", code, text);
}

int display_width(std::string_view utf8) {
    int width = 0;
    while (!utf8.empty()) {
        const Decoded next = decode(utf8);
        utf8.remove_prefix(next.bytes);
        if (next.valid && within(next.character, kZeroWidth)) continue;
        width += next.valid && within(next.character, kDoubleWidth) ? 2 : 1;
    }
    return width;
}

std::string printable(std::string_view text) {
    std::string clean;
    while (!text.empty()) {
        const Decoded next = decode(text);
        const bool control = next.character < 0x20 || (next.character >= 0x7f && next.character < 0xa0);
        if (!next.valid || control)
            clean += format("\\x{:02x}", static_cast<std::uint32_t>(next.character));
        else
            clean += text.substr(0, next.bytes);
        text.remove_prefix(next.bytes);
    }
    return clean;
}

std::string wrap(std::string_view text, int width, int indent) {
    std::string out;
    int column = indent;
    for (const std::string& word : split(text, ' ')) {
        const int size = display_width(word);
        if (column > indent && column + 1 + size > width) {
            out += '\n' + std::string(static_cast<std::size_t>(indent), ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += size;
    }
    return out;
}

void Table::row(std::vector<Cell> cells) {
    K3F_CHECK(cells.size() == columns_.size());
    for (Cell& cell : cells) cell.text = printable(cell.text);
    rows_.push_back(std::move(cells));
}

std::string Table::render(Colours colours) const {
    std::vector<int> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        int width = display_width(columns_[c].title);
        for (const auto& cells : rows_) width = std::max(width, display_width(cells[c].text));
        widths.push_back(width);
    }
    const auto line = [&](const std::vector<Cell>& cells) {
        std::string text;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            const bool last = c + 1 == cells.size();
            const int width = last && columns_[c].align == Align::Left ? 0 : widths[c];
            text += padded(cells[c].text, width, columns_[c].align, cells[c].tone, colours);
            if (!last) text += "  ";
        }
        return text.erase(text.find_last_not_of(' ') + 1) + '\n';
    };
    std::vector<Cell> titles;
    for (const Column& column : columns_) titles.emplace_back(column.title, Tone::Faint);
    std::string text = line(titles);
    for (const auto& cells : rows_) text += line(cells);
    return text;
}

}  // namespace k3fleet::cli
