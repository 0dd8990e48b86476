#include "core/iam/policies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "tests/support/golden.h"

namespace k3fleet::iam {
namespace {

Site site(std::string project = "node-fleet", std::vector<std::string> clusters = {"node-fleet"}) {
    Site made{.scope = {.project = model::ProjectName(std::move(project)),
                        .cluster = model::ClusterName(clusters.front()),
                        .account = "123456789012",
                        .region = "ap-southeast-1",
                        .home_region = ""},
              .clusters = {},
              .keys = Keys::Aws};
    for (std::string& name : clusters) made.clusters.emplace_back(std::move(name));
    return made;
}

// The longest names that a cluster file may give.
Site longest() { return site("abcdefghijklmnopqrstuvwxy", {"zz"}); }

std::vector<std::string> texts(const Value* value) {
    if (value == nullptr) return {};
    if (const std::string* text = value->as_string()) return {*text};
    std::vector<std::string> found;
    for (const Value& item : value->items()) found.push_back(*item.as_string());
    return found;
}

std::vector<Value> statements_in(Principal who, const Site& at) {
    std::vector<Value> found;
    for (const Document& document : identity_policies(who, at))
        for (const Value& statement : document.policy.find("Statement")->items()) found.push_back(statement);
    return found;
}

// What a policy allows, pair by pair: effect, action, resource, condition.
using Pairs = std::set<std::tuple<std::string, std::string, std::string, std::string>>;

Pairs pairs_in(Principal who, const Site& at) {
    Pairs found;
    for (const Value& statement : statements_in(who, at)) {
        const Value* condition = statement.find("Condition");
        for (const std::string& action : texts(statement.find("Action")))
            for (const std::string& resource : texts(statement.find("Resource")))
                found.emplace(statement.string_at("Effect"), action, resource,
                              condition == nullptr ? "" : json::write(*condition));
    }
    return found;
}

TEST(Policies, AreAsTheyWereRead) {
    Value all = Value::object();
    for (const PrincipalFacts& facts : principals()) {
        Value documents = Value::object();
        // The large ones are the table over again: AllowExactlyWhatTheTableSays.
        if (facts.form != Form::Inline) continue;
        for (const Document& document : identity_policies(facts.who, site()))
            documents.set(document.name, document.policy);
        all.set(facts.name, Value::object({{"policies", std::move(documents)},
                                           {"trust", trust_policy(facts.who, site())}}));
    }
    all.set("deny-without-mfa", deny_without_mfa(site()));
    testing_support::expect_golden("iam/policies.json", json::write_pretty(all));
}

TEST(Policies, FitIntoTheFormThatAwsKeepsThemIn) {
    const Site sites[] = {site(), longest(), site("abcdefghijklmnop", {"a", "bb", "ccccccccc", "dd"})};
    for (Site at : sites) {
        for (const Keys keys : {Keys::Aws, Keys::Customer}) {
            at.keys = keys;
            for (const PrincipalFacts& facts : principals()) {
                std::size_t all = 0;
                const std::vector<Document> documents = identity_policies(facts.who, at);
                for (const Document& document : documents) {
                    EXPECT_LE(document.name.size(), 128U) << document.name;
                    all += size_of(document.policy);
                    if (facts.form != Form::Inline) {
                        EXPECT_LE(size_of(document.policy), kManagedLimit) << document.name;
                    }
                }
                if (facts.form == Form::Inline) {
                    EXPECT_LE(all, kInlineLimit) << facts.name;
                    EXPECT_LE(documents.size(), 1U) << facts.name;
                } else {
                    EXPECT_LE(documents.size(), kManagedPerRole) << facts.name;
                }
            }
        }
    }
    EXPECT_LE(size_of(deny_without_mfa(longest())), kManagedLimit);
}

TEST(Policies, AllowExactlyWhatTheTableSays) {
    const Site at = site("shop", {"eu", "shop"});
    for (const PrincipalFacts& facts : principals()) {
        if (facts.who == Principal::BreakGlass) continue;  // See BreakGlassMayWhatPeopleMay.
        const Pairs granted = pairs_in(facts.who, at);
        std::set<std::tuple<std::string, std::string, std::string>> wanted;
        for (const Permission& row : permissions()) {
            for (const Grant& grant : row.grants) {
                const std::string_view source = sources()[grant.source].name;
                if (!grant.callers.contains(facts.who) || source == "ssm-agent" ||
                    source == "customer-keys" || source == "encrypted-volumes")
                    continue;
                for (const std::string_view action : row.actions)
                    for (const std::uint16_t number : grant.targets)
                        for (const std::string_view pattern : targets()[number].patterns)
                            for (std::string& text : expand(pattern, facts.who, at))
                                wanted.emplace(grant.effect == Effect::Allow ? "Allow" : "Deny", action,
                                               text);
            }
        }
        std::set<std::tuple<std::string, std::string, std::string>> had;
        for (const auto& [effect, action, resource, condition] : granted)
            had.emplace(effect, action, resource);
        for (const Denial& denial : denials())
            for (const std::string_view action : denial.actions)
                std::erase_if(had, [&](const auto& pair) {
                    return denial.callers.contains(facts.who) && std::get<1>(pair) == action;
                });
        // What is allowed on everything needs not be allowed on something, too.
        std::erase_if(wanted, [&](const auto& pair) {
            return !had.contains(pair) && had.contains({std::get<0>(pair), std::get<1>(pair), "*"});
        });
        EXPECT_EQ(had, wanted) << facts.name;
    }
}

TEST(Policies, HaveReadableUniqueSidsAndNoEmptyParts) {
    for (const PrincipalFacts& facts : principals()) {
        std::set<std::string> seen;
        for (const Value& statement : statements_in(facts.who, longest())) {
            const std::string sid = statement.string_at("Sid");
            EXPECT_TRUE(seen.insert(sid).second) << facts.name << " " << sid;
            EXPECT_TRUE(!sid.empty() && std::ranges::all_of(sid, [](unsigned char c) {
                return std::isalnum(c) != 0;
            })) << sid;
            EXPECT_FALSE(texts(statement.find("Action")).empty()) << sid;
            EXPECT_FALSE(texts(statement.find("Resource")).empty() &&
                         texts(statement.find("NotResource")).empty());
            EXPECT_EQ(json::write(statement).find('{' + std::string("project")), std::string::npos) << sid;
        }
    }
}

TEST(Policies, NoActionIsAWildcardButInDenials) {
    for (const PrincipalFacts& facts : principals())
        for (const Value& statement : statements_in(facts.who, site()))
            for (const std::string& action : texts(statement.find("Action"))) {
                if (statement.string_at("Effect") == "Allow") {
                    EXPECT_EQ(action.find('*'), std::string::npos) << facts.name;
                }
            }
}

// N-1, N-2: the names that the checklist's commands ask for.
TEST(Policies, AreCalledAsTheChecklistCallsThem) {
    EXPECT_EQ(identity_policies(Principal::Autoscaler, site()).front().name,
              "node-fleetAutoscalerLambdaPolicy");
    EXPECT_EQ(identity_policies(Principal::Node, site()).front().name, "node-fleetK3sNodePolicy");
    EXPECT_EQ(identity_policies(Principal::Controller, site()).front().name,
              "node-fleetControllerLambdaPolicy-1");
    EXPECT_EQ(role_name(Principal::Autoscaler, site().scope), "node-fleetAutoscalerLambdaRole");
}

// The operator may make and attach exactly the policies that there are.
TEST(Policies, OfTheirOwnAreThoseThatTheOperatorMayMake) {
    Site abroad = site("shop", {"eu"});
    abroad.scope.home_region = "eu-west-1";
    for (const Site& at : {site(), abroad}) {
        std::vector<std::string> patterns;
        for (const Target& target : targets())
            if (target.name == "role-policies")
                for (const std::string_view pattern : target.patterns)
                    patterns.push_back(expand(pattern, Principal::Operator, at).front());
        for (const PrincipalFacts& facts : principals()) {
            if (facts.form != Form::Managed) continue;
            for (const Document& document : identity_policies(facts.who, at)) {
                std::string pattern = format("arn:aws:iam::123456789012:policy/{}", document.name);
                pattern.back() = '?';
                EXPECT_TRUE(contains(patterns, pattern)) << pattern;
            }
        }
    }
}

TEST(Policies, OfAProjectNameEachClusterAndThoseOfAClusterOnlyTheirOwn) {
    const Site two = site("shop", {"eu", "us"});
    const auto resources = [&](Principal who) {
        std::set<std::string> found;
        for (const auto& [effect, action, resource, condition] : pairs_in(who, two)) found.insert(resource);
        return found;
    };
    const std::set<std::string> controller = resources(Principal::Controller);
    EXPECT_TRUE(controller.contains("arn:aws:iam::123456789012:role/shop-euK3sMasterRole"));
    EXPECT_TRUE(controller.contains("arn:aws:iam::123456789012:role/shop-usK3sMasterRole"));
    for (const std::string& resource : resources(Principal::Autoscaler))
        EXPECT_EQ(resource.find("shop-us"), std::string::npos) << resource;
}

TEST(Policies, OfAProjectWithoutClustersNameNone) {
    Site none = site("shop");
    none.clusters.clear();
    for (const PrincipalFacts& facts : principals()) {
        if (facts.reach == Reach::Cluster) continue;
        for (const Value& statement : statements_in(facts.who, none)) {
            EXPECT_EQ(json::write(statement).find("{cluster}"), std::string::npos);
            EXPECT_FALSE(texts(statement.find("Resource")).empty() &&
                         texts(statement.find("NotResource")).empty());
        }
    }
}

TEST(Policies, CustomerKeysAreGrantedOnlyIfChosen) {
    Site at = site();
    const auto of_kms = [&] {
        const Pairs pairs = pairs_in(Principal::Autoscaler, at);
        return std::ranges::count_if(pairs,
                                     [](const auto& pair) { return std::get<1>(pair).starts_with("kms:"); });
    };
    EXPECT_EQ(of_kms(), 0);
    at.keys = Keys::Customer;
    EXPECT_EQ(of_kms(), 3);
}

// N-35: no right that lasts longer than the emergency.
TEST(Policies, BreakGlassMayWhatPeopleMayButNothingWithIdentities) {
    const Pairs had = pairs_in(Principal::BreakGlass, site());
    std::set<std::string> actions;
    for (const auto& [effect, action, resource, condition] : had) {
        actions.insert(action);
        EXPECT_TRUE(!action.starts_with("iam:") || action == "iam:PassRole") << action;
        EXPECT_FALSE(action.starts_with("sts:"));
    }
    for (const char* action : {"ec2:RunInstances", "ec2:StopInstances", "lambda:PutFunctionConcurrency",
                               "ssm:StartSession", "dynamodb:UpdateContinuousBackups"})
        EXPECT_TRUE(actions.contains(action)) << action;
}

TEST(Trust, IsGivenToOneServiceOrToPeopleWithMfa) {
    for (const PrincipalFacts& facts : principals()) {
        const Value policy = trust_policy(facts.who, site());
        if (facts.who == Principal::Operator) {
            EXPECT_TRUE(policy.is_null());
            continue;
        }
        ASSERT_EQ(policy.find("Statement")->items().size(), 1U);
        const Value& statement = policy.find("Statement")->items().front();
        EXPECT_EQ(statement.string_at("Action"), "sts:AssumeRole");
        const bool person = facts.name == "fixer" || facts.name == "responder" || facts.name == "break-glass";
        EXPECT_EQ(statement.find("Principal")->find("AWS") != nullptr, person) << facts.name;
        if (!person) continue;
        const Value* mfa = statement.path("Condition.Bool");
        ASSERT_NE(mfa, nullptr);
        EXPECT_EQ(mfa->find("aws:MultiFactorAuthPresent")->as_string()->c_str(), std::string("true"));
    }
}

}  // namespace
}  // namespace k3fleet::iam
