// The severity chooses the level of the log line.
#include "adapters/local/notifier.h"

#include <string>

#include "base/log.h"
#include "core/model/names.h"

namespace k3fleet::local {

Status LogNotifier::notify(const model::ClusterName& cluster, const model::Notify& message) {
    log::Level level = log::Level::Info;
    switch (message.severity) {
        case model::Severity::P0:
        case model::Severity::P1: level = log::Level::Error; break;
        case model::Severity::P2: level = log::Level::Warn; break;
        case model::Severity::P3:
        case model::Severity::Info: break;
    }
    log::write(level, message.title,
               {{"cluster", cluster.str()},
                {"severity", std::string(model::to_string(message.severity))},
                {"text", message.text}});
    return {};
}

}  // namespace k3fleet::local
