// Requests of a pod, row by row, as kube-scheduler counts them.
#include "adapters/kube/requests.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"

namespace k3fleet::kube {
namespace {

struct Row {
    const char* name;
    const char* pod;  // spec and status
    std::int64_t cpu;
    std::int64_t memory;
};

class PodRequests : public testing::TestWithParam<Row> {};

TEST_P(PodRequests, AreCountedAsTheSchedulerDoes) {
    const auto pod = json::parse(GetParam().pod);
    ASSERT_TRUE(pod) << pod.error().describe();
    const auto requests = pod_requests(*pod);
    ASSERT_TRUE(requests) << requests.error().describe();
    EXPECT_EQ(requests->cpu.count, GetParam().cpu);
    EXPECT_EQ(requests->memory.count, GetParam().memory);
}

const Row kRows[] = {
    {"Nothing", R"({"spec":{"containers":[{"name":"a"}]}})", 0, 0},
    {"SumOfContainers",
     R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"250m","memory":"64Mi"}}},
                               {"name":"b","resources":{"requests":{"cpu":"1","memory":"1Gi"}}}]}})",
     1250, 1088},
    {"LimitsDoNotCount", R"({"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"8"}}}]}})", 0,
     0},
    {"BareNumbers",
     R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":2,"memory":1048576}}}]}})", 2000,
     1},
    {"LargestInitContainerWins",
     R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"100m","memory":"512Mi"}}}],
                 "initContainers":[{"name":"i","resources":{"requests":{"cpu":"2","memory":"16Mi"}}},
                                   {"name":"j","resources":{"requests":{"cpu":"1","memory":"32Mi"}}}]}})",
     2000, 512},
    {"SidecarsRunBesideTheContainers",
     R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"100m"}}}],
                 "initContainers":[{"name":"s","restartPolicy":"Always",
                                    "resources":{"requests":{"cpu":"50m"}}}]}})",
     150, 0},
    {"AnInitContainerRunsWithTheSidecarsBeforeItOnly",
     R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"100m"}}}],
                 "initContainers":[{"name":"s","restartPolicy":"Always",
                                    "resources":{"requests":{"cpu":"50m"}}},
                                   {"name":"i","resources":{"requests":{"cpu":"500m"}}},
                                   {"name":"t","restartPolicy":"Always",
                                    "resources":{"requests":{"cpu":"30m"}}}]}})",
     550, 0},
    {"OverheadComesOnTop",
     R"({"spec":{"overhead":{"cpu":"10m","memory":"20Mi"},
                 "containers":[{"name":"a","resources":{"requests":{"cpu":"100m","memory":"1Mi"}}}]}})",
     110, 21},
    {"ThePodsOwnRequestsReplaceTheSumOfThatResource",
     R"({"spec":{"resources":{"requests":{"cpu":"3"}},"overhead":{"cpu":"10m"},
                 "containers":[{"name":"a","resources":{"requests":{"cpu":"100m","memory":"8Mi"}}}]}})",
     3010, 8},
    {"AResizeCountsWithTheLargerOfAskedAndGranted",
     R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"100m","memory":"8Mi"}}}]},
         "status":{"containerStatuses":[{"name":"a","allocatedResources":{"cpu":"400m","memory":"4Mi"},
                                         "resources":{"requests":{"cpu":"300m"}}}]}})",
     400, 8},
};

INSTANTIATE_TEST_SUITE_P(Rows, PodRequests, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PodRequestsOfNonsense, AreAnErrorAndNotZero) {
    const auto pod =
        json::parse(R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"much"}}}]}})");
    EXPECT_FALSE(pod_requests(*pod));
}

}  // namespace
}  // namespace k3fleet::kube
