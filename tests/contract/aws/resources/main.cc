// The contract of ports::Resources on AWS's wire; K3F_MOTO is the URL of a fresh server.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ranges>

#include "adapters/aws/resources/aws_resources.h"
#include "adapters/local/clock.h"
#include "adapters/local/executor.h"
#include "adapters/local/random.h"
#include "aws/signed_api.h"
#include "net/http.h"
#include "tests/contract/aws/resources/contract.h"
#include "tests/support/test_keys.h"

namespace k3fleet::resources {
namespace {

void walk_through(const std::string& server, const std::string& account, std::span<const Case> cases) {
    const auto http = net::make_http_client();
    support::TestKeys keys;
    local::SystemClock clock;
    local::SystemRandom random;
    aws::SignedApiOptions options;
    options.region = "ap-southeast-1";
    options.timeout = std::chrono::seconds{120};  // A busy machine is no failure.
    options.rules.custom_url = [&](const aws::Service&) { return server; };
    aws::SignedApi api(*http, keys, clock, random, options);
    const model::Scope scope{.project = model::ProjectName("fleet"),
                             .cluster = model::ClusterName("blue"),
                             .account = account,
                             .region = "ap-southeast-1",
                             .home_region = ""};
    local::ThreadExecutor executor(4);
    AwsResources resources(api, clock, executor, scope);
    Walk walk(resources, clock, scope);
    for (const Case& one : cases) walk.make_and_change(one);
    walk.expect_listed();
    walk.expect_surveyed(cases);
    for (const Case& one : cases | std::views::reverse) walk.remove(one);
    walk.expect_surveyed(cases);
}

TEST(Resources, KeepTheirContractOnMoto) {
    const char* server = std::getenv("K3F_MOTO");
    if (server == nullptr) GTEST_SKIP() << "K3F_MOTO is not set";
    walk_through(server, "123456789012", all_cases());
}

}  // namespace
}  // namespace k3fleet::resources
