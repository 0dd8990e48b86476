// Wake-ups as messages of SQS: of the workers' loop in the cluster's own queue, whose function takes them; of
// the infra loop in the project's.
#pragma once

#include "aws/api.h"
#include "core/model/resource_names.h"
#include "ports/wakeups.h"

namespace k3fleet::aws {

class SqsWakeups final : public ports::Wakeups {
public:
    // The API must outlive this. `scope` is the project's: account and region are needed, a cluster is not.
    SqsWakeups(Api& api, model::Scope scope) : api_(api), scope_(std::move(scope)) {}

    // Sent once: a wake-up whose answer was lost may be missing, and the schedule comes anyway.
    Status send(const model::ClusterName& cluster, model::Loop loop, const std::string& message,
                Duration delay) override;

private:
    Api& api_;
    model::Scope scope_;
};

}  // namespace k3fleet::aws
