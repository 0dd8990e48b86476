// Bash is given a table of cases; zsh runs the bash script through bashcompinit; fish has its own declarative
// form.
#include "cli/completion.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace k3fleet::cli {

namespace {

bool takes_file(const Option& option) { return option.value == "FILE" || option.value == "DIR"; }

// In single quotes for every shell here; our own texts hold no backslash.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

// Every first part of a command ("", "autoscale") with the words that may follow.
std::vector<std::pair<std::string, std::vector<std::string>>> next_words(const CommandTable& table) {
    std::vector<std::pair<std::string, std::vector<std::string>>> out;
    const auto add = [&](const std::string& prefix, const std::string& word) {
        auto it = std::ranges::find(out, prefix, &std::pair<std::string, std::vector<std::string>>::first);
        if (it == out.end()) it = out.insert(out.end(), {prefix, {}});
        if (std::ranges::find(it->second, word) == it->second.end()) it->second.push_back(word);
    };
    for (const Command& command : table) {
        std::string prefix;
        for (const std::string& word : split(command.words, ' ')) {
            add(prefix, word);
            prefix += (prefix.empty() ? "" : " ") + word;
        }
    }
    return out;
}

std::vector<std::string> option_words(const std::vector<Option>& options) {
    std::vector<std::string> words;
    for (const Option& option : options) {
        words.push_back(option.name);
        if (!option.letter.empty()) words.push_back(option.letter);
    }
    return words;
}

// What may follow an option that takes a value.
std::string bash_value_cases(const std::vector<Option>& options, const std::string& indent) {
    std::string text;
    for (const Option& option : options) {
        if (option.flag()) continue;
        const std::string names = option.letter.empty() ? option.name : option.name + "|" + option.letter;
        std::string reply = "COMPREPLY=()";
        if (!option.allowed.empty())
            reply = format("COMPREPLY=($(compgen -W {} -- \"$word\"))", quoted(join(option.allowed, " ")));
        else if (takes_file(option))
            reply = "compopt -o default 2>/dev/null; COMPREPLY=()";
        text += format("{}{}) {}; return;;\n", indent, names, reply);
    }
    return text;
}

// Every option that takes a value, by name and letter: the word after it is no command.
std::vector<std::string> options_with_value(const CommandTable& table, const std::vector<Option>& globals) {
    std::vector<std::string> valued;
    const auto note = [&](const std::vector<Option>& options) {
        for (const Option& option : options) {
            if (option.flag()) continue;
            valued.push_back(option.name);
            if (!option.letter.empty()) valued.push_back(option.letter);
        }
    };
    note(globals);
    for (const Command& command : table) note(command.options);
    std::ranges::sort(valued);
    valued.erase(std::ranges::unique(valued).begin(), valued.end());
    return valued;
}

std::string bash_script(const CommandTable& table, const std::vector<Option>& globals) {
    std::string text =
        "# Completion of k3fleet for bash. Made by 'k3fleet completion bash'.\n"
        "_k3fleet() {\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    local command='' i=1 next=''\n"
        "    while [ \"$i\" -lt \"$COMP_CWORD\" ]; do\n"
        "        next=\"${COMP_WORDS[i]}\"\n"
        "        case \"$next\" in\n";
    text += format("            {}) i=$((i + 1));;\n", join(options_with_value(table, globals), "|"));
    text +=
        "            -*) ;;\n"
        "            *) case \"${command:+$command }$next\" in\n";
    std::set<std::string> chains;
    for (const Command& command : table) {
        std::string chain;
        for (const std::string& part : split(command.words, ' ')) {
            chain += (chain.empty() ? "" : " ") + part;
            chains.insert(chain);
        }
    }
    std::vector<std::string> patterns;
    for (const std::string& chain : chains) patterns.push_back(quoted(chain));
    text += format("                {}) command=\"${{command:+$command }}$next\";;\n", join(patterns, "|"));
    text +=
        "            esac;;\n"
        "        esac\n"
        "        i=$((i + 1))\n"
        "    done\n"
        "    case \"$command\" in\n";
    for (const Command& command : table) {
        const std::string cases = bash_value_cases(command.options, "            ");
        if (!cases.empty())
            text +=
                format("        {}) case \"$previous\" in\n{}        esac;;\n", quoted(command.words), cases);
    }
    text += "    esac\n    case \"$previous\" in\n" + bash_value_cases(globals, "        ") + "    esac\n";
    text += "    case \"$command\" in\n";
    const std::string everywhere = join(option_words(globals), " ") + " --help";
    for (const auto& [prefix, words] : next_words(table))
        text += format(
            "        {}) [[ \"$word\" == -* ]] || {{ COMPREPLY=($(compgen -W {} -- \"$word\")); return; "
            "}};;\n",
            quoted(prefix), quoted(join(words, " ")));
    for (const Command& command : table)
        for (const Option& argument : command.arguments) {
            if (!argument.allowed.empty())
                text += format(
                    "        {}) [[ \"$word\" == -* ]] || {{ COMPREPLY=($(compgen -W {} -- \"$word\")); "
                    "return; "
                    "}};;\n",
                    quoted(command.words), quoted(join(argument.allowed, " ")));
        }
    text += "    esac\n    local options=''\n    case \"$command\" in\n";
    for (const Command& command : table)
        if (!command.options.empty())
            text += format("        {}) options={};;\n", quoted(command.words),
                           quoted(join(option_words(command.options), " ")));
    text += format("    esac\n    COMPREPLY=($(compgen -W \"$options {}\" -- \"$word\"))\n}}\n", everywhere);
    return text + "complete -F _k3fleet k3fleet\n";
}

std::string zsh_script(const CommandTable& table, const std::vector<Option>& globals) {
    return "#compdef k3fleet\n# Completion of k3fleet for zsh. Made by 'k3fleet completion zsh'.\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash_script(table, globals);
}

std::string fish_option(const std::string& condition, const Option& option) {
    std::string text = format("complete -c k3fleet{} -l {}", condition, option.name.substr(2));
    if (!option.letter.empty()) text += " -s " + option.letter.substr(1);
    if (!option.flag()) text += takes_file(option) ? " -r -F" : " -x";
    if (!option.allowed.empty()) text += " -a " + quoted(join(option.allowed, " "));
    return text + " -d " + quoted(option.help) + "\n";
}

std::string fish_script(const CommandTable& table, const std::vector<Option>& globals) {
    std::string text =
        "# Completion of k3fleet for fish. Made by 'k3fleet completion fish'.\n"
        "complete -c k3fleet -f\n";
    const auto condition = [&](const std::string& prefix, const std::vector<std::string>& followers) {
        std::string test;
        for (const std::string& word : split(prefix, ' '))
            if (!word.empty())
                test += format("{}__fish_seen_subcommand_from {}", test.empty() ? "" : "; and ", word);
        if (!followers.empty())
            test += format("{}not __fish_seen_subcommand_from {}", test.empty() ? "" : "; and ",
                           join(followers, " "));
        return test.empty() ? std::string() : " -n " + quoted(test);
    };
    for (const auto& [prefix, words] : next_words(table)) {
        for (const std::string& word : words) {
            const std::string full = prefix.empty() ? word : format("{} {}", prefix, word);
            const auto it = std::ranges::find(table, full, &Command::words);
            text += format("complete -c k3fleet{} -a {} -d {}\n", condition(prefix, words), word,
                           quoted(it == table.end() ? full + " …" : it->summary));
        }
    }
    for (const Option& option : globals) text += fish_option("", option);
    for (const Command& command : table) {
        for (const Option& option : command.options)
            text += fish_option(condition(command.words, {}), option);
        for (const Option& argument : command.arguments)
            if (!argument.allowed.empty())
                text += format("complete -c k3fleet{} -a {}\n", condition(command.words, {}),
                               quoted(join(argument.allowed, " ")));
    }
    return text;
}

}  // namespace

std::string completion_script(Shell shell, const CommandTable& table, const std::vector<Option>& globals) {
    switch (shell) {
        case Shell::Bash: return bash_script(table, globals);
        case Shell::Zsh: return zsh_script(table, globals);
        case Shell::Fish: return fish_script(table, globals);
    }
    return "";
}

}  // namespace k3fleet::cli
