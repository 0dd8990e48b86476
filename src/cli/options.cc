// The only user of CLI11, which splits the words; every message and every conversion is ours.
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "base/text.h"

namespace k3fleet::cli {

namespace {

// An option of ours and CLI11's record of how often it was given.
struct Declared {
    const Option* ours;
    CLI::Option* theirs;
};

struct Node {
    CLI::App* app = nullptr;
    const Command* command = nullptr;
    std::vector<Declared> options;
};

std::string help_hint(const std::string& words) {
    return format("see 'k3fleet {}--help'", words.empty() ? "" : words + " ");
}

std::unexpected<Error> usage(const std::string& words, const std::string& what,
                             const std::string& advice = "") {
    return fail(ErrorCode::InvalidArgument,
                what + (advice.empty() ? "" : "\n" + advice) + "\n" + help_hint(words));
}

Declared declare(CLI::App& app, const Option& option) {
    const std::string names = option.letter.empty() ? option.name : option.letter + "," + option.name;
    if (option.flag()) return {&option, app.add_flag(names)};
    CLI::Option* added = app.add_option(names);
    added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    added->expected(1);
    return {&option, added};
}

// The words of all commands as a tree of CLI11 apps.
class Tree {
public:
    Tree(const CommandTable& table, const std::vector<Option>& globals) : root_("", "k3fleet") {
        prepare(root_);
        help_ = root_.add_flag("-h,--help");
        nodes_[""].app = &root_;
        for (const Option& option : globals) nodes_[""].options.push_back(declare(root_, option));
        for (const Command& command : table) add(command);
    }

    CLI::App& root() { return root_; }
    bool help_wanted() const { return help_->count() > 0; }

    // The longest chain of words that was recognised.
    std::string recognised() const {
        std::string words;
        for (const CLI::App* app = &root_; !app->get_subcommands().empty();) {
            app = app->get_subcommands().front();
            words += (words.empty() ? "" : " ") + app->get_name();
        }
        return words;
    }
    const Node& node(const std::string& words) const { return nodes_.at(words); }

    // What may follow the words, for "did you mean".
    std::vector<std::string> following(const std::string& words) const {
        std::vector<std::string> names;
        for (const CLI::App* app : node(words).app->get_subcommands({})) names.push_back(app->get_name());
        return names;
    }

private:
    static void prepare(CLI::App& app) {
        app.set_help_flag();
        app.allow_extras();
        app.fallthrough();
        // Without the limit a cluster called "list" would be taken for the command.
        app.require_subcommand(0, 1);
    }

    void add(const Command& command) {
        std::string words;
        CLI::App* parent = &root_;
        for (const std::string& word : split(command.words, ' ')) {
            words += (words.empty() ? "" : " ") + word;
            Node& node = nodes_[words];
            if (node.app == nullptr) {
                node.app = parent->add_subcommand(word);
                prepare(*node.app);
            }
            parent = node.app;
        }
        Node& leaf = nodes_[words];
        leaf.command = &command;
        for (const Option& option : command.options) leaf.options.push_back(declare(*leaf.app, option));
        for (const Option& argument : command.arguments) leaf.options.push_back(declare(*leaf.app, argument));
    }

