// Memory, plan, world and results as JSON values and back: what is committed, journaled and replayed.
// Decoding is strict (Corrupt on a missing or foreign shape), so that an old or damaged record is never half
// read. encode(decode(x)) == x, and encode is deterministic to the byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::model {

Value encode(const Memory& memory);
Result<Memory> decode_memory(const Value& value);
// The same as one text of JSON, which is what is stored; faster than by way of values.
std::string write(const Memory& memory);
Result<Memory> read_memory(std::string_view text);

Value encode(const Action& action);
Result<Action> decode_action(const Value& value);

Value encode(const ActionResult& result);
Result<ActionResult> decode_action_result(const Value& value);

Value encode(const Plan& plan);
Result<Plan> decode_plan(const Value& value);

Value encode(const World& world);
Result<World> decode_world(const Value& value);

// The whole validated intent, so that a journaled tick can be replayed without the file it came from.
Value encode(const ClusterIntent& intent);
Result<ClusterIntent> decode_cluster_intent(const Value& value);

}  // namespace k3fleet::model
