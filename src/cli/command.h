// A command as data: its words, what it says about itself, its options bound to fields, and what it runs.
//
// Parsing, help, completion and the reference all read this one description, so none of them can drift apart.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "cli/exit_code.h"

namespace k3fleet::cli {

struct Session;

// Takes the text given for an option; InvalidArgument says what it must look like.
using Setter = std::function<Status(std::string_view)>;

// How a text becomes a field of an options struct.
Setter bind(std::string& field);
Setter bind(std::optional<std::string>& field);
Setter bind(std::int64_t& field);
Setter bind(std::optional<std::int64_t>& field);
Setter bind(std::optional<double>& field);
Setter bind(Duration& field);
Setter bind(std::optional<Duration>& field);
Setter bind(std::optional<Timestamp>& field);
Setter bind(std::vector<std::string>& field);  // Each use of the option adds one.
Setter bind(bool& field);                      // A flag: its presence sets it.

struct Option {
    std::string name;      // "--every"; of an argument its placeholder: "CLUSTER".
    std::string letter;    // "-f", or empty.
    std::string value;     // Placeholder of the value: "DURATION". Empty for a flag.
    std::string help;      // What it does, without a full stop at the end.
    std::string fallback;  // The default as a person would write it; empty if there is none to show.
    std::string variable;  // Environment variable with the same meaning, for help; empty if none.
    std::vector<std::string> allowed;  // The only values; empty = any.
    enum class Need { Optional, Required } need = Need::Optional;
    enum class Uses { Once, Many } uses = Uses::Once;
    Setter set;

    bool flag() const { return value.empty(); }

    // For tables of options written as one expression.
    Option& short_name(std::string text) { return letter = std::move(text), *this; }
    Option& default_is(std::string text) { return fallback = std::move(text), *this; }
    Option& from_variable(std::string text) { return variable = std::move(text), *this; }
    Option& one_of(std::vector<std::string> values) { return allowed = std::move(values), *this; }
    Option& required() { return need = Need::Required, *this; }
    Option& repeatable() { return uses = Uses::Many, *this; }
};

struct Example {
    std::string line;  // Without "k3fleet".
    std::string what;
};

// What a command does to the world: Changes refuses to run without a chosen cloud, and opens with the banner.
enum class Effect { Reads, Changes };

// The headings of the top-level help, in its order.
enum class Purpose { Start, Clusters, Scaling, History, Rehearsal, Program };

struct Command {
    std::string words;  // "autoscale run"
    Purpose purpose = Purpose::Program;
    Effect effect = Effect::Reads;
    std::string summary;  // One line of the top-level help; no full stop.
    std::string about;    // A paragraph or two: what it does, what it leaves, when to use it.
    std::vector<Option> options;
    std::vector<Option> arguments;
    std::vector<Example> examples;
    std::vector<std::pair<ExitCode, std::string>> exits;  // What its exit codes mean here, where that helps.
    std::function<Result<ExitCode>(Session&)> run;

    template <typename Field>
    Option& option(std::string name, std::string value, Field& field, std::string help) {
        Setter set = bind(field);
        return options.emplace_back(Option{.name = std::move(name),
                                           .value = std::move(value),
                                           .help = std::move(help),
                                           .set = std::move(set)});
    }
    template <typename Field>
    Option& flag(std::string name, Field& field, std::string help) {
        return option(std::move(name), "", field, std::move(help));
    }
    template <typename Field>
    Option& argument(const std::string& placeholder, Field& field, std::string help) {
        Setter set = bind(field);
        return arguments.emplace_back(Option{
            .name = placeholder, .value = placeholder, .help = std::move(help), .set = std::move(set)});
    }
};

using CommandTable = std::vector<Command>;

}  // namespace k3fleet::cli
