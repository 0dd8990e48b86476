// Messages for people go to the program's log: what is there when no other channel is set up.
#pragma once

#include "ports/notifier.h"

namespace k3fleet::local {

class LogNotifier final : public ports::Notifier {
public:
    Status notify(const model::ClusterName& cluster, const model::Notify& message) override;
};

}  // namespace k3fleet::local
