// Compares find_endpoint() with the endpoint cases that AWS publishes with botocore, for the services that
// the program calls: those that set only Region, UseFIPS, Endpoint or a plain Bucket (and ForcePathStyle).
// What is out of scope is counted by its reason, so that nothing is left out silently.
//
//   endpoint_cases FOLDER-OF-BOTOCORE-SOURCE
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "aws/endpoints/endpoint.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace {

using namespace k3fleet;
using endpoints::BucketStyle;
using endpoints::EndpointRules;
using endpoints::Fips;

struct Known {
    const char* id;
    const char* prefix;
};
// As in AWS's models: the names that the host names begin with.
constexpr std::array<Known, 19> kServices = {{{"ec2", "ec2"},
                                              {"iam", "iam"},
                                              {"sts", "sts"},
                                              {"s3", "s3"},
                                              {"dynamodb", "dynamodb"},
                                              {"secretsmanager", "secretsmanager"},
                                              {"ssm", "ssm"},
                                              {"sqs", "sqs"},
                                              {"sns", "sns"},
                                              {"lambda", "lambda"},
                                              {"events", "events"},
                                              {"scheduler", "scheduler"},
                                              {"cloudwatch", "monitoring"},
                                              {"logs", "logs"},
                                              {"cloudtrail", "cloudtrail"},
                                              {"kms", "kms"},
                                              {"pricing", "api.pricing"},
                                              {"resourcegroupstaggingapi", "tagging"},
                                              {"service-quotas", "servicequotas"}}};

struct Counts {
    int agreed = 0;
    int differed = 0;
    std::map<std::string, int> left_out;
};

bool is_on(const Value& parameters, const char* name) {
    const Value* value = parameters.find(name);
    return value != nullptr && value->as_bool() == true;
}

// Why a case is not ours; empty: it is.
std::string out_of_scope(const Value& parameters) {
    constexpr std::array<std::string_view, 6> kOurs = {"Region",   "UseFIPS", "UseDualStack",
                                                       "Endpoint", "Bucket",  "ForcePathStyle"};
    constexpr std::array<std::string_view, 5> kPartitions = {"cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-"};
    const std::string region = parameters.string_at("Region");
    const std::string bucket = parameters.string_at("Bucket");
    for (const auto prefix : kPartitions)
        if (region.starts_with(prefix)) return "another partition";
    if (is_on(parameters, "UseDualStack")) return "dual stack";
    if (bucket.starts_with("arn:") || bucket.find("--") != std::string::npos || bucket.ends_with("-s3alias"))
        return "not a plain bucket";
    for (const auto& member : parameters.members()) {
        if (contains(kOurs, member.key) || member.value.as_bool() == false) continue;
        return "sets " + member.key;
    }
    if (region == "local") return "the local DynamoDB";
    if (parameters.string_at("Endpoint").find(".api.aws") != std::string::npos)
        return "dual stack by its endpoint";
    return "";
}

struct Answer {
    std::string url;  // Empty: refused.
    std::string signing_region;
};

Answer ours(const Known& known, const Value& parameters) {
    const aws::Service service{.id = known.id,
                               .service_id = known.id,
                               .endpoint_prefix = known.prefix,
                               .signing_name = known.id,
                               .api_version = "",
                               .protocol = aws::Protocol::Query};
    const std::string custom = parameters.string_at("Endpoint");
    const EndpointRules rules{
        .fips = is_on(parameters, "UseFIPS") ? Fips::On : Fips::Off,
        .bucket_style = is_on(parameters, "ForcePathStyle") ? BucketStyle::Path : BucketStyle::Virtual,
        .custom_url = [&](const aws::Service&) { return custom; }};
    const auto found = endpoints::find_endpoint(service, parameters.string_at("Region"), rules,
                                                parameters.string_at("Bucket"));
    if (!found) return {};
    return {found->url, found->signing_region};
}

// What AWS says; the signing region only where it says one.
Answer theirs(const Value& expected) {
    Answer answer{.url = expected.string_at("endpoint.url"), .signing_region = ""};
    if (const Value* schemes = expected.path("endpoint.properties.authSchemes"))
        for (const auto& scheme : schemes->items()) answer.signing_region = scheme.string_at("signingRegion");
    return answer;
}

void compare(const Known& known, const Value& test, Counts& counts) {
    const Value* given = test.find("params");
    const Value parameters = given == nullptr ? Value::object() : *given;
    if (const auto why = out_of_scope(parameters); !why.empty()) {
        ++counts.left_out[why];
        return;
    }
    const Value* expect = test.find("expect");
    const Answer wanted = theirs(expect == nullptr ? Value::object() : *expect);
    const Answer got = ours(known, parameters);
    if (got.url == wanted.url &&
        (wanted.signing_region.empty() || got.signing_region == wanted.signing_region)) {
        ++counts.agreed;
        return;
    }
    ++counts.differed;
    std::printf("DIFFERS %s %s\n  ours   '%s' signed for '%s'\n  theirs '%s' signed for '%s'\n", known.id,
                json::write(parameters).c_str(), got.url.c_str(), got.signing_region.c_str(),
                wanted.url.c_str(), wanted.signing_region.c_str());
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 1;
    Counts counts;
    for (const auto& known : kServices) {
        const std::string path =
            format("{}/tests/functional/endpoint-rules/{}/endpoint-tests-1.json", arguments[1], known.id);
        std::ifstream file(path);
        if (!file) {
            std::printf("SKIPPED: no %s; tests/tools/get-botocore gets it\n", path.c_str());
            return 77;
        }
        const std::string text(std::istreambuf_iterator<char>(file), {});
        const auto suite = json::parse(text);
        if (!suite) {
            std::printf("%s: %s\n", path.c_str(), suite.error().describe().c_str());
            return 1;
        }
        for (const auto& test : suite->find("testCases")->items()) compare(known, test, counts);
    }
    int left_out = 0;
    for (const auto& [why, number] : counts.left_out) left_out += number;
    std::printf("%d cases agree, %d differ; %d are out of scope:\n", counts.agreed, counts.differed,
                left_out);
    for (const auto& [why, number] : counts.left_out) std::printf("  %4d %s\n", number, why.c_str());
    return counts.differed == 0 && counts.agreed > 250 ? 0 : 1;
}
