// The cases that AWS's own (tests/contract/aws) do not have.
#include "aws/endpoints/endpoint.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace k3fleet::endpoints {
namespace {

aws::Service service(const char* id, const char* prefix) {
    return {.id = id,
            .service_id = id,
            .endpoint_prefix = prefix,
            .signing_name = id,
            .api_version = "",
            .protocol = aws::Protocol::Query};
}

std::string show(const Result<Endpoint>& endpoint) {
    if (!endpoint) return "error: " + endpoint.error().message;
    return format("{} {}/{}", endpoint->url, endpoint->signing_region, endpoint->signing_name);
}

TEST(FindEndpoint, RegionsGlobalServicesAndPricing) {
    EXPECT_EQ(show(find_endpoint(service("ec2", "ec2"), "eu-west-1", {})),
              "https://ec2.eu-west-1.amazonaws.com eu-west-1/ec2");
    EXPECT_EQ(show(find_endpoint(service("iam", "iam"), "eu-west-1", {})),
              "https://iam.amazonaws.com us-east-1/iam");
    EXPECT_EQ(show(find_endpoint(service("pricing", "api.pricing"), "ap-southeast-1", {})),
              "https://api.pricing.us-east-1.amazonaws.com us-east-1/pricing");
    EXPECT_EQ(show(find_endpoint(service("pricing", "api.pricing"), "ap-south-1", {})),
              "https://api.pricing.ap-south-1.amazonaws.com ap-south-1/pricing");
}

TEST(FindEndpoint, WhatCannotBeSaysWhatToSet) {
    const auto ec2 = service("ec2", "ec2");
    EXPECT_EQ(
        show(find_endpoint(ec2, "", {})),
        "error: no AWS region is set: give --region, set AWS_REGION, or put `region = ...` into the profile");
    EXPECT_EQ(show(find_endpoint(ec2, "eu west", {})), "error: 'eu west' is no AWS region");
    EXPECT_EQ(show(find_endpoint(ec2, "cn-north-1", {})),
              "error: the region cn-north-1 belongs to another AWS partition, which k3fleet does not know");
    const auto url = [](const char* text) {
        return EndpointRules{.custom_url = [text](const aws::Service&) { return std::string(text); }};
    };
    EXPECT_EQ(show(find_endpoint(ec2, "", url("http://127.0.0.1:5000/"))),
              "http://127.0.0.1:5000 us-east-1/ec2");
    EXPECT_EQ(show(find_endpoint(ec2, "", url("ftp://user:hunter2@x"))),
              "error: the endpoint URL that is set for ec2 is no http(s) URL");
    auto both = url("http://127.0.0.1");
    both.fips = Fips::On;
    EXPECT_TRUE(
        show(find_endpoint(ec2, "eu-west-1", both)).starts_with("error: FIPS endpoints are asked for"));
}

TEST(FindEndpoint, BucketsStandInTheHostNameOrThePath) {
    struct Case {
        const char* url;
        BucketStyle style;
        const char* bucket;
        const char* expected;
    };
    const auto s3 = service("s3", "s3");
    const char* own = "";
    for (const auto& [url, style, bucket, expected] : {
             Case{own, BucketStyle::Auto, "plain", "https://plain.s3.eu-west-1.amazonaws.com"},
             Case{own, BucketStyle::Path, "plain", "https://s3.eu-west-1.amazonaws.com/plain"},
             Case{own, BucketStyle::Auto, "with.dots", "https://s3.eu-west-1.amazonaws.com/with.dots"},
             Case{own, BucketStyle::Auto, "Upper", "https://s3.eu-west-1.amazonaws.com/Upper"},
             Case{"http://localhost:9", BucketStyle::Auto, "plain", "http://localhost:9/plain"},
             Case{"http://localhost:9", BucketStyle::Virtual, "plain", "http://plain.localhost:9"},
             Case{"http://host", BucketStyle::Virtual, "with.dots", "http://with.dots.host"},
             Case{"http://host", BucketStyle::Virtual, "192.0.2.1", "http://host/192.0.2.1"},
             Case{"http://127.0.0.1:9/base", BucketStyle::Virtual, "plain", "http://127.0.0.1:9/base/plain"},
         }) {
        const EndpointRules rules{.bucket_style = style,
                                  .custom_url = [url](const aws::Service&) { return std::string(url); }};
        const auto endpoint = find_endpoint(s3, "eu-west-1", rules, bucket);
        ASSERT_TRUE(endpoint.has_value()) << bucket;
        EXPECT_EQ(endpoint->url, expected);
    }
    for (const char* bucket : {"arn:aws:s3:eu-west-1:1:accesspoint:x", "x--euw1-az1--x-s3", "a/b"})
        EXPECT_FALSE(find_endpoint(s3, "eu-west-1", {}, bucket).has_value()) << bucket;
}

}  // namespace
}  // namespace k3fleet::endpoints
