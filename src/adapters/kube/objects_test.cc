// Reading the API server's objects: what counts, what may be missing, and what makes a list unusable.
#include "adapters/kube/objects.h"

#include <gtest/gtest.h>

#include <string>

namespace k3fleet::kube {
namespace {

std::string list_of(const std::string& items, const std::string& next = "") {
    return R"({"kind":"List","metadata":{"resourceVersion":"7","continue":")" + next + R"("},"items":[)" +
           items + "]}";
}

std::string meta(const std::string& name, const std::string& more = "") {
    return R"("metadata":{"name":")" + name + R"(","namespace":"shop","uid":"u-)" + name +
           R"(","creationTimestamp":"2026-11-22T03:00:00Z")" + more + "}";
}

model::Pod one_pod(const std::string& text) {
    const auto page = parse_pods(list_of("{" + text + "}"));
    EXPECT_TRUE(page) << page.error().describe();
    return page && page->items.size() == 1 ? page->items[0] : model::Pod{};
}

TEST(ParseNodes, ReadsWhatScalingNeeds) {
    const auto page = parse_nodes(list_of(
        R"({"metadata":{"name":"i-0abc","uid":"u1","creationTimestamp":"2026-11-22T03:00:00Z",
                        "labels":{"a":"b"}},
            "spec":{"providerID":"aws:///ap-southeast-1a/i-0abc","unschedulable":true},
            "status":{"allocatable":{"cpu":"1930m","memory":"3915684Ki","pods":"110"},
                      "conditions":[{"type":"MemoryPressure","status":"False"},
                                    {"type":"Ready","status":"True"}]}})",
        "more"));
    ASSERT_TRUE(page) << page.error().describe();
    EXPECT_EQ(page->next, "more");
    ASSERT_EQ(page->items.size(), 1U);
    const model::Node expected{.name = model::NodeName("i-0abc"),
                               .uid = model::Uid("u1"),
                               .instance = model::InstanceId("i-0abc"),
                               .role = model::Role::Worker,
                               .ready = true,
                               .schedulable = false,
                               .created_at = from_unix_seconds(1795316400),
                               .allocatable_cpu = {1930},
                               .allocatable_memory = {3824},
                               .allocatable_pods = 110};
    EXPECT_EQ(page->items[0], expected);
}

TEST(ParseNodes, ANodeThatHasJustJoinedIsNotReadyAndOffersNothing) {
    const auto page = parse_nodes(list_of("{" + meta("n") + R"(,"spec":{},"status":{}})"));
    ASSERT_TRUE(page) << page.error().describe();
    EXPECT_FALSE(page->items[0].ready);
    EXPECT_TRUE(page->items[0].schedulable);
    EXPECT_EQ(page->items[0].allocatable_cpu.count, 0);
    EXPECT_TRUE(page->items[0].instance.empty());
}

TEST(ParseNodes, ReadyUnknownIsNotReady) {
    const auto page = parse_nodes(
        list_of("{" + meta("n") + R"(,"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}})"));
    EXPECT_FALSE(page->items[0].ready);
}

TEST(ParseNodes, K3sServersAreMasters) {
    for (const char* role : {"control-plane", "master", "etcd"}) {
        const auto page = parse_nodes(list_of(
            "{" + meta("n", std::string(R"(,"labels":{"node-role.kubernetes.io/)") + role + R"(":"true"})") +
            "}"));
        EXPECT_EQ(page->items[0].role, model::Role::Master) << role;
    }
}

TEST(InstanceOf, KnowsAwsOnly) {
    EXPECT_EQ(instance_of("aws:///ap-southeast-1a/i-0abc").str(), "i-0abc");
    for (const char* other :
         {"", "k3s://node-1", "aws:///ap-southeast-1a/", "aws:///zone/fargate-1", "gce://p/z/i-1"})
        EXPECT_TRUE(instance_of(other).empty()) << other;
}

TEST(ParsePods, ReadsWhatADrainNeeds) {
    const auto pod = one_pod(
        meta("web-1", R"(,"labels":{"app":"web"},"ownerReferences":[{"kind":"Odd","name":"x"},
             {"kind":"ReplicaSet","name":"web","controller":true}])") +
        R"(,"spec":{"nodeName":"i-0abc","containers":[{"name":"c","resources":{"requests":{"cpu":"100m"}}}]},
            "status":{"phase":"Running"})");
    EXPECT_EQ(pod.namespace_name, "shop");
    EXPECT_EQ(pod.name, "web-1");
    EXPECT_EQ(pod.uid.str(), "u-web-1");
    EXPECT_EQ(pod.node.str(), "i-0abc");
    EXPECT_EQ(pod.phase, model::PodPhase::Running);
    EXPECT_EQ(pod.owner_kind, "ReplicaSet");
    EXPECT_FALSE(pod.mirror);
    EXPECT_FALSE(pod.terminating);
    EXPECT_FALSE(pod.unschedulable);
    EXPECT_EQ(pod.cpu.count, 100);
    EXPECT_EQ(pod.labels, (std::map<std::string, std::string>{{"app", "web"}}));
    EXPECT_EQ(pod.created_at, from_unix_seconds(1795316400));
}

