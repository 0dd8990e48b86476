// A small simulated world for tests: one cluster, quiet load, and the steps that most tests need.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "adapters/simcloud/simcloud.h"
#include "base/text.h"
#include "core/cost/catalogue.h"

namespace k3fleet::simcloud {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A Wednesday, 10:00 UTC.
inline constexpr Timestamp kStart = from_unix_seconds(1'790'157'600);

inline Load steady(double cores, int minutes_of_it = 1) {
    RecordedLoad recorded{.start = kStart};
    recorded.cores.assign(static_cast<std::size_t>(minutes_of_it),
                          Millicores{static_cast<std::int64_t>(cores * 1000)});
    return {.recorded = std::move(recorded)};
}

inline ClusterSetup small_cluster(const std::string& name = "demo", double cores = 1) {
    return {.project = model::ProjectName("shop"),
            .name = model::ClusterName(name),
            .region = "ap-southeast-1",
            .zones = {"ap-southeast-1a", "ap-southeast-1b"},
            .workload = {.load = steady(cores)}};
}

inline model::Offering offering(const std::string& type = "t3.medium",
                                model::Market market = model::Market::OnDemand,
                                const std::string& zone = "ap-southeast-1a") {
    const auto sold = cost::Catalogue::builtin().on_demand(type, zone, "ap-southeast-1");
    EXPECT_TRUE(sold) << type;
    model::Offering offering = sold.value_or(model::Offering{.instance_type = type, .zone = zone});
    offering.market = market;
    return offering;
}

inline ports::LaunchRequest worker(const std::string& token, const std::string& cluster = "demo") {
    return {.project = model::ProjectName("shop"),
            .cluster = model::ClusterName(cluster),
            .role = model::Role::Worker,
            .pool = model::PoolName("default"),
            .offering = offering(),
            .token = model::Token(token)};
}

inline ports::LaunchRequest master(const std::string& token, int slot = 0,
                                   const std::string& cluster = "demo") {
    ports::LaunchRequest request = worker(token, cluster);
    request.role = model::Role::Master;
    request.pool = {};
    request.slot = slot;
    // Each slot stands in a zone of its own, as far as there are some.
    request.offering =
        offering("t4g.small", model::Market::OnDemand, slot % 2 == 1 ? "ap-southeast-1b" : "ap-southeast-1a");
    return request;
}

class SimWorld : public ::testing::Test {
protected:
    SimWorld() { rebuild({.seed = 7, .start = kStart}); }

    void rebuild(Options options) {
        options.on_crash = [this](std::string_view point) { crashes.emplace_back(point); };
        sim = Sim::in_memory(std::move(options));
        kubernetes = sim->kubernetes(demo);
        metrics = sim->metrics(demo);
        EXPECT_TRUE(sim->add_cluster(small_cluster()));
    }
    void pass(Duration span) { ASSERT_TRUE(sim->clock().sleep_until(sim->now() + span)); }
    model::Instance launch(const ports::LaunchRequest& request) {
        auto launched = sim->cloud().launch(request);
        EXPECT_TRUE(launched) << (launched ? "" : launched.error().describe());
        return launched.value_or(model::Instance{});
    }
    // A master and so many Ready workers, with the pods placed.
    void bring_up(int workers) {
        launch(master("m0"));
        for (int i = 0; i < workers; ++i) launch(worker(format("w{}", i)));
        pass(minutes{6});
        ASSERT_EQ(ready_workers(), workers);
    }
    // By value: a list read in the head of a loop would not outlive its Result.
    std::vector<model::Instance> instances() { return sim->cloud().instances(demo).value(); }
    std::vector<model::Node> nodes() { return kubernetes->nodes().value(); }
    std::vector<model::Pod> pods() { return kubernetes->pods().value(); }
    int ready_workers() {
        int count = 0;
        for (const model::Node& node : nodes()) {
            count += node.ready && node.role == model::Role::Worker ? 1 : 0;
        }
        return count;
    }
    model::Instance seen(const model::InstanceId& id) {
        for (const model::Instance& instance : instances()) {
            if (instance.id == id) return instance;
        }
        ADD_FAILURE() << id.str() << " is not listed";
        return {};
    }
    std::vector<model::Node> workers() {
        auto list = nodes();
        std::erase_if(list, [](const model::Node& n) { return n.role == model::Role::Master; });
        return list;
    }
    // The worker with the most pods: the one that joined first has all of a quiet load.
    model::Node busiest() {
        const auto all = web_pods();
        const auto list = workers();
        return *std::ranges::max_element(list, {}, [&](const model::Node& node) {
            return std::ranges::count(all, node.name, &model::Pod::node);
        });
    }
    std::vector<model::Pod> web_pods() {
        auto list = pods();
        std::erase_if(list, [](const model::Pod& pod) { return pod.owner_kind != "ReplicaSet"; });
        return list;
    }
    static model::Terminate end_of(const model::Instance& instance) {
        return {.instance = instance.id, .role = instance.role, .pool = instance.pool};
    }
    static model::Evict eviction_of(const model::Pod& pod) {
        return {.namespace_name = pod.namespace_name, .pod = pod.name, .pod_uid = pod.uid, .node = pod.node};
    }

    const model::ClusterName demo{"demo"};
    std::unique_ptr<Sim> sim;
    std::unique_ptr<ports::Kubernetes> kubernetes;
    std::unique_ptr<ports::Metrics> metrics;
    std::vector<std::string> crashes;
};

}  // namespace k3fleet::simcloud
