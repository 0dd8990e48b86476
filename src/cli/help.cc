// Layout of help texts.
#include "cli/help.h"

#include <algorithm>

#include "base/text.h"
#include "cli/table.h"

namespace k3fleet::cli {

namespace {

constexpr int kMargin = 2;
constexpr int kWidestTerm = 30;

struct Line {
    std::string term;
    std::string text;
};

// Terms on the left, what they mean on the right, in one column each.
std::string definitions(const std::vector<Line>& lines, int width) {
    int column = 0;
    for (const Line& line : lines) column = std::max(column, std::min(display_width(line.term), kWidestTerm));
    column += kMargin + 2;
    std::string text;
    for (const Line& line : lines) {
        std::string left = std::string(kMargin, ' ') + line.term;
        const int size = display_width(left);
        left += size + 2 > column ? '\n' + std::string(static_cast<std::size_t>(column), ' ')
                                  : std::string(static_cast<std::size_t>(column - size), ' ');
        text += left + wrap(line.text, width, column) + '\n';
    }
    return text;
}

std::string term(const Option& option, std::string_view letter_room) {
    const std::string letter = option.letter.empty() ? std::string(letter_room) : option.letter + ", ";
    if (!option.name.starts_with("--")) return option.name;
    return letter + option.name + (option.flag() ? "" : " " + option.value);
}

std::string explanation(const Option& option) {
    std::string text = option.help;
    if (!option.allowed.empty()) text += format(": {}", join(option.allowed, ", "));
    std::vector<std::string> notes;
    if (option.need == Option::Need::Required && option.name.starts_with("--"))
        notes.emplace_back("required");
    if (option.uses == Option::Uses::Many) notes.emplace_back("may be repeated");
    if (!option.fallback.empty()) notes.push_back("default " + option.fallback);
    if (!option.variable.empty()) notes.push_back("or " + option.variable);
    return notes.empty() ? text : format("{} ({})", text, join(notes, "; "));
}

std::string options_text(const std::vector<Option>& options, int width) {
    const bool letters = std::ranges::any_of(options, [](const Option& o) { return !o.letter.empty(); });
    std::vector<Line> lines;
    for (const Option& option : options)
        lines.push_back({term(option, letters ? "    " : ""), explanation(option)});
    return definitions(lines, width);
}

std::string heading(Purpose purpose) {
    switch (purpose) {
        case Purpose::Start: return "Start here";
        case Purpose::Clusters: return "Clusters and what they cost";
        case Purpose::Scaling: return "Scaling workers";
        case Purpose::History: return "What happened, and why";
        case Purpose::Rehearsal: return "Rehearsing on the simulated cloud";
        case Purpose::Program: return "The program itself";
    }
    return "";
}

std::string usage_line(const Command& command) {
    std::string text = "k3fleet " + command.words;
    for (const Option& argument : command.arguments)
        if (argument.uses == Option::Uses::Many)
            text += " -- " + argument.name + "...";
        else
            text +=
                argument.need == Option::Need::Required ? " " + argument.name : " [" + argument.name + "]";
    for (const Option& option : command.options)
        if (option.need == Option::Need::Required)
            text += " " + (option.letter.empty() ? option.name : option.letter) + " " + option.value;
    const bool more = std::ranges::any_of(command.options,
                                          [](const Option& o) { return o.need == Option::Need::Optional; });
    return more ? text + " [options]" : text;
}

// Lines that begin with a blank stay as they are: they are laid out by hand.
std::string paragraphs(const std::string& text, int width) {
    std::string out;
    for (const std::string& line : split(text, '\n'))
        out += (line.starts_with(' ') ? line : wrap(line, width, 0)) + "\n";
    return out;
}

}  // namespace

std::string program_help(const CommandTable& table, const std::vector<Option>& globals, int width) {
    std::string text = paragraphs(
        "k3fleet creates, scales and secures K3s clusters on AWS. This version scales "
        "workers, on a simulated cloud or against your own Prometheus and Kubernetes API, "
        "and shows what it would have done on your recorded load.",
        width);
    text += "\nUsage: k3fleet COMMAND [options]\n";
    for (const Purpose purpose : {Purpose::Start, Purpose::Clusters, Purpose::Scaling, Purpose::History,
                                  Purpose::Rehearsal, Purpose::Program}) {
        std::vector<Line> lines;
        for (const Command& command : table)
            if (command.purpose == purpose) lines.push_back({command.words, command.summary});
        if (!lines.empty()) text += "\n" + heading(purpose) + "\n" + definitions(lines, width);
    }
    text += "\nGlobal options (flag > variable > context > file > default)\n" + options_text(globals, width);
    text +=
        "\nExit codes: 0 done, 1 usage, 2 internal error, 3 findings or differences, 4 incomplete,\n"
        "5 refused or blocked, 6 another process holds the lease, 130 interrupted.\n"
        "\n'k3fleet COMMAND --help' explains a command and shows examples.\n";
    return text;
}

std::string command_help(const Command& command, const std::vector<Option>& globals, int width) {
    std::string text = format("{}.\n\nUsage: {}\n", command.summary, usage_line(command));
    if (!command.about.empty()) text += "\n" + paragraphs(command.about, width);
    if (!command.arguments.empty()) text += "\nArguments\n" + options_text(command.arguments, width);
    if (!command.options.empty()) text += "\nOptions\n" + options_text(command.options, width);
    if (!command.exits.empty()) {
        std::vector<Line> lines;
        for (const auto& [code, meaning] : command.exits)
            lines.push_back({std::to_string(static_cast<int>(code)), meaning});
        text += "\nExit codes\n" + definitions(lines, width);
    }
    if (!command.examples.empty()) {
        text += "\nExamples\n";
        for (const Example& example : command.examples)
            text += format("  # {}\n  k3fleet {}\n", example.what, example.line);
    }
    std::vector<std::string> names;
    for (const Option& option : globals) names.push_back(option.letter.empty() ? option.name : option.letter);
    text +=
        "\n" + wrap(format("Global options: {}; see 'k3fleet --help'.", join(names, ", ")), width, 0) + "\n";
    return text;
}

std::string group_help(const CommandTable& table, std::string_view words, int width) {
    std::string text = format("Usage: k3fleet {} COMMAND [options]\n\n", words);
    std::vector<Line> lines;
    for (const Command& command : table)
        if (command.words.starts_with(std::string(words) + " "))
            lines.push_back({command.words, command.summary});
    text += definitions(lines, width);
    text += format("\n'k3fleet {} COMMAND --help' explains a command and shows examples.\n", words);
    return text;
}

}  // namespace k3fleet::cli
