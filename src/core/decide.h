// The decision: what one loop of one cluster should do now. Pure: the same arguments give the same plan, to
// the byte.
//
// Dry run, explain, replay, backtests and the simulator call this same function as production does.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/time.h"
#include "core/model/intent.h"
#include "core/model/memory.h"
#include "core/model/plan.h"
#include "core/model/world.h"

namespace k3fleet::core {

// `memory` is the last committed one and must hold no pending plan. The plan's tokens are made for version
// memory.version + 1, so it must be committed as that.
model::Plan decide(model::Loop loop, const model::ClusterIntent& intent, const model::World& world,
                   const model::Memory& memory, Timestamp now);

// What is remembered once the actions of a plan were carried out: launches that have an id now, answers that
// hold up a drain. Actions without a result are taken as not done. Idempotent for the same results. `at`:
// when they were carried out, which may be minutes after they were decided; empty: then.
model::Memory apply_results(model::Memory memory, const model::RecordedPlan& plan,
                            std::span<const model::ActionResult> results, std::optional<Timestamp> at = {});

}  // namespace k3fleet::core
