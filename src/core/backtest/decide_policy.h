// The product's own policy: the production decide(), shown a world that is kept and changed in place.
//
// The backtest plays the part of the cloud and of Kubernetes: a launch becomes an instance at once and a
// Ready node after the boot time; a cordoned node serves no longer, its load moves to the others; a
// terminated instance is paid for until the next tick, as with every policy here. While a drain is under
// way decide() is asked again at the time it named, as production does, within the same slot.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/backtest/policy.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::backtest {

class DecidePolicy final : public Policy {
public:
    // `types` are what the intent's pools may launch, each sold in every zone of the intent on both markets.
    // Custom metrics and the budget of the intent are left out: a history has no such signal, and no masters.
    DecidePolicy(model::ClusterIntent intent, std::vector<NodeType> types);

    std::string_view name() const override { return "k3fleet"; }
    std::string_view rule() const override { return "this program: decide(), policy thresholds"; }
    void tick(const Observation& seen, Fleet& fleet) override;

    // Of the last tick: for tests.
    const model::World& world() const { return world_; }
    const model::Plan& plan() const { return plan_; }

private:
    void adopt(const Fleet& fleet, Timestamp now);
    void follow(const Observation& seen, const Fleet& fleet);
    void decide_once(Timestamp now, Fleet& fleet);
    std::vector<model::ActionResult> carry_out(Timestamp now, Fleet& fleet);
    model::ActionResult launch(int ordinal, const model::Launch& launch, Timestamp now, Fleet& fleet);
    void add_instance(const FleetNode& node, const model::PoolName& pool, const model::Offering& offering,
                      const model::Token& token, Timestamp now);
    void add_node(const model::Instance& instance, Timestamp now);
    model::Offering start_offering(const FleetNode& node) const;
    const NodeType& type_of(const model::Offering& offering) const;

    model::ClusterIntent intent_;
    std::vector<NodeType> types_;
    model::World world_;
    model::Memory memory_;
    model::Plan plan_;
    std::vector<int> booting_;     // Fleet ids of instances without a node.
    std::vector<int> terminated_;  // Fleet ids that end at the next tick.
    bool adopted_ = false;
};

}  // namespace k3fleet::backtest
