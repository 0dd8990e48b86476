#include "tests/sim/scenery.h"

#include <map>
#include <memory>
#include <utility>

#include "adapters/simcloud/aws/furnish.h"
#include "adapters/simcloud/aws/sim_api.h"
#include "aws/gen/ec2.h"
#include "base/text.h"
#include "tests/sim/canary.h"

namespace k3fleet::sim {
namespace {

std::string add_foreign_machine(simcloud::Engine& engine, aws::Api& api) {
    namespace ec2 = aws::ec2;
    ec2::RunInstancesRequest run{.image_id = std::string(simcloud::kAmd64Image), .instance_type = "t3.micro"};
    run.min_count = run.max_count = 1;
    run.client_token = "a stranger's";
    run.network_interfaces.push_back(
        {.device_index = 0, .subnet_id = engine.state().account.ec2.subnets.begin()->first});
    const auto made = api.call(run);
    must(made);
    return made->instances.front().instance_id.value_or("");
}

// What nobody may write anywhere else.
void hide_secrets(simcloud::Engine& engine, const Scenario& scenario, const model::Scope& scope) {
    for (const std::string& name : {model::names::join_secret(scope), model::names::server_secret(scope),
                                    model::names::kube_secret(scope)})
        engine.state().account.secrets.secrets[name] = {
            .name = name,
            .arn = model::arn(scope, "secretsmanager", format("secret:{}-AbCdEf", name)),
            .versions = {{.id = "1", .value = canary(scenario.seed), .stages = {"AWSCURRENT"}}}};
}

}  // namespace

model::Scope scope_of(const Scenario& scenario) {
    return {.project = scenario.intent.project,
            .cluster = scenario.intent.name,
            .account = simcloud::Account{}.number,
            .region = scenario.intent.region,
            .home_region = scenario.intent.region};
}

simcloud::WorldState world_of(const Scenario& scenario) {
    simcloud::WorldState state{.seed = scenario.seed};
    state.now = scenario.start;
    return state;
}

const simcloud::Rights& rights_of(iam::Principal who, const model::Scope& scope) {
    static std::map<std::pair<iam::Principal, std::string>, std::unique_ptr<simcloud::Rights>> known;
    auto& rights = known[{who, model::prefix(scope)}];
    if (rights) return *rights;
    auto made =
        simcloud::Rights::of(who, {.scope = scope, .clusters = {scope.cluster}, .keys = iam::Keys::Aws});
    must(made);
    rights = *std::move(made);
    return *rights;
}

std::string set_scene(simcloud::Engine& engine, const Scenario& scenario, const model::Scope& scope) {
    const model::ClusterIntent& intent = scenario.intent;
    simcloud::ClusterSetup setup{.project = intent.project, .name = intent.name, .region = intent.region};
    setup.zones = intent.zones;
    setup.workload = scenario.workload;
    must(engine.add_cluster(setup));
    simcloud::SimApi root = simcloud::SimApi::root(engine);
    must(simcloud::furnish(root, engine.state(),
                           {.scope = scope, .zones = intent.zones, .masters = intent.masters()}));
    std::string stranger = add_foreign_machine(engine, root);
    hide_secrets(engine, scenario, scope);
    for (const auto& fault : scenario.faults) engine.add_fault(fault);
    return stranger;
}

}  // namespace k3fleet::sim
