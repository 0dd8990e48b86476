// What no single field can show: fields that contradict each other,
// and settings that are allowed but ill-advised.
#pragma once

#include "core/intent/session.h"
#include "core/model/intent.h"

namespace k3fleet::intent {

// Fields that were not sound by themselves are left alone: one mistake, one message.
void check_cluster(Session& session, const model::ClusterIntent& cluster);
void check_project(Session& session, const model::ProjectIntent& project);

// "{project}" for the cluster named like its project, else "{project}-{cluster}": what AWS names begin with.
std::string name_prefix(const model::ProjectName& project, const model::ClusterName& cluster);

}  // namespace k3fleet::intent
