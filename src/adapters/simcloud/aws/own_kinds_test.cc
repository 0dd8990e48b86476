// The code that sets accounts and clusters up on AWS, on the simulated IAM and KMS, with the rights of the
// operator: what it makes is as it wants it, and can be taken away.
#include <gtest/gtest.h>

#include "adapters/aws/resources/aws_resources.h"
#include "adapters/simcloud/aws/rights.h"
#include "aws/gen/kms.h"
#include "base/json.h"
#include "base/text.h"
#include "core/iam/policies.h"
#include "core/resources/compare.h"
#include "core/resources/graph.h"
#include "core/resources/kinds.h"
#include "core/resources/references.h"
#include "tests/support/bare_account.h"
#include "tests/support/fakes.h"

namespace k3fleet::simcloud {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class EngineClock final : public ports::Clock {
public:
    explicit EngineClock(Engine& engine) : engine_(engine) {}
    Timestamp now() override { return engine_.now(); }
    Status sleep_until(Timestamp until) override {
        engine_.advance(until);
        return {};
    }

private:
    Engine& engine_;
};

resources::PolicyOf policies_for(iam::Site site) {
    return [site = std::move(site)](std::string_view caller) {
        resources::RolePolicies policies;
        if (caller == "deny-without-mfa") {
            policies.documents = {{model::names::mfa_policy(site.scope), iam::deny_without_mfa(site)}};
            return policies;
        }
        const iam::Principal who = *iam::parse_principal(caller);
        using Form = resources::RolePolicies::Form;
        policies.form = iam::facts_of(who).form == iam::Form::Inline ? Form::Inline : Form::Managed;
        for (const auto& document : iam::identity_policies(who, site))
            policies.documents.push_back({document.name, document.policy});
        return policies;
    };
}

struct OwnKinds : ::testing::Test, support::BareAccount {
    static bool is_own(const resources::Resource& resource) {
        return resource.type.starts_with("AWS::IAM::") || resource.type.starts_with("AWS::KMS::");
    }
    // Refusals that pass are tried again, as `init` does.
    template <typename Try>
    auto patiently(Try once) {
        auto done = once();
        for (int i = 0; i < 20 && !done && done.error().code == ErrorCode::Unavailable; ++i) {
            pass(seconds{5});
            done = once();
        }
        return done;
    }
    void make(const resources::Graph& graph) {
        resources::AwsResources aws(*as_operator, clock, executor, graph.scope);
        for (const auto& wanted : graph.resources) {
            if (!is_own(wanted)) continue;
            const auto resource = resources::resolved(wanted, there);
            ASSERT_TRUE(resources::is_resolved(resource.properties)) << wanted.id.str();
            auto seen = patiently([&] { return aws.create(resource, model::Token("t")); });
            ASSERT_TRUE(seen) << wanted.id.str() << ": " << seen.error().describe();
            for (const auto& d : resources::differences(resources::kind_of(resource.type), resource, *seen))
                ADD_FAILURE() << wanted.id.str() << " " << d.path << " wanted " << json::write(d.wanted)
                              << " found " << json::write(d.found);
            seen->id = wanted.id;
            there[wanted.id] = *seen;
            made.push_back(*seen);
        }
    }
    void make_all() {
        resources::AccountInput account{.scope = scope, .clusters = {model::ClusterName("demo")}};
        account.intent.name = scope.project;
        account.intent.keys = model::KeyOwner::Customer;
        account.policy = policies_for(resources::site_of(account));
        make(resources::account_graph(account));
        resources::ClusterInput cluster{.scope = scope};
        cluster.scope.cluster = model::ClusterName("demo");
        for (const char zone : {'a', 'b', 'c'}) cluster.zones.push_back(scope.region + zone);
        cluster.intent.project = scope.project;
        cluster.intent.name = cluster.scope.cluster;
        cluster.intent.region = scope.region;
        cluster.policy = policies_for({.scope = cluster.scope, .clusters = {cluster.scope.cluster}});
        make(*resources::cluster_graph(cluster));
    }

    model::Scope scope{.project = model::ProjectName("shop"),
                       .account = account().number,
                       .region = account().region,
                       .home_region = account().region};
    EngineClock clock{engine};
    testing::InlineExecutor executor;
    std::unique_ptr<Rights> rights =
        *Rights::of(iam::Principal::Operator,
                    {.scope = scope, .clusters = {model::ClusterName("demo")}, .keys = iam::Keys::Customer});
    std::unique_ptr<aws::Api> as_operator = std::make_unique<SimApi>(engine, rights->arn(), rights.get());
    resources::ObservedById there;
    std::vector<resources::Observed> made;
};

TEST_F(OwnKinds, AreMadeByTheOperatorAsTheyAreWanted) {
    make_all();
    EXPECT_GT(made.size(), 15U);
}

TEST_F(OwnKinds, AreTakenAwayAgain) {
    make_all();
    for (auto it = made.rbegin(); it != made.rend(); ++it) {
        resources::AwsResources aws(*as_operator, clock, executor, scope);
        const auto removal = patiently([&] { return aws.remove(*it); });
        if (it->type == "AWS::IAM::ServiceLinkedRole") {
            EXPECT_FALSE(removal) << "they are the account's";
            continue;
        }
        ASSERT_TRUE(removal) << it->physical_id << ": " << removal.error().describe();
        EXPECT_NE(removal->state, ports::Removal::State::Going) << it->physical_id << removal->waiting_for;
    }
    EXPECT_EQ(account().roles.roles.size(), 2U) << "those of Spot and Fleet";
    EXPECT_TRUE(account().roles.policies.empty());
    EXPECT_TRUE(account().roles.profiles.empty());
    EXPECT_TRUE(account().roles.groups.empty());
    EXPECT_TRUE(account().keys.aliases.empty());
    for (const auto& [id, key] : account().keys.keys) EXPECT_TRUE(key.gone_at) << "it waits for that";
}

TEST_F(OwnKinds, KeysAreMadeWithOurTagAndOthersAreLeftAlone) {
    namespace kms = aws::kms;
    const auto code_of = [&](const auto& request) {
        const auto answer = as_operator->call(request);
        return answer ? std::string() : answer.error().provider_code;
    };
    const auto tags = [](std::string project) {
        return aws::List<kms::Tag>{{.tag_key = "Project", .tag_value = std::move(project)}};
    };
    EXPECT_EQ(code_of(kms::CreateKeyRequest{.tags = tags("shop")}), "");
    EXPECT_EQ(code_of(kms::CreateKeyRequest{}), "AccessDeniedException");
    EXPECT_EQ(code_of(kms::CreateKeyRequest{.tags = tags("other")}), "AccessDeniedException");
    const auto others = api.call(kms::CreateKeyRequest{.tags = tags("other")});
    EXPECT_EQ(code_of(kms::TagResourceRequest{.key_id = others->key_metadata->key_id, .tags = tags("shop")}),
              "AccessDeniedException");
}

}  // namespace
}  // namespace k3fleet::simcloud
