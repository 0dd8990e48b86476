#include "app/machine_start.h"

#include <algorithm>

#include "app/pins.h"
#include "base/text.h"
#include "core/bootstrap/from_intent.h"
#include "core/cost/catalogue.h"

namespace k3fleet::app {
namespace {

Result<cost::Architecture> architecture_of(const ports::LaunchRequest& request) {
    const auto* type = cost::Catalogue::builtin().find(request.offering.instance_type);
    if (type == nullptr)
        return fail(ErrorCode::InvalidArgument,
                    format("there is no instance type {}", request.offering.instance_type));
    return type->architecture;
}

// Whether a master was ever launched besides this one: then it joins, else it founds.
Result<bool> another_master(const ports::LaunchRequest& request, ports::Cloud& cloud) {
    for (const auto& instance : K3F_TRY(cloud.instances(request.cluster)))
        if (instance.role == model::Role::Master && instance.launch_token != request.token &&
            instance.alive())
            return true;
    return false;
}

Result<std::string> node_script(const ports::LaunchRequest& request, const model::ClusterIntent& intent,
                                const Pins& pins, cost::Architecture architecture,
                                const StartSources& sources) {
    bootstrap::AccountFacts facts{.account = sources.account,
                                  .servers = {},
                                  .amd64 = pins.amd64.binaries,
                                  .arm64 = pins.arm64.binaries,
                                  .monitoring = pins.monitoring};
    if (request.role == model::Role::Master) {
        facts.servers = K3F_TRY(sources.slots(request.cluster, intent.masters()));
        const bool another = K3F_TRY(another_master(request, sources.cloud));
        const auto kind = another ? bootstrap::Master::Further : bootstrap::Master::First;
        return bootstrap::user_data(K3F_TRY(bootstrap::master_boot(intent, facts, request.slot, kind)));
    }
    facts.servers = K3F_TRY(sources.servers(request.cluster));
    const auto pool = std::ranges::find(intent.pools, request.pool, &model::NodePool::name);
    if (pool == intent.pools.end())
        return fail(ErrorCode::InvalidArgument, format("the cluster has no pool {}", request.pool.str()));
    return bootstrap::user_data(K3F_TRY(bootstrap::worker_boot(intent, facts, *pool, architecture)));
}

}  // namespace

Result<MachineStart> machine_start(const ports::LaunchRequest& request, const StartSources& sources) {
    const auto intent = K3F_TRY(sources.intent(request.cluster));
    const Pins pins =
        K3F_TRY_WHILE("choosing the machine image", load_pins(sources.objects, intent.k3s_version));
    const auto architecture = K3F_TRY(architecture_of(request));
    MachineStart start{.image = pins.of(architecture).image, .user_data = {}};
    if (request.role == model::Role::Nat)
        start.user_data = K3F_TRY(bootstrap::user_data(bootstrap::nat_boot(intent)));
    else
        start.user_data = K3F_TRY_WHILE("making the start script",
                                        node_script(request, intent, pins, architecture, sources));
    return start;
}

}  // namespace k3fleet::app
