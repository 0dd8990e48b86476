// A person with k3fleet at a simulated account: what the commands `init`, `cluster create`, `cluster delete`
// and `uninit` do, by the production code, each call through a gate. Each command is a run of the program.
#pragma once

#include <string>
#include <string_view>

#include "adapters/aws/resources/aws_resources.h"
#include "adapters/simcloud/controller.h"
#include "app/cluster_setup.h"

namespace k3fleet::sim {

// What the tests of set-ups set up: a project, and a cluster of it that is called "demo".
model::Scope demo_project();
extern const std::string_view demo_cluster_file;

class Operator {
public:
    // With the rights that the printed policy of operators gives, and no more. Engine and gate must outlive
    // it. `scope` is without cluster; `run` differs from run to run.
    Operator(simcloud::Engine& engine, simcloud::Gate& gate, const model::Scope& scope, std::uint64_t run);

    // Each does everything that is left to do. Incomplete outcomes are errors that list what failed.
    Result<std::size_t> init();
    Result<std::size_t> create(const std::string& cluster_file);
    // The machines are gone already, or go meanwhile: it waits for the functions.
    Result<std::size_t> destroy(const model::ClusterName& name);
    Result<std::size_t> uninit();

    ports::Objects& objects() { return objects_; }

private:
    app::SetupSite site();
    Result<app::ClusterSite> cluster_site(app::SetupSite& account);
    resources::Graph account_graph(const std::vector<model::ClusterName>& clusters);
    app::Doer doer() { return {.who = holder_.str(), .at = clock_.now()}; }

    model::Scope scope_;
    model::HolderId holder_;
    simcloud::SeededRandom random_;
    simcloud::ShuffledExecutor executor_;
    simcloud::GatedClock clock_;
    simcloud::SimApi account_;
    simcloud::GatedApi gated_;
    retry::RetryingApi api_;
    resources::AwsResources resources_;
    aws::DynamoLoopState state_;
    aws::S3Objects objects_;
    aws::KeptSecrets secrets_;
    aws::Ec2Cloud cloud_;
};

}  // namespace k3fleet::sim
