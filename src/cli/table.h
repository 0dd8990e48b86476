// Aligned tables and coloured words. Widths are counted in terminal columns, not in bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace k3fleet::cli {

// Whether colours are written. Plain for files, pipes and NO_COLOR.
enum class Colours { Plain, Ansi };

enum class Tone { Normal, Strong, Faint, Good, Warning, Bad };

std::string paint(std::string_view text, Tone tone, Colours colours);

// Columns the text takes on a terminal: combining marks none, East Asian wide characters two.
int display_width(std::string_view utf8);

// The text with control characters made visible: names come from outside and must not move the cursor.
std::string printable(std::string_view text);

// Breaks running text at blanks; every line after the first starts with `indent` blanks.
std::string wrap(std::string_view text, int width, int indent);

struct Cell {
    std::string text;
    Tone tone = Tone::Normal;

    Cell(std::string words, Tone how = Tone::Normal) : text(std::move(words)), tone(how) {}
    Cell(std::string_view words, Tone how = Tone::Normal) : text(words), tone(how) {}
    Cell(const char* words, Tone how = Tone::Normal) : text(words), tone(how) {}
};

enum class Align { Left, Right };

struct Column {
    std::string title;
    Align align = Align::Left;
};

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    // As many cells as columns.
    void row(std::vector<Cell> cells);
    bool empty() const { return rows_.empty(); }
    // Titles in capitals, two blanks between columns, no blanks at the end of a line.
    std::string render(Colours colours) const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace k3fleet::cli
