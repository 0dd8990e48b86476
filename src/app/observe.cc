// observe(): every source at once, each Known or Unknown.
#include <utility>

#include "app/tick.h"

namespace k3fleet::app {

model::World observe(const model::ClusterIntent& intent, model::Loop loop, Services& services) {
    model::World world;
    const Timestamp at = services.clock.now();
    std::vector<std::function<void()>> jobs{
        [&] { world.instances = model::observed(services.cloud.instances(intent.name), at); },
        [&] { world.offerings = model::observed(services.cloud.offerings(intent), at); },
        [&] { world.nodes = model::observed(services.kubernetes.nodes(), at); },
        // A freeze that cannot be read is taken as one: whoever pulled the brake must be sure that it holds.
        [&] {
            auto freeze = services.state.freeze(intent.name);
            world.freeze =
                freeze ? *std::move(freeze)
                       : model::Freeze{.by = "k3fleet",
                                       .why = "the pause flag cannot be read: " + freeze.error().describe(),
                                       .until = at + std::chrono::minutes{1}};
        },
    };
    if (loop == model::Loop::Workers) {
        jobs.push_back([&] { world.pods = model::observed(services.kubernetes.pods(), at); });
        jobs.push_back(
            [&] { world.budgets = model::observed(services.kubernetes.disruption_budgets(), at); });
        jobs.push_back([&] { world.signals = services.metrics.signals(intent.autoscaling.custom, at); });
    }
    services.executor.run_all(std::move(jobs));
    return world;
}

}  // namespace k3fleet::app
