#include "cli/commands/init_k3s.h"

#include <set>

#include "app/pins.h"
#include "base/text.h"

namespace k3fleet::cli {
namespace {

// Each version once, as they were named.
std::vector<std::string> versions_of(const K3sOptions& options) {
    std::vector<std::string> versions;
    std::set<std::string> seen;
    for (const std::string& version : options.versions)
        if (seen.insert(version).second) versions.push_back(version);
    return versions;
}

void tell(Report& report, const std::string& version, std::string_view recorded, std::string_view text) {
    Value known = report.data.find("k3s") == nullptr ? Value::array() : *report.data.find("k3s");
    known.push(Value::object({{"version", version}, {"recorded", recorded}}));
    report.data.set("k3s", std::move(known));
    report.text += format("K3s {}: {}\n", version, text);
}

void tell_what_is_there(OpenSetup& open, Report& report) {
    ports::Objects& objects = open.aws().objects();
    const auto versions = app::recorded_versions(objects);
    if (!versions) {
        report.data.set("k3s", nullptr);
        report.text +=
            format("which versions of K3s are recorded is not known: {}\n", versions.error().describe());
        return;
    }
    report.data.set("k3s", Value::array());
    for (const std::string& version : *versions) tell(report, version, "before", "recorded");
    if (versions->empty())
        report.text +=
            "no version of K3s is recorded; before a cluster is made: k3fleet init --k3s VERSION\n";
}

}  // namespace

void add_options(Command& command, K3sOptions& options) {
    command
        .option("--k3s", "VERSION", options.versions,
                "Record what machines of this version are made of, as v1.36.1+k3s1")
        .repeatable();
    command
        .option("--binaries-url", "URL", options.releases,
                "A mirror of K3s' release page, for machines too: its files are in URL/VERSION")
        .default_is(std::string(app::kK3sReleases));
}

Status check(const K3sOptions& options) {
    for (const std::string& version : options.versions) K3F_TRY(app::check_k3s_version(version));
    if (options.releases.empty()) return {};
    if (options.versions.empty())
        return fail(ErrorCode::InvalidArgument,
                    "--binaries-url says where a version of K3s is fetched from\nadd --k3s VERSION");
    return app::check_releases(options.releases);
}

Status record_versions(OpenSetup& open, const K3sOptions& options, Report& report) {
    if (options.versions.empty()) {
        tell_what_is_there(open, report);
        return {};
    }
    app::AwsSite& aws = open.aws();
    ports::Objects& objects = aws.objects();
    app::PinSources sources{
        .objects = objects,
        .fetch = [&aws](const std::string& url) { return aws.fetch(url); },
        .parameter = [&aws](const std::string& name) { return aws.public_parameter(name); }};
    if (!options.releases.empty()) sources.releases = options.releases;
    for (const std::string& version : versions_of(options)) {
        const bool now = K3F_TRY(app::record_pins(sources, version)) == app::Recorded::Now;
        tell(report, version, now ? "now" : "before",
             now ? "recorded what its machines are made of" : "was recorded before, and stays as it is");
    }
    return {};
}

Result<bool> foretell_versions(OpenSetup& open, const K3sOptions& options, Report& report) {
    ports::Objects& objects = open.aws().objects();
    bool any = false;
    for (const std::string& version : versions_of(options)) {
        const auto pins = app::load_pins(objects, version);
        if (!pins && pins.error().code != ErrorCode::NotFound) return std::unexpected(pins.error());
        any = any || !pins;
        tell(report, version, pins ? "before" : "no",
             pins ? "was recorded before, and stays as it is" : "would be recorded");
    }
    return any;
}

std::string again(const K3sOptions& options) {
    std::string text;
    for (const std::string& version : options.versions) text += " --k3s " + version;
    if (!options.releases.empty()) text += " --binaries-url " + options.releases;
    return text;
}

}  // namespace k3fleet::cli