TEST(ParsePods, TellsTheSpecialOnes) {
    EXPECT_TRUE(one_pod(meta("m", R"(,"annotations":{"kubernetes.io/config.mirror":"x"})")).mirror);
    EXPECT_TRUE(one_pod(meta("t", R"(,"deletionTimestamp":"2026-11-22T03:00:30Z")")).terminating);
    const std::string waiting =
        R"(,"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False",
                                    "reason":")";
    EXPECT_TRUE(one_pod(meta("p") + waiting + R"(Unschedulable"}]})").unschedulable);
    EXPECT_FALSE(one_pod(meta("p") + waiting + R"(SchedulingGated"}]})").unschedulable);
    EXPECT_EQ(one_pod(meta("p", R"(,"ownerReferences":[{"kind":"Node","name":"n"}])")).owner_kind, "");
}

TEST(ParsePods, AHoleMakesTheWholeListCorrupt) {
    const std::string good = "{" + meta("good") + "},";
    for (const std::string bad : {R"({"metadata":{"name":"x","namespace":"shop"}})", R"({"metadata":{}})",
                                  "7", R"({"metadata":{"name":"x","namespace":"s","uid":"u"}})"}) {
        const auto page = parse_pods(list_of(good + bad));
        ASSERT_FALSE(page) << bad;
        EXPECT_EQ(page.error().code, ErrorCode::Corrupt);
    }
    const auto quantity = parse_pods(
        list_of(good + "{" + meta("odd") +
                R"(,"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"much"}}}]}})"));
    ASSERT_FALSE(quantity);
    EXPECT_EQ(quantity.error().code, ErrorCode::Corrupt);
    EXPECT_NE(quantity.error().describe().find("shop/odd"), std::string::npos) << quantity.error().describe();
}

TEST(ParsePods, WhatIsNoListIsCorrupt) {
    for (const char* text : {"", "{", "[]", R"({"kind":"Status"})", R"({"items":{}})", "<html>"}) {
        const auto page = parse_pods(text);
        ASSERT_FALSE(page) << text;
        EXPECT_EQ(page.error().code, ErrorCode::Corrupt);
    }
    const auto empty = parse_pods(R"({"metadata":{},"items":null})");
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->items.empty());
}

TEST(ParseDisruptionBudgets, KeepsTheWholeSelectorAndLeavesOutThoseThatCoverNothing) {
    const auto page = parse_disruption_budgets(
        list_of("{" + meta("web") + R"(,"spec":{"selector":{"matchLabels":{"app":"web"},"matchExpressions":[
              {"key":"tier","operator":"NotIn","values":["batch"]},{"key":"x","operator":"Exists"}]}},
              "status":{"disruptionsAllowed":2}},)" +
                "{" + meta("all") + R"(,"spec":{"selector":{}},"status":{"disruptionsAllowed":0}},)" + "{" +
                meta("none") + R"(,"spec":{"minAvailable":1},"status":{"disruptionsAllowed":0}})"));
    ASSERT_TRUE(page) << page.error().describe();
    ASSERT_EQ(page->items.size(), 2U);
    using Op = model::LabelRule::Operator;
    EXPECT_EQ(
        page->items[0],
        (model::DisruptionBudget{.namespace_name = "shop",
                                 .name = "web",
                                 .match_labels = {{"app", "web"}},
                                 .match_expressions = {{"tier", Op::NotIn, {"batch"}}, {"x", Op::Exists, {}}},
                                 .disruptions_allowed = 2}));
    EXPECT_EQ(page->items[1].name, "all");
    EXPECT_TRUE(page->items[1].match_labels.empty());
}

TEST(ParseRefusal, KeepsTheServersWordsAndFindsTheBudget) {
    const auto refusal = parse_refusal(
        R"({"kind":"Status","message":"Cannot evict pod as it would violate the pod's disruption budget.",
            "reason":"TooManyRequests","details":{"causes":[{"reason":"DisruptionBudget",
            "message":"The disruption budget web needs 3 healthy pods and has 3 currently"}]},"code":429})");
    EXPECT_TRUE(refusal.disruption_budget);
    EXPECT_EQ(refusal.cause, "The disruption budget web needs 3 healthy pods and has 3 currently");
    EXPECT_EQ(refusal.reason, "TooManyRequests");
    EXPECT_EQ(parse_refusal("<html>502</html>").message, "\"<html>502</html>\"");
    EXPECT_FALSE(parse_refusal("").message.empty());
}

}  // namespace
}  // namespace k3fleet::kube
