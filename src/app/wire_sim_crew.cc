#include "app/wire_sim_crew.h"

#include <algorithm>

#include "adapters/simcloud/simcloud.h"
#include "app/clusters.h"
#include "app/machine_start.h"
#include "base/check.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::app {
namespace {

constexpr std::chrono::minutes kEvery{2};
constexpr std::chrono::seconds kSoonest{1};

std::string name_of(model::Loop loop, const model::Scope& scope) {
    return loop == model::Loop::Workers ? model::names::autoscaler_function(scope)
                                        : model::names::controller_function(scope);
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
        simcloud::principal_of(loop),
        {.scope = crew.scope_, .clusters = {crew.scope_.cluster}, .keys = iam::Keys::Aws});
    K3F_CHECK(made.has_value(), "our own policies can be read");
    rights = *std::move(made);
    controller = std::make_unique<simcloud::Controller>(
        crew.engine_, crew.gate_, *rights, crew.scope_, seed, simcloud::Controller::Packing::Deflated,
        [&crew, this](const ports::LaunchRequest& request) { return crew.start_of(*controller, request); });
    const bool outside = loop == model::Loop::Infra;
    services = std::make_unique<Services>(Services{
        .cloud = controller->cloud(),
        .kubernetes = outside ? controller->signs() : controller->kubernetes(),
        .metrics = controller->metrics(),
        .state = controller->state(),
        .objects = controller->objects(),
        .notifier = controller->notifier(),
        .clock = controller->clock(),
        .random = controller->random(),
        .executor = controller->executor(),
        .holder = model::HolderId(format("{}:{}", name_of(loop, crew.scope_), controller->random().hex(3))),
        .probe = {}});
}

Crew::Crew(simcloud::Engine& engine, simcloud::Gate& gate, const model::Scope& scope, std::uint64_t seed)
    : engine_(engine),
      gate_(gate),
      scope_(scope),
      infra_(*this, model::Loop::Infra, seed),
      workers_(*this, model::Loop::Workers, seed + 1) {}

Result<aws::Start> Crew::start_of(simcloud::Controller& controller, const ports::LaunchRequest& request) {
    const StartSources sources{
        .account = scope_.account,
        .objects = controller.objects(),
        .cloud = controller.cloud(),
        .intent = [&](const model::ClusterName& name) -> Result<model::ClusterIntent> {
            return K3F_TRY(files_.load(controller.objects(), name)).intent;
        },
        .slots = [&](const model::ClusterName&, int masters) { return controller.master_addresses(masters); },
        .servers =
            [&](const model::ClusterName&) {
                return servers_in(controller.secrets(), model::names::kube_secret(scope_));
            }};
    MachineStart start = K3F_TRY(machine_start(request, sources));
    return aws::Start{.image = std::move(start.image), .user_data = std::move(start.user_data)};
}

Result<TickReport> Crew::tick(model::Loop loop) {
    Function& function = loop == model::Loop::Workers ? workers_ : infra_;
    const auto file = K3F_TRY(files_.load(function.controller->objects(), scope_.cluster));
    return app::tick(file.intent, loop, *function.services);
}

Crews::Crews(simcloud::Engine& engine, model::Scope project)
    : engine_(engine), gate_(engine), project_(std::move(project)) {}

bool Crews::exists(const std::string& function) const {
    return engine_.state().account_in(project_.region).functions.functions.contains(function);
}

// Clusters whose file is in the project's bucket and whose functions are there. Users' work comes with them.
void Crews::find_work() {
    simcloud::SimApi owner = simcloud::SimApi::root(engine_, project_.region);
    simcloud::SeededRandom random(1);  // Only reads.
    aws::S3Objects objects(
        owner, random, aws::Bucket{.name = model::names::state_bucket(project_), .owner = project_.account});
    const auto names = list_clusters(objects);
    if (!names) return;  // There is no project, or it goes.
    std::map<Start, Timestamp> due;
    for (const auto& name : *names) {
        model::Scope scope = project_;
        scope.cluster = name;
        for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers}) {
            if (!exists(name_of(loop, scope))) continue;
            const Start start(name, loop);
            const auto known = due_.find(start);
            due[start] = known == due_.end() ? next_scheduled() : known->second;
        }
        if (crews_.contains(name)) continue;
        if (const auto file = load_cluster(objects, name)) {
            (void)engine_.add_cluster(simcloud::setup_for(file->intent, {.load = engine_.state().load}));
            // By the time, since a later session begins with the same numbers.
            const auto seed = static_cast<std::uint64_t>(engine_.now().time_since_epoch().count()) * 64;
            crews_[name] = std::make_unique<Crew>(engine_, gate_, scope, seed + 2 * crews_.size());
        }
    }
    std::erase_if(crews_,
                  [&](const auto& crew) { return !due.contains(Start(crew.first, model::Loop::Infra)); });
    due_ = std::move(due);
}

Timestamp Crews::next_scheduled() const {
    const auto since = engine_.now().time_since_epoch() % kEvery;
    return engine_.now() - since + kEvery;
}

void Crews::run(const Start& start) {
    due_[start] = next_scheduled();
    const auto crew = crews_.find(start.first);
    if (crew == crews_.end()) return;  // Its file cannot be read.
    const auto report = crew->second->tick(start.second);
    due_[start] = next_scheduled();
    if (report)
        due_[start] = std::min(due_[start], std::max(report->plan.next_tick, engine_.now() + kSoonest));
    else if (report.error().code != ErrorCode::Conflict)
        last_failure_ = report.error();
}

void Crews::advance(Timestamp until) {
    while (engine_.now() < until) {
        find_work();
        const auto first = std::ranges::min_element(due_, {}, &std::pair<const Start, Timestamp>::second);
        const Timestamp look = next_scheduled();
        const Timestamp at = first == due_.end() ? look : std::min(look, first->second);
        if (at > until) break;
        engine_.advance(at);
        if (first != due_.end() && first->second <= at) run(first->first);
    }
    engine_.advance(until);
}

}  // namespace k3fleet::app
