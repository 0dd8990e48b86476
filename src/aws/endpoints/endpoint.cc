// Facts: the endpoint rule sets of botocore 1.43.11, compared case by case in tests/contract/aws.
#include "aws/endpoints/endpoint.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ranges.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::endpoints {
namespace {

constexpr std::string_view kGlobalRegion = "aws-global";
constexpr const char* kHome = "us-east-1";

bool is_host_label(std::string_view text) {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

Status check_region(const std::string& region) {
    if (region.empty())
        return fail(
            ErrorCode::InvalidArgument,
            "no AWS region is set: give --region, set AWS_REGION, or put `region = ...` into the profile");
    if (!is_host_label(region))
        return fail(ErrorCode::InvalidArgument, format("'{}' is no AWS region", region));
    constexpr std::array<std::string_view, 6> kElsewhere = {"cn-",      "us-gov-", "us-iso",
                                                            "eu-isoe-", "eusc-",   "us-isof-"};
    if (std::ranges::any_of(kElsewhere, [&](auto prefix) { return region.starts_with(prefix); }))
        return fail(
            ErrorCode::InvalidArgument,
            format("the region {} belongs to another AWS partition, which k3fleet does not know", region));
    return {};
}

bool is_ipv4(std::string_view text) {
    return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Dots are for plain http only: a certificate for *.s3.… covers no name with more of them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool fits_host_name(std::string_view bucket, bool dots_allowed) {
    if (bucket.size() < 3 || bucket.size() > 63 || is_ipv4(bucket)) return false;
    const auto labels = split(bucket, '.');
    if (labels.size() > 1 && !dots_allowed) return false;
    return std::ranges::all_of(labels, is_host_label) &&
           std::ranges::none_of(bucket, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Endings that make other things than buckets of general purpose.
bool is_plain_bucket(std::string_view bucket) {
    constexpr std::array<std::string_view, 4> kOthers = {"--x-s3", "--xa-s3", "--op-s3", "--table-s3"};
    return !bucket.starts_with("arn:") && bucket.find('/') == std::string_view::npos &&
           std::ranges::none_of(kOthers, [&](auto ending) { return bucket.ends_with(ending); });
}

Result<Endpoint> with_bucket(Endpoint endpoint, const std::string& bucket, BucketStyle style) {
    if (bucket.empty()) return endpoint;
    if (!is_plain_bucket(bucket))
        return fail(ErrorCode::InvalidArgument,
                    format("'{}' is no bucket of general purpose; give the bucket's plain name", bucket));
    const auto url = K3F_TRY(net::parse_url(endpoint.url));
    const bool in_path = style == BucketStyle::Path || (style == BucketStyle::Auto && endpoint.custom) ||
                         url.host_is_address() || !fits_host_name(bucket, !url.https());
    if (in_path) {
        endpoint.url += "/" + net::percent_encode(bucket);
        return endpoint;
    }
    const auto host = endpoint.url.find("://") + 3;
    endpoint.url.insert(host, bucket + ".");
    return endpoint;
}

Result<Endpoint> custom_endpoint(std::string url, const aws::Service& service, const std::string& region,
                                 const EndpointRules& rules) {
    if (rules.fips == Fips::On)
        return fail(ErrorCode::InvalidArgument,
                    format("FIPS endpoints are asked for and {} has an endpoint URL of its own: unset "
                           "AWS_USE_FIPS_ENDPOINT or the endpoint URL",
                           service.id));
    while (url.ends_with('/')) url.pop_back();
    const auto parsed = net::parse_url(url);
    if (!parsed || url.find_first_of("?#") != std::string::npos)
        return fail(ErrorCode::InvalidArgument,
                    format("the endpoint URL that is set for {} is no http(s) URL", service.id));
    const bool global = region.empty() || region == kGlobalRegion;
    return Endpoint{.url = std::move(url),
                    .signing_region = global ? kHome : region,
                    .signing_name = service.signing_name,
                    .custom = true};
}

// The region whose endpoint answers for `region`; empty: the one without a region in its name.
struct Place {
    std::string region;
    std::string signing_region;
};

Place place_of(std::string_view service, const std::string& region, Fips fips) {
    if (service == "iam") return {"", kHome};
    if (region == kGlobalRegion && service == "s3" && fips == Fips::On) return {kHome, kHome};
    if (region == kGlobalRegion && (service == "sts" || service == "s3")) return {"", kHome};
    if (service == "pricing") {
        constexpr std::array<std::string_view, 3> kPriceRegions = {"us-east-1", "eu-central-1", "ap-south-1"};
        if (!contains(kPriceRegions, std::string_view(region))) return {kHome, kHome};
    }
    return {region, region};
}

}  // namespace

Result<Endpoint> find_endpoint(const aws::Service& service, const std::string& region,
                               const EndpointRules& rules, const std::string& bucket) {
    const std::string custom = rules.custom_url ? rules.custom_url(service) : "";
    if (custom.empty() || !region.empty()) K3F_TRY(check_region(region));
    if (!custom.empty()) {
        auto endpoint = K3F_TRY(custom_endpoint(custom, service, region, rules));
        return with_bucket(std::move(endpoint), bucket, rules.bucket_style);
    }
    const Place place = place_of(service.id, region, rules.fips);
    Endpoint endpoint{
        .url = format("https://{}{}{}{}.amazonaws.com", service.endpoint_prefix,
                      rules.fips == Fips::On ? "-fips" : "", place.region.empty() ? "" : ".", place.region),
        .signing_region = place.signing_region,
        .signing_name = service.signing_name};
    return with_bucket(std::move(endpoint), bucket, rules.bucket_style);
}

}  // namespace k3fleet::endpoints