    CLI::App root_;
    CLI::Option* help_ = nullptr;
    std::map<std::string, Node> nodes_;
};

std::string spelled(const Option& option) {
    return option.name.starts_with("--") ? format("option {}", option.name) : option.name;
}

// Words nobody expected: an unknown option, an unknown command, or one argument too many.
std::unexpected<Error> unexpected_word(const Tree& tree, const std::string& words, const std::string& word,
                                       const std::vector<Option>& globals) {
    const Node& node = tree.node(words);
    if (word.size() > 1 && word.starts_with("-")) {
        std::vector<std::string> names{"--help"};
        for (const Declared& option : node.options)
            if (option.ours->name.starts_with("--")) names.push_back(option.ours->name);
        for (const Option& option : globals) names.push_back(option.name);
        const std::string given = word.substr(0, word.find('='));
        const std::string meant = nearest(given, names);
        return usage(words,
                     format("'{}' has no option {}", words.empty() ? "k3fleet" : "k3fleet " + words, given),
                     meant.empty() ? "" : format("did you mean {}?", meant));
    }
    if (node.command == nullptr) {
        const std::vector<std::string> names = tree.following(words);
        const std::string prefix = words.empty() ? "" : words + " ";
        const std::string meant = nearest(word, names);
        const std::string advice =
            meant.empty()
                ? format("{} {}", words.empty() ? "commands:" : "it may be one of:", join(names, ", "))
                : format("did you mean 'k3fleet {}{}'?", prefix, meant);
        return usage(words, format("there is no command '{}{}'", prefix, word), advice);
    }
    return usage(words, format("'k3fleet {}' does not take '{}'", words, word),
                 node.command->arguments.empty() ? "it takes options only" : "");
}

Status take(const Declared& option, const std::string& words) {
    const Option& ours = *option.ours;
    const auto& given = option.theirs->results();
    if (option.theirs->count() == 0) {
        if (ours.need == Option::Need::Required)
            return usage(words, format("{} is missing", spelled(ours)),
                         format("{}: {}", ours.name, ours.help));
        return {};
    }
    if (ours.flag()) return ours.set("");
    if (given.size() > 1 && ours.uses == Option::Uses::Once)
        return usage(words, format("{} is given more than once", spelled(ours)));
    for (const std::string& text : given) {
        if (!ours.allowed.empty() && std::ranges::find(ours.allowed, text) == ours.allowed.end()) {
            const std::string meant = nearest(text, ours.allowed);
            return usage(words,
                         format("{} cannot be '{}'{}", spelled(ours), text,
                                meant.empty() ? "" : format("; did you mean {}?", meant)),
                         format("allowed: {}", join(ours.allowed, ", ")));
        }
        if (auto set = ours.set(text); !set)
            return usage(words, format("{}: {}", spelled(ours), set.error().message));
    }
    return {};
}

// CLI11 starts its messages with the option's name.
std::unexpected<Error> missing_value(const Node& node, const Node& root, const std::string& words,
                                     const std::string& message) {
    const std::string name = message.substr(0, message.find(':'));
    for (const Node* where : {&node, &root})
        for (const Declared& option : where->options)
            if (option.ours->name == name)
                return usage(words, format("option {} needs a value: {}", name, option.ours->value),
                             format("{}: {}", name, option.ours->help));
    return usage(words, message);
}

// The words behind "--", by the command that passes them on.
Status take_behind(const Node& node, const std::string& words, const std::vector<std::string>& behind) {
    const Option* last = nullptr;
    if (node.command != nullptr && !node.command->arguments.empty()) last = &node.command->arguments.back();
    if (last == nullptr || last->uses != Option::Uses::Many)
        return usage(words, format("'k3fleet {}' passes nothing on, so nothing may stand behind --", words));
    for (const std::string& word : behind) K3F_TRY(last->set(word));
    return {};
}

}  // namespace

Result<Invocation> parse(const CommandTable& table, const std::vector<Option>& globals,
                         const std::vector<std::string>& arguments) {
    Tree tree(table, globals);
    // What is behind "--" is another program's, whatever it looks like.
    const auto end = std::ranges::find(arguments, "--");
    // CLI11 takes the words last first.
    std::vector<std::string> reversed(std::make_reverse_iterator(end), arguments.rend());
    std::string refused;
    try {
        tree.root().parse(reversed);
    } catch (const CLI::ParseError& error) {
        refused = error.what();
        if (refused.empty()) refused = error.get_name();
    }
    Invocation invocation;
    invocation.words = tree.recognised();
    const Node& node = tree.node(invocation.words);
    invocation.command = node.command;
    const bool help = tree.help_wanted() || std::find(arguments.begin(), end, "--help") != end;
    std::vector<std::string> extras;
    if (refused.empty()) extras = tree.root().remaining(true);
    const auto word = std::ranges::find_if(extras, [](const auto& text) { return !text.starts_with("-"); });
    if (node.command == nullptr && word != extras.end())
        return unexpected_word(tree, invocation.words, *word, globals);
    if (help) {
        invocation.wants = Invocation::Wants::Help;
        return invocation;
    }
    if (!refused.empty()) return missing_value(node, tree.node(""), invocation.words, refused);
    if (!extras.empty()) return unexpected_word(tree, invocation.words, extras.front(), globals);
    for (const Declared& option : tree.node("").options) K3F_TRY(take(option, invocation.words));
    if (!invocation.words.empty())
        for (const Declared& option : node.options) K3F_TRY(take(option, invocation.words));
    if (end != arguments.end()) K3F_TRY(take_behind(node, invocation.words, {end + 1, arguments.end()}));
    return invocation;
}

}  // namespace k3fleet::cli
