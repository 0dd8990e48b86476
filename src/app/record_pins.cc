#include "app/record_pins.h"

#include <algorithm>

#include "app/pins.h"
#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/bootstrap/check.h"
#include "core/intent/problem.h"
#include "core/intent/rules.h"

namespace k3fleet::app {

extern const std::string_view machine_parts_yaml;  // model/machine-parts.yaml, embedded by CMake.

namespace {

using bootstrap::Artifact;
using cost::Architecture;

constexpr std::string_view kFolder = "binaries/pins/";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr int kMostVersions = 100;

// The parts that no release of K3s lists.
const Value& machine_parts() {
    static const Value parts = [] {
        auto parsed = yaml::parse(machine_parts_yaml);
        K3F_CHECK(parsed.has_value(), "the embedded parts of machines are broken");
        return std::move(*parsed);
    }();
    return parts;
}

Artifact ecr_provider(Architecture architecture) {
    const std::string at = format("ecr-credential-provider.{}", to_string(architecture));
    return {.url = machine_parts().string_at(at + ".url"),
            .sha256 = machine_parts().string_at(at + ".sha256")};
}

bool hexadecimal(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of(kHex) == std::string_view::npos;
}

// Amazon Linux 2023, newest image of its default kernel: AWS keeps these parameters (AL2023 user guide,
// "Launching AL2023 using the SSM parameter").
std::string image_parameter(Architecture architecture) {
    return format("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{}",
                  architecture == Architecture::Arm64 ? "arm64" : "x86_64");
}

Result<std::string> find_image(const PinSources& sources, Architecture architecture) {
    const std::string name = image_parameter(architecture);
    std::string image =
        K3F_TRY_WHILE(format("asking AWS for its newest image, {}", name), sources.parameter(name));
    const std::string_view id = std::string_view(image).substr(std::min<std::size_t>(4, image.size()));
    if (!image.starts_with("ami-") || (!hexadecimal(id, 17) && !hexadecimal(id, 8)))
        return fail(ErrorCode::Corrupt, format("AWS's parameter {} is \"{}\" and not an image's id (ami-...)",
                                               name, intent::visible(image)));
    return image;
}

// Lines of sha256sum: the digest, blanks, perhaps '*', the name.
Result<std::string> checksum_of(std::string_view list, const std::string& url, const std::string& file) {
    if (trim(list).starts_with('<'))
        return fail(ErrorCode::Corrupt, format("{} is a web page and no list of checksums\n"
                                               "is a login or a proxy's page in the way?",
                                               url));
    std::string found;
    for (const std::string& line : split(list, '\n')) {
        const auto blank = line.find_first_of(" \t");
        if (blank == std::string::npos) continue;
        std::string_view name = trim(std::string_view(line).substr(blank));
        if (name.starts_with('*')) name.remove_prefix(1);
        if (name != file) continue;
        const std::string digest = line.substr(0, blank);
        if (!hexadecimal(digest, 64))
            return fail(ErrorCode::Corrupt, format("{} has \"{}\" for {}: not 64 hexadecimal digits", url,
                                                   intent::visible(digest), file));
        if (!found.empty() && found != digest)
            return fail(ErrorCode::Corrupt, format("{} has two checksums for {}", url, file));
        found = digest;
    }
    if (found.empty())
        return fail(ErrorCode::Corrupt,
                    format("{} has no checksum of {}\nmachines need that file: choose another version of K3s",
                           url, file));
    return found;
}

// "+" has no place in a path.
std::string release_of(const PinSources& sources, const std::string& k3s_version) {
    std::string tag = k3s_version;
    if (const auto plus = tag.find('+'); plus != std::string::npos) tag.replace(plus, 1, "%2B");
    return format("{}/{}", sources.releases, tag);
}

Result<std::string> fetch_checksums(const PinSources& sources, const std::string& url,
                                    const std::string& k3s_version) {
    auto list = sources.fetch(url);
    if (list) return list;
    Error& error = list.error();
    const bool mirror = sources.releases != kK3sReleases;
    if (error.code == ErrorCode::NotFound)
        error.message = mirror ? format(
                                     "the mirror does not have K3s {}: nothing is at {}\nput it there, or "
                                     "choose a version that it has",
                                     k3s_version, url)
                               : format(
                                     "K3s {} is not released: nothing is at {}\nsee "
                                     "https://github.com/k3s-io/k3s/releases for the versions",
                                     k3s_version, url);
    else
        error.message += format(
            "\n{} must be reachable from here, if need be by the proxy that the variable "
            "https_proxy names; or name a mirror: --binaries-url URL",
            url);
    return std::unexpected(std::move(error).with(format("reading the checksums of K3s {}", k3s_version)));
}

Result<Pins::One> find_one(const PinSources& sources, const std::string& k3s_version,
                           Architecture architecture) {
    const std::string release = release_of(sources, k3s_version);
    const std::string list_url = format("{}/sha256sum-{}.txt", release, to_string(architecture));
    const std::string list = K3F_TRY(fetch_checksums(sources, list_url, k3s_version));
    const auto published = [&](const std::string& file) -> Result<Artifact> {
        return Artifact{.url = format("{}/{}", release, file),
                        .sha256 = K3F_TRY(checksum_of(list, list_url, file))};
    };
    Pins::One one;
    one.image = K3F_TRY(find_image(sources, architecture));
    one.binaries.k3s = K3F_TRY(published(architecture == Architecture::Arm64 ? "k3s-arm64" : "k3s"));
    one.binaries.images = K3F_TRY(published(format("k3s-airgap-images-{}.tar.zst", to_string(architecture))));
    one.binaries.ecr_provider = ecr_provider(architecture);
    K3F_TRY(bootstrap::check(one.binaries));
    return one;
}

// Whether it is recorded, in good order.
Result<bool> is_recorded(ports::Objects& objects, const std::string& k3s_version) {
    if (!K3F_TRY(objects.get(pins_key(k3s_version)))) return false;
    K3F_TRY(load_pins(objects, k3s_version));
    return true;
}

}  // namespace

Status check_k3s_version(const std::string& version) { return intent::obey(intent::kK3sVersion, version); }

Status check_releases(const std::string& url) {
    const std::string zeros(64, '0');
    const Artifact inside{.url = url + "/k3s", .sha256 = zeros};
    const auto wrong =
        bootstrap::check(bootstrap::Binaries{.k3s = inside, .images = inside, .ecr_provider = inside});
    if (wrong && url.starts_with("https://") && !url.ends_with('/')) return {};
    return fail(ErrorCode::InvalidArgument,
                format("\"{}\" is no address of a mirror\ngive https://HOST/PATH without a slash at its end; "
                       "the files of a version are in PATH/VERSION",
                       intent::visible(url)));
}

Result<Recorded> record_pins(const PinSources& sources, const std::string& k3s_version) {
    K3F_TRY(check_k3s_version(k3s_version));
    if (K3F_TRY(is_recorded(sources.objects, k3s_version))) return Recorded::Before;
    const Value& parts = machine_parts();
    const Pins pins{.amd64 = K3F_TRY(find_one(sources, k3s_version, Architecture::Amd64)),
                    .arm64 = K3F_TRY(find_one(sources, k3s_version, Architecture::Arm64)),
                    .monitoring = {.prometheus = parts.string_at("monitoring.prometheus"),
                                   .kube_state_metrics = parts.string_at("monitoring.kube-state-metrics"),
                                   .node_exporter = parts.string_at("monitoring.node-exporter")}};
    K3F_TRY(bootstrap::check(pins.monitoring));
    const auto written = sources.objects.put(pins_key(k3s_version), json::write_pretty(encode(pins)),
                                             ports::Condition::if_absent());
    if (written) return Recorded::Now;
    if (written.error().code != ErrorCode::Conflict)
        return std::unexpected(Error(written.error()).with(format("recording K3s {}", k3s_version)));
    return Recorded::Before;  // Somebody else was quicker.
}

Result<std::vector<std::string>> recorded_versions(ports::Objects& objects) {
    std::vector<std::string> versions;
    for (const std::string& key : K3F_TRY(objects.list(std::string(kFolder), "", kMostVersions))) {
        std::string_view name = std::string_view(key).substr(kFolder.size());
        if (name.ends_with(".json")) versions.emplace_back(name.substr(0, name.size() - 5));
    }
    return versions;
}

}  // namespace k3fleet::app
