#include "tests/sim/crew.h"

#include <utility>

#include "app/clusters.h"
#include "base/check.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::sim {
namespace {

iam::Principal role_of(model::Loop loop) {
    return loop == model::Loop::Workers ? iam::Principal::Autoscaler : iam::Principal::Controller;
}

// As adapters/aws/kube_access reads them from the autoscaler's secret, without asking the server there.
Result<std::vector<std::string>> servers_in(ports::Secrets& secrets, const std::string& name) {
    const auto kept = K3F_TRY(secrets.get(name));
    if (!kept) return fail(ErrorCode::NotFound, format("the secret {} is empty", name));
    const Value credential = K3F_TRY(json::parse(kept->value.reveal()));
    const Value* endpoints = credential.find("endpoints");
    if (endpoints == nullptr) return fail(ErrorCode::Corrupt, format("the secret {} names no server", name));
    std::vector<std::string> hosts;
    for (const Value& endpoint : endpoints->items()) {
        std::string host = endpoint.as_string() != nullptr ? *endpoint.as_string() : "";
        host = host.substr(host.find("//") + 2);
        hosts.push_back(host.substr(0, host.find(':')));
    }
    return hosts;
}

}  // namespace

Crew::Function::Function(Crew& crew, model::Loop loop, std::uint64_t seed) {
    auto made = simcloud::Rights::of(
        role_of(loop), {.scope = crew.scope_, .clusters = {crew.scope_.cluster}, .keys = iam::Keys::Aws});
    K3F_CHECK(made.has_value(), "our own policies can be read");
    rights = *std::move(made);
    controller = std::make_unique<simcloud::Controller>(
        crew.engine_, crew.gate_, *rights, crew.scope_, seed, simcloud::Controller::Packing::Deflated,
        [&crew, this](const ports::LaunchRequest& request) { return crew.start_of(*controller, request); });
    const bool outside = loop == model::Loop::Infra;
    services = std::make_unique<app::Services>(
        app::Services{.cloud = controller->cloud(),
                      .kubernetes = outside ? controller->signs() : controller->kubernetes(),
                      .metrics = controller->metrics(),
                      .state = controller->state(),
                      .objects = controller->objects(),
                      .notifier = controller->notifier(),
                      .clock = controller->clock(),
                      .random = controller->random(),
                      .executor = controller->executor(),
                      .holder = model::HolderId(format("function-{}", seed)),
                      .probe = {}});
}

Crew::Crew(simcloud::Engine& engine, simcloud::Gate& gate, const model::Scope& scope, std::uint64_t seed)
    : engine_(engine),
      gate_(gate),
      scope_(scope),
      infra_(*this, model::Loop::Infra, seed),
      workers_(*this, model::Loop::Workers, seed + 1) {}

Result<aws::Start> Crew::start_of(simcloud::Controller& controller, const ports::LaunchRequest& request) {
    const app::StartSources sources{
        .account = scope_.account,
        .objects = controller.objects(),
        .cloud = controller.cloud(),
        .intent = [&](const model::ClusterName& name) -> Result<model::ClusterIntent> {
            return K3F_TRY(app::load_cluster(controller.objects(), name)).intent;
        },
        .slots = [&](const model::ClusterName&, int masters) { return controller.master_addresses(masters); },
        .servers =
            [&](const model::ClusterName&) {
                return servers_in(controller.secrets(), model::names::kube_secret(scope_));
            }};
    app::MachineStart start = K3F_TRY(app::machine_start(request, sources));
    return aws::Start{.image = std::move(start.image), .user_data = std::move(start.user_data)};
}

Result<app::TickReport> Crew::tick(model::Loop loop) {
    Function& function = loop == model::Loop::Workers ? workers_ : infra_;
    const auto file = K3F_TRY(app::load_cluster(function.controller->objects(), scope_.cluster));
    return app::tick(file.intent, loop, *function.services);
}

Status Crew::run(std::chrono::minutes length) {
    constexpr std::chrono::minutes kEvery{2};
    const Timestamp end = engine_.now() + length;
    while (engine_.now() < end) {
        const Timestamp next = engine_.now() + kEvery;
        for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers})
            if (const auto report = tick(loop); !report && report.error().code != ErrorCode::Conflict)
                return std::unexpected(report.error());
        engine_.advance(next);
    }
    return {};
}

}  // namespace k3fleet::sim
