// What app::wire() gives, on a Bench: for tests of what runs ticks.
// `Site` is app::Wiring or what is made of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/wire.h"
#include "tests/support/fakes.h"

namespace k3fleet::testing {

// The file of the cluster that these tests run.
inline constexpr std::string_view kShopFile = R"(apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: {name: shop}
spec:
  region: eu-west-1
  k3sVersion: v1.31.4+k3s1
  pools:
    - {name: default, min: 2, max: 6, instanceTypes: [t4g.medium]}
)";

template <typename Site>
class FakeSite : public Site {
public:
    explicit FakeSite(std::string holder) : holder_(std::move(holder)) {}

    ports::Objects& objects() override { return bench.objects; }
    ports::LoopState& state() override { return bench.state; }
    ports::Cloud& cloud() override { return bench.cloud; }
    ports::Clock& clock() override { return bench.clock; }
    const model::HolderId& holder() const override { return holder_; }
    Status forget(const model::ClusterName& cluster) override {
        forgotten.push_back(cluster.str());
        return {};
    }
    Status inject(const app::SimulatedFault&) override { return {}; }
    Result<app::Services*> services(const model::ClusterIntent&) override {
        made_ = std::make_unique<app::Services>(bench.services(holder_.str()));
        return made_.get();
    }
    bool reaches_clusters() const override { return reaches; }
    bool has_more_than_machines() const override { return more_than_machines; }

    Bench bench;
    bool reaches = true;              // False: as an operator's machine, for a cluster on AWS.
    bool more_than_machines = false;  // True: as on AWS.
    std::vector<std::string> forgotten;

private:
    model::HolderId holder_;
    std::unique_ptr<app::Services> made_;
};

}  // namespace k3fleet::testing
