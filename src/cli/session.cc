// Results, remarks and errors as text.
#include "cli/session.h"

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"

namespace k3fleet::cli {

void Session::result(const Value& data, const AsText& as_text) const {
    switch (settings.format) {
        case Format::Json: return host.out.write(json::write_pretty(data));
        case Format::Yaml: return host.out.write(yaml::write(data));
        case Format::Table: return host.out.write(as_text(settings.colours));
    }
}

void Session::stream(const Value& data, const AsText& as_text) const {
    switch (settings.format) {
        case Format::Json: return host.out.write(json::write(data) + "\n");
        case Format::Yaml: return host.out.write("---\n" + yaml::write(data));
        case Format::Table: return host.out.write(as_text(settings.colours));
    }
}

void Session::remark(std::string_view text) const {
    if (settings.verbosity != Verbosity::Quiet) host.err.write(format("{}\n", text));
}

void Session::detail(std::string_view text) const {
    if (settings.verbosity == Verbosity::Verbose) host.err.write(format("{}\n", text));
}

Status open_for_changes(const Session& session) {
    const std::string& cloud = session.settings.cloud.value;
    if (cloud.empty())
        return fail(ErrorCode::Refused,
                    "no cloud is chosen, and this command changes things\n"
                    "to rehearse on the simulated cloud, which buys nothing:  k3fleet context use sim\n"
                    "to work on AWS:                                          k3fleet context use "
                    "aws:PROFILE/REGION\n"
                    "or for one command only: --cloud sim|sim-aws|aws");
    if (cloud == "aws") return {};
    session.remark("SIMULATED: nothing is bought");
    return {};
}

std::string error_text(const Error& error) {
    std::string text;
    for (const std::string& line : split(error.message, '\n'))
        text += format("{}{}\n", text.empty() ? "" : "  ", printable(line));
    for (const std::string& doing : error.trail) text += format("  while {}\n", printable(doing));
    return text;
}

std::string render_error(const Error& error, Colours colours) {
    return format("{} {}", paint("k3fleet:", Tone::Bad, colours), error_text(error));
}

}  // namespace k3fleet::cli
