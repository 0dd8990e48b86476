// The order of the levels, in one place.
#include "cli/settings.h"

#include <algorithm>

#include "base/text.h"

namespace k3fleet::cli {

namespace {

const std::vector<std::string> kClouds = {"sim", "sim-aws", "aws"};
const std::vector<std::string> kFormats = {"table", "json", "yaml"};

// One setting and every place that may hold it, strongest first.
struct Places {
    std::string flag_name;
    const std::optional<std::string>& flag;
    std::vector<std::string> variables;
    std::string in_context;
    std::string key_in_file;
    std::string fallback;
};

Setting pick(const Places& places, const Host& host, const ContextFile& file) {
    if (places.flag) return {*places.flag, "flag " + places.flag_name};
    for (const std::string& name : places.variables)
        if (const std::string text = host.variable(name); !text.empty()) return {text, "variable " + name};
    if (!places.in_context.empty()) return {places.in_context, "context " + file.current};
    if (const auto it = file.defaults.find(places.key_in_file); it != file.defaults.end())
        return {it->second, "file"};
    if (!places.fallback.empty()) return {places.fallback, "default"};
    return {"", "not set"};
}

Status check_allowed(const Setting& setting, std::string_view what, const std::vector<std::string>& allowed) {
    if (setting.value.empty() || std::ranges::find(allowed, setting.value) != allowed.end()) return {};
    return fail(ErrorCode::InvalidArgument, format("{} cannot be '{}' ({})\nallowed: {}", what, setting.value,
                                                   setting.origin, join(allowed, ", ")));
}

std::string home_below(const Host& host, const std::string& variable, const std::string& below_home) {
    std::string base = host.variable(variable);
    if (base.starts_with('/')) return base;
    const std::string home = host.variable("HOME");
    return home.empty() ? "" : home + below_home;
}

bool truthy(const std::string& text) {
    return !text.empty() && text != "0" && text != "false" && text != "no";
}

}  // namespace

std::vector<Option> global_options(GlobalFlags& flags) {
    Command all;
    all.option("--cloud", "CLOUD", flags.cloud,
               "Where machines come from; sim and sim-aws are simulated and cost nothing")
        .one_of(kClouds)
        .from_variable("K3FLEET_CLOUD");
    all.option("--project", "NAME", flags.project, "Only the resources of this project")
        .default_is("all projects")
        .from_variable("K3FLEET_PROJECT");
    all.option("--region", "REGION", flags.region, "AWS region").from_variable("K3FLEET_REGION, AWS_REGION");
    all.option("--profile", "NAME", flags.profile, "AWS profile")
        .from_variable("K3FLEET_PROFILE, AWS_PROFILE");
    all.option("--state-dir", "DIR", flags.state_dir, "Where local state and the simulated cloud are kept")
        .default_is("~/.local/state/k3fleet")
        .from_variable("K3FLEET_STATE_DIR");
    all.option("--output", "FORMAT", flags.output, "How results are printed")
        .short_name("-o")
        .one_of(kFormats)
        .default_is("table")
        .from_variable("K3FLEET_OUTPUT");
    all.flag("--json", flags.json, "The same as -o json");
    all.flag("--quiet", flags.quiet, "Print results and errors only")
        .short_name("-q")
        .from_variable("K3FLEET_QUIET");
    all.flag("--verbose", flags.verbose, "Say more about what is being done, on AWS every call")
        .short_name("-v")
        .from_variable("K3FLEET_VERBOSE");
    return std::move(all.options);
}

Result<std::string> config_file_path(const Host& host) {
    const std::string directory = home_below(host, "XDG_CONFIG_HOME", "/.config");
    if (directory.empty())
        return fail(ErrorCode::InvalidArgument,
                    "there is no place for the list of contexts\nset HOME or XDG_CONFIG_HOME");
    return directory + "/k3fleet/config.yaml";
}

Result<Settings> resolve(const GlobalFlags& flags, const Host& host, const ContextFile& file) {
    if (flags.json && flags.output && *flags.output != "json")
        return fail(ErrorCode::InvalidArgument,
                    format("--json and -o {} contradict each other\ngive one of them", *flags.output));
    if (flags.quiet && flags.verbose)
        return fail(ErrorCode::InvalidArgument, "-q and -v contradict each other\ngive one of them");
    Settings s;
    const Context none;
    const Context* chosen = file.chosen() != nullptr ? file.chosen() : &none;
    s.cloud = pick({"--cloud", flags.cloud, {"K3FLEET_CLOUD"}, chosen->cloud, "", ""}, host, file);
    K3F_TRY(check_allowed(s.cloud, "the cloud", kClouds));
    // Another cloud than the context's was asked for: the context's other values were not meant for it.
    if (s.cloud.value != chosen->cloud) chosen = &none;
    s.project =
        pick({"--project", flags.project, {"K3FLEET_PROJECT"}, chosen->project, "project", ""}, host, file);
    s.region = pick({"--region",
                     flags.region,
                     {"K3FLEET_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"},
                     chosen->region,
                     "region",
                     ""},
                    host, file);
    s.profile =
        pick({"--profile", flags.profile, {"K3FLEET_PROFILE", "AWS_PROFILE"}, chosen->profile, "", ""}, host,
             file);
    const std::string state_home = home_below(host, "XDG_STATE_HOME", "/.local/state");
    s.state_dir = pick({"--state-dir",
                        flags.state_dir,
                        {"K3FLEET_STATE_DIR"},
                        chosen->state_dir,
                        "state-dir",
                        state_home.empty() ? "" : state_home + "/k3fleet"},
                       host, file);
    const std::optional<std::string> output = flags.json ? std::optional<std::string>("json") : flags.output;
    s.output = pick({flags.json ? "--json" : "--output", output, {"K3FLEET_OUTPUT"}, "", "output", "table"},
                    host, file);
    K3F_TRY(check_allowed(s.output, "the output format", kFormats));
    s.format = s.output.value == "json"   ? Format::Json
               : s.output.value == "yaml" ? Format::Yaml
                                          : Format::Table;
    const bool quiet = flags.quiet || (!flags.verbose && truthy(host.variable("K3FLEET_QUIET")));
    const bool verbose = flags.verbose || (!flags.quiet && truthy(host.variable("K3FLEET_VERBOSE")));
    s.verbosity = quiet ? Verbosity::Quiet : verbose ? Verbosity::Verbose : Verbosity::Normal;
    const bool coloured = host.out_audience == Audience::Person && host.variable("NO_COLOR").empty() &&
                          host.variable("TERM") != "dumb";
    s.colours = coloured ? Colours::Ansi : Colours::Plain;
    return s;
}

}  // namespace k3fleet::cli
