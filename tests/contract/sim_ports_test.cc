// The production adapters for secrets, notices and wake-ups over the simulated account, each with the rights
// of who uses it on AWS and no more.
#include <gtest/gtest.h>

#include "adapters/aws/kept_secrets.h"
#include "adapters/aws/sns_notifier.h"
#include "adapters/aws/sqs_wakeups.h"
#include "aws/gen/secretsmanager.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "core/model/resource_names.h"
#include "tests/support/sim_account.h"

namespace k3fleet::contract {
namespace {

namespace names = model::names;
using iam::Principal;

struct SimPorts : ::testing::Test, support::SimAccount {
    // Whoever made it: an account may have come with it.
    template <typename Request>
    void make(const Request& request) {
        const auto made = api.call(request);
        EXPECT_TRUE(made || made.error().code == ErrorCode::Conflict) << made.error().describe();
    }
    void make_secret(const std::string& name) {
        make(aws::secretsmanager::CreateSecretRequest{.name = name,
                                                      .client_request_token = std::string(32, '0')});
    }
};

TEST_F(SimPorts, ASecretIsWrittenOnceForEachTokenAndReadByWhoMay) {
    const std::string name = names::kube_secret(scope);
    make_secret(name);
    make_secret(names::server_secret(scope));
    const auto by_master = as(Principal::Master);
    const auto by_autoscaler = as(Principal::Autoscaler);
    aws::KeptSecrets masters(*by_master);
    aws::KeptSecrets functions(*by_autoscaler);
    EXPECT_FALSE(functions.get(name).value().has_value()) << "made, and empty";
    const std::string token(32, 'a');
    ASSERT_TRUE(masters.put(name, Secret("certificate"), token).has_value());
    ASSERT_TRUE(masters.put(name, Secret("certificate"), token).has_value()) << "the same again";
    EXPECT_EQ(masters.put(name, Secret("another"), token).error().code, ErrorCode::Conflict);
    const auto read = functions.get(name).value();
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->value.reveal(), "certificate");
    EXPECT_EQ(read->version, token);
    EXPECT_EQ(read->created_at, engine.now());
    EXPECT_EQ(functions.put(name, Secret("x"), std::string(32, 'b')).error().code,
              ErrorCode::PermissionDenied);
    EXPECT_EQ(functions.get(names::server_secret(scope)).error().code, ErrorCode::PermissionDenied);
    aws::KeptSecrets all(api);
    EXPECT_EQ(all.changed_at(name).value(), engine.now());
    EXPECT_FALSE(all.get("shop/none").value().has_value());
    EXPECT_FALSE(all.changed_at("shop/none").value().has_value());
    ASSERT_TRUE(api.call(aws::secretsmanager::DeleteSecretRequest{.secret_id = name}).has_value());
    EXPECT_FALSE(all.get(name).value().has_value()) << "what waits for its deletion is missing";
    EXPECT_FALSE(all.changed_at(name).value().has_value());
}

TEST_F(SimPorts, ANoticeReachesTheTopicOfTheProjectAlone) {
    make(aws::sns::CreateTopicRequest{.name = names::alerts_topic(scope)});
    make(aws::sns::CreateTopicRequest{.name = "others"});
    const auto by_autoscaler = as(Principal::Autoscaler);
    const auto topic = [&](const std::string& name) {
        return "arn:aws:sns:" + scope.region + ":" + scope.account + ":" + name;
    };
    const model::Notify notice{
        .severity = model::Severity::P2, .title = "n\xc3\xa4h\n" + std::string(200, 'x'), .text = "text"};
    aws::SnsNotifier notifier(*by_autoscaler, topic(names::alerts_topic(scope)));
    const Status told = notifier.notify(scope.cluster, notice);
    ASSERT_TRUE(told.has_value()) << told.error().describe();
    const auto& kept = engine.state().account.topics.topics.at(names::alerts_topic(scope)).last.back();
    EXPECT_EQ(kept.by, "arn:aws:sts::111122223333:assumed-role/shop-demoAutoscalerLambdaRole/session");
    EXPECT_EQ(kept.subject.substr(0, 17), "[P2] demo: n??h?x");
    EXPECT_EQ(kept.attributes.at("cluster"), "demo");
    aws::SnsNotifier elsewhere(*by_autoscaler, topic("others"));
    EXPECT_EQ(elsewhere.notify(scope.cluster, notice).error().code, ErrorCode::PermissionDenied);
}

TEST_F(SimPorts, AWakeUpComesAfterItsDelay) {
    make(aws::sqs::CreateQueueRequest{.queue_name = names::queue(scope)});
    make(aws::sqs::CreateQueueRequest{.queue_name = names::worker_queue(scope)});
    const auto by_autoscaler = as(Principal::Autoscaler);
    aws::SqsWakeups wakeups(*by_autoscaler, scope);
    const auto delay = std::chrono::seconds{90};
    const Status sent = wakeups.send(scope.cluster, model::Loop::Workers, "{}", delay);
    ASSERT_TRUE(sent.has_value()) << sent.error().describe();
    const auto& account = engine.state().account;
    EXPECT_EQ(simcloud::next_visible(account, names::worker_queue(scope)), engine.now() + delay);
    EXPECT_EQ(wakeups.send(scope.cluster, model::Loop::Infra, "{}", delay).error().code,
              ErrorCode::PermissionDenied)
        << "the controller's queue is not the autoscaler's";
    const auto by_controller = as(Principal::Controller);
    aws::SqsWakeups controllers(*by_controller, scope);
    EXPECT_TRUE(controllers.send(scope.cluster, model::Loop::Infra, "{}", delay).has_value());
    EXPECT_TRUE(
        controllers.send(scope.cluster, model::Loop::Workers, "{}", std::chrono::hours{2}).has_value())
        << "a delay beyond what SQS takes is cut";
}

}  // namespace
}  // namespace k3fleet::contract
