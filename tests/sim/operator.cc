#include "tests/sim/operator.h"

#include <utility>

#include "adapters/simcloud/aws/furnish.h"
#include "adapters/simcloud/k3s_release.h"
#include "app/function_code.h"
#include "app/policies.h"
#include "app/project_record.h"
#include "app/record_pins.h"
#include "aws/gen/ssm.h"
#include "base/check.h"
#include "base/text.h"
#include "base/zip.h"
#include "core/remote/documents.h"

namespace k3fleet::sim {
namespace {

constexpr int kMostErrors = 200;
constexpr std::string_view kK3s = "v1.36.1+k3s1";

// What stands for the program: functions are not run from it.
resources::FunctionCode code() {
    return *app::function_code_of_zip(zip_of("bootstrap", "stands for the program"), "arm64");
}

model::ProjectIntent project_of(const model::Scope& scope) {
    model::ProjectIntent intent{.name = scope.project};
    intent.allowed_regions = {scope.region};
    intent.alerts.emails = {"ops@example.com"};
    return intent;
}

// The same for all: rendering them takes longer than most commands.
const simcloud::Rights& rights_of(const model::Scope& scope) {
    static const std::unique_ptr<simcloud::Rights> rights = [&] {
        auto made = simcloud::Rights::of(
            iam::Principal::Operator,
            {.scope = scope, .clusters = {model::ClusterName("demo")}, .keys = iam::Keys::Aws});
        K3F_CHECK(made.has_value(), "our own policies can be read");
        return *std::move(made);
    }();
    return *rights;
}

Result<std::size_t> result_of(const app::Outcome& outcome) {
    if (outcome.complete()) return outcome.done;
    std::string text = format("{} done, {} skipped", outcome.done, outcome.skipped);
    if (outcome.stopped) text += "\nstopped: " + outcome.stopped->describe();
    int listed = 0;
    for (const auto& failed : outcome.failed)
        if (listed++ < kMostErrors)
            text += format("\n{} {} {}: {}", to_string(failed.change.verb), failed.change.type,
                           failed.change.id.str(), failed.error.describe());
    return fail(outcome.stopped ? outcome.stopped->code : ErrorCode::Internal, text);
}

}  // namespace

const std::string_view demo_cluster_file = R"(apiVersion: k3fleet.dev/v1
kind: Cluster
metadata: { name: demo }
spec:
  region: ap-southeast-1
  k3sVersion: v1.36.1+k3s1
  pools:
    - { name: default, instanceTypes: [t4g.medium], min: 1, max: 4 }
)";

model::Scope demo_project() {
    const simcloud::Account account;
    return {.project = model::ProjectName("shop"),
            .account = account.number,
            .region = account.region,
            .home_region = account.region};
}

Operator::Operator(simcloud::Engine& engine, simcloud::Gate& gate, const model::Scope& scope,
                   std::uint64_t run)
    : scope_(scope),
      holder_(format("ann:{}", run)),
      random_(run),
      executor_(run + 1),
      clock_(gate),
      account_(engine, rights_of(scope).arn(), &rights_of(scope), scope.region),
      gated_(account_, gate),
      api_(gated_, clock_, random_),
      resources_(api_, clock_, executor_, scope),
      state_(api_, aws::StateTable{.name = model::names::table(scope)}),
      objects_(api_, random_, aws::Bucket{.name = model::names::state_bucket(scope), .owner = scope.account}),
      secrets_(api_),
      cloud_(api_, clock_,
             {.project = scope.project,
              .region = scope.region,
              .launch = simcloud::simulated_launches(scope.home_region)}) {}

app::SetupSite Operator::site() {
    return {.scope = scope_,
            .provisioning = {.resources = resources_,
                             .executor = executor_,
                             .clock = clock_,
                             .run = random_.hex(8)},
            .state = state_,
            .holder = holder_};
}

resources::Graph Operator::account_graph(const std::vector<model::ClusterName>& clusters) {
    resources::AccountInput input{
        .scope = scope_, .intent = project_of(scope_), .clusters = clusters, .code = code()};
    input.documents = remote::documents(input.scope);
    input.policy = app::policies_for(resources::site_of(input));
    return resources::account_graph(input);
}

Result<std::size_t> Operator::init() {
    app::SetupSite account = site();
    const auto survey = K3F_TRY(app::survey_project(account));
    const auto clusters = K3F_TRY(survey->clusters());
    app::SetupPlan plan = K3F_TRY(app::plan_setup(account, account_graph(clusters), *survey));
    std::size_t done = 0;
    if (!plan.plan.empty()) {
        const app::Outcome outcome = K3F_TRY(app::carry_out_setup(account, plan));
        done = K3F_TRY(result_of(outcome));
    }
    K3F_TRY(app::record_project(objects_, project_of(scope_)));
    const app::PinSources sources{.objects = objects_,
                                  .fetch = simcloud::k3s_release,
                                  .parameter = [this](const std::string& name) -> Result<std::string> {
                                      const auto answer =
                                          K3F_TRY(api_.call(aws::ssm::GetParameterRequest{.name = name}));
                                      return answer.parameter->value->reveal();
                                  }};
    K3F_TRY(app::record_pins(sources, std::string(kK3s)));
    return done;
}

Result<app::ClusterSite> Operator::cluster_site(app::SetupSite& account) {
    return app::ClusterSite{.account = account,
                            .objects = objects_,
                            .secrets = secrets_,
                            .cloud = cloud_,
                            .random = random_,
                            .project = K3F_TRY(app::load_project(objects_)),
                            .zones = {scope_.region + "a", scope_.region + "b", scope_.region + "c"},
                            .code = code(),
                            .account_graph = [this](const auto& clusters) -> Result<resources::Graph> {
                                return account_graph(clusters);
                            }};
}

Result<std::size_t> Operator::create(const std::string& cluster_file) {
    app::SetupSite account = site();
    app::ClusterSite where = K3F_TRY(cluster_site(account));
    const app::ClusterFile file =
        K3F_TRY(app::check_cluster_file(cluster_file, "cluster.yaml", &where.project));
    app::ClusterPlan plan = K3F_TRY(app::plan_creation(where, file));
    if (plan.empty()) return std::size_t{0};
    const app::ClusterOutcome outcome = K3F_TRY(app::carry_out_cluster(where, plan, doer()));
    return result_of(outcome.resources);
}

Result<std::size_t> Operator::destroy(const model::ClusterName& name) {
    app::SetupSite account = site();
    app::ClusterSite where = K3F_TRY(cluster_site(account));
    app::ClusterPlan plan = K3F_TRY(app::plan_deletion(where, name));
    if (plan.stored) K3F_TRY(app::mark_deleting(objects_, name, doer()));
    K3F_TRY(app::await_no_machines(where, plan, clock_.now() + std::chrono::minutes{30}, [](const auto&) {}));
    plan = K3F_TRY(app::plan_deletion(where, name));
    const app::ClusterOutcome outcome = K3F_TRY(app::carry_out_deletion(where, plan, doer()));
    return result_of(outcome.resources);
}

Result<std::size_t> Operator::uninit() {
    app::SetupSite account = site();
    const auto survey = K3F_TRY(app::survey_project(account));
    app::SetupPlan plan =
        K3F_TRY(app::plan_takedown(account, account_graph({}), resources::Purge::Yes, *survey));
    if (plan.plan.empty()) return std::size_t{0};
    const app::Outcome outcome = K3F_TRY(app::carry_out_setup(account, plan));
    return result_of(outcome);
}

}  // namespace k3fleet::sim
