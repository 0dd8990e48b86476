// What no single field can show: fields that contradict each other,
// and settings that are allowed but ill-advised.
#pragma once

#include "core/intent/session.h"
#include "core/model/intent.h"

namespace k3fleet::intent {

// Fields that were not sound by themselves are left alone: one mistake, one message.
void check_cluster(Session& session, const model::ClusterIntent& cluster);
void check_project(Session& session, const model::ProjectIntent& project);

}  // namespace k3fleet::intent
