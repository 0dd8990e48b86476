#include "aws/endpoints/settings.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace k3fleet::endpoints {
namespace {

using credentials::Outside;
using credentials::Profiles;
using credentials::Section;

char plain(char c) { return c == ' ' || c == '-' ? '_' : lower(c); }

// "Secrets Manager" in the spelling of the services section: secrets_manager.
std::string settings_name(const aws::Service& service) {
    std::string name(service.service_id);
    std::ranges::transform(name, name.begin(), plain);
    return name;
}

std::string variable_name(const aws::Service& service) {
    std::string name = "AWS_ENDPOINT_URL_" + settings_name(service);
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    });
    return name;
}

Result<bool> flag(const Outside& outside, const Section& profile, const char* variable, const char* key) {
    std::string text = outside.variable(variable);
    const std::string where = text.empty() ? format("{} ({})", key, profile.where(key)) : variable;
    if (text.empty()) text = profile.get(key);
    std::ranges::transform(text, text.begin(), plain);
    if (text.empty() || text == "false") return false;
    if (text == "true") return true;
    return fail(ErrorCode::InvalidArgument, format("{} must be true or false", where));
}

std::string url_of(const Outside& outside, const Section& profile, const Section& services,
                   const aws::Service& service) {
    for (const auto& variable : {variable_name(service), std::string("AWS_ENDPOINT_URL")})
        if (auto url = outside.variable(variable); !url.empty()) return url;
    if (auto url = services.nested(settings_name(service), "endpoint_url"); !url.empty()) return url;
    return profile.get("endpoint_url");
}

Result<BucketStyle> bucket_style(const Section& profile) {
    const std::string text = profile.nested("s3", "addressing_style");
    if (text.empty() || text == "auto") return BucketStyle::Auto;
    if (text == "path") return BucketStyle::Path;
    if (text == "virtual") return BucketStyle::Virtual;
    return fail(ErrorCode::InvalidArgument,
                format("addressing_style below s3 ({}) must be auto, path or virtual", profile.where("s3")));
}

Result<int> tries(const Outside& outside, const Section& profile) {
    std::string text = outside.variable("AWS_MAX_ATTEMPTS");
    const std::string where =
        text.empty() ? format("max_attempts ({})", profile.where("max_attempts")) : "AWS_MAX_ATTEMPTS";
    if (text.empty()) text = profile.get("max_attempts");
    if (text.empty()) return 3;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > 20)
        return fail(ErrorCode::InvalidArgument, format("{} must be a number from 1 to 20", where));
    return number;
}

}  // namespace

Result<Settings> read_settings(const Outside& outside, const Profiles& profiles, const std::string& profile,
                               const std::string& region_option) {
    Section section;
    if (const auto found = profiles.profile(profile)) section = *found;
    Section services;
    if (const auto name = section.get("services"); !name.empty()) {
        const auto found = profiles.services.find(name);
        if (found == profiles.services.end())
            return fail(ErrorCode::InvalidArgument,
                        format("profile '{}' ({}): there is no section [services {}]", profile,
                               section.where("services"), name));
        services = found->second;
    }

    Settings settings;
    for (const auto& region : {region_option, outside.variable("AWS_REGION"),
                               outside.variable("AWS_DEFAULT_REGION"), section.get("region")})
        if (settings.region.empty()) settings.region = region;
    settings.max_tries = K3F_TRY(tries(outside, section));
    settings.rules.bucket_style = K3F_TRY(bucket_style(section));
    if (K3F_TRY(flag(outside, section, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")))
        settings.rules.fips = Fips::On;
    const bool ignored = K3F_TRY(
        flag(outside, section, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"));
    if (!ignored)
        settings.rules.custom_url = [&outside, section, services](const aws::Service& service) {
            return url_of(outside, section, services, service);
        };
    return settings;
}

}  // namespace k3fleet::endpoints
