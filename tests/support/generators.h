// Generators of the model's types for property tests: every field varies, every kind of action and of not
// knowing occurs. The values are well-formed (finite numbers, times of years 0 to 9999), not plausible.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>

#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::testing_support {

rc::Gen<Timestamp> arbitrary_timestamp();
rc::Gen<Duration> arbitrary_duration();  // Up to ten years, never negative.

rc::Gen<model::Offering> arbitrary_offering();
rc::Gen<model::Instance> arbitrary_instance();
rc::Gen<model::Node> arbitrary_node();
rc::Gen<model::Pod> arbitrary_pod();
rc::Gen<model::DisruptionBudget> arbitrary_disruption_budget();
rc::Gen<model::World> arbitrary_world();

rc::Gen<model::Action> arbitrary_action();
rc::Gen<model::ActionResult> arbitrary_action_result();
rc::Gen<model::Plan> arbitrary_plan();
rc::Gen<model::Memory> arbitrary_memory();

rc::Gen<model::NodePool> arbitrary_node_pool();
rc::Gen<model::ClusterIntent> arbitrary_cluster_intent();

}  // namespace k3fleet::testing_support

// How rapidcheck prints counterexamples: as the records they become.
namespace k3fleet::model {

void showValue(const World& world, std::ostream& os);
void showValue(const Action& action, std::ostream& os);
void showValue(const ActionResult& result, std::ostream& os);
void showValue(const Plan& plan, std::ostream& os);
void showValue(const Memory& memory, std::ostream& os);
void showValue(const ClusterIntent& intent, std::ostream& os);

}  // namespace k3fleet::model
