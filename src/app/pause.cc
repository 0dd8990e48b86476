// Sets and clears the flag; the flag first,
// so that a full journal cannot keep a person from stopping the machine.
#include "app/pause.h"

#include "app/journal.h"

namespace k3fleet::app {

Result<Timestamp> pause(Wiring& site, const model::ClusterName& cluster, Duration length,
                        const std::string& why, const Doer& doer) {
    const Timestamp until = doer.at + length;
    K3F_TRY(site.state().set_freeze(cluster, model::Freeze{.by = doer.who, .why = why, .until = until}));
    K3F_TRY(journal_operation(site.objects(), cluster, doer.who, doer.at, "pause",
                              Value::object({{"why", why}, {"until", to_rfc3339(until)}})));
    return until;
}

Result<bool> resume(Wiring& site, const model::ClusterName& cluster, const Doer& doer) {
    const auto freeze = K3F_TRY(site.state().freeze(cluster));
    const bool paused = freeze && freeze->until > doer.at;
    if (!freeze) return false;
    K3F_TRY(site.state().set_freeze(cluster, std::nullopt));
    K3F_TRY(journal_operation(site.objects(), cluster, doer.who, doer.at, "resume", Value::object({})));
    return paused;
}

}  // namespace k3fleet::app
