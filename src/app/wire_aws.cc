// AWS behind the ports: one project in one region of one account. Second half of app/wire.cc.
#include "app/wire_aws.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "adapters/aws/account.h"
#include "adapters/aws/dynamo_loop_state.h"
#include "adapters/aws/ec2_cloud.h"
#include "adapters/aws/kept_secrets.h"
#include "adapters/aws/kube_access.h"
#include "adapters/aws/master_signs.h"
#include "adapters/aws/remembering_objects.h"
#include "adapters/aws/resources/aws_resources.h"
#include "adapters/aws/s3_objects.h"
#include "adapters/aws/sns_notifier.h"
#include "adapters/aws/sqs_wakeups.h"
#include "adapters/aws/ssm_remote.h"
#include "adapters/local/clock.h"
#include "adapters/local/executor.h"
#include "adapters/local/random.h"
#include "adapters/local/web.h"
#include "app/journal.h"
#include "app/machine_start.h"
#include "app/project_record.h"
#include "app/wire_sim_aws.h"
#include "app/zones.h"
#include "aws/gen/ssm.h"
#include "aws/gen/sts.h"
#include "base/text.h"
#include "core/model/resource_names.h"

namespace k3fleet::app {
namespace {

aws::Bucket bucket_of(const model::Scope& scope) {
    return {.name = model::names::state_bucket(scope), .owner = scope.account};
}

aws::StateTable table_of(const model::Scope& scope) { return {.name = model::names::table(scope)}; }

Result<std::unique_ptr<aws::ApiAccount>> open_account(const AccountSettings& who, ports::Clock& clock,
                                                      ports::Random& random) {
    using Person = aws::AccountOptions::Person;
    return aws::open_account({.profile = who.profile,
                              .region = who.region,
                              .state_dir = who.state_dir,
                              .variable = who.variable,
                              .observe = who.on_call,
                              .person = who.person_there ? Person::AtTerminal : Person::Absent},
                             clock, random);
}

class RealGround final : public AwsGround {
public:
    explicit RealGround(const AccountSettings& settings) : settings_(settings) {}
    Status open() {
        account_ = K3F_TRY(open_account(settings_, clock_, random_));
        return {};
    }

    aws::ApiAccount& account() override { return *account_; }
    bool simulated() const override { return false; }
    ports::Clock& clock() override { return clock_; }

    Result<std::string> fetch(const std::string& url) override {
        if (!web_) web_ = net::make_http_client(local::web_options(settings_.variable));
        return local::fetch_text(*web_, url);
    }

    Status inject(const SimulatedFault&) override {
        return fail(ErrorCode::Refused, "faults are made in the simulated cloud only");
    }

private:
    AccountSettings settings_;
    local::SystemClock clock_;
    local::SystemRandom random_;
    std::unique_ptr<aws::ApiAccount> account_;
    std::unique_ptr<net::HttpClient> web_;
};

// The parts that only some commands need (resources) are made when they are asked for: a function starts for
// each event.
class AwsWiring final : public AwsSite {
public:
    AwsWiring(const WireSettings& settings, std::unique_ptr<AwsGround> ground, model::HolderId holder,
              int threads)
        : settings_(settings),
          executor_(threads),
          holder_(std::move(holder)),
          ground_(std::move(ground)),
          clock_(ground_->clock()),
          account_(ground_->account()) {}

    Status open() {
        if (settings_.project.empty())
            return fail(ErrorCode::InvalidArgument,
                        "which project of this account?\ngive --project NAME, or set K3FLEET_PROJECT");
        if (account_.region().empty())
            return fail(ErrorCode::InvalidArgument,
                        "which region of this account?\ngive --region REGION, or set AWS_REGION");
        scope_ = {.project = model::ProjectName(settings_.project),
                  .account = settings_.account_id,
                  .region = account_.region(),
                  .home_region = settings_.home_region};
        if (scope_.account.empty()) {
            const auto identity = K3F_TRY_WHILE("asking AWS who we are",
                                                account_.api().call(aws::sts::GetCallerIdentityRequest{}));
            scope_.account = identity.account.value_or("");
        }
        make_ports();
        return {};
    }

    ports::Objects& objects() override { return *remembering_; }
    ports::LoopState& state() override { return *state_; }
    ports::Cloud& cloud() override { return *cloud_; }
    ports::Clock& clock() override { return clock_; }
    const model::HolderId& holder() const override { return holder_; }

    ports::Wakeups& wakeups() override { return *wakeups_; }
    void note_interruption(const model::InstanceId& instance, Timestamp at) override {
        cloud_->note_interruption(instance, at);
    }

    Status forget(const model::ClusterName& cluster) override {
        for (const auto& instance : K3F_TRY(cloud_->instances(cluster)))
            if (instance.alive())
                return fail(ErrorCode::Refused,
                            format("{} of cluster {} is still alive", instance.id.str(), cluster.str()));
        const std::scoped_lock lock(mutex_);
        own_.erase(cluster);
        return {};
    }

    Status inject(const SimulatedFault& fault) override { return ground_->inject(fault); }

    bool reaches_clusters() const override { return false; }
    bool has_more_than_machines() const override { return true; }

    ports::AwsAccount& account() override { return account_; }
    bool simulated() const override { return ground_->simulated(); }
    const model::Scope& scope() const override { return scope_; }
    ports::Resources& resources() override {
        if (!resources_)
            resources_ = std::make_unique<resources::AwsResources>(account_.api(), clock_, executor_, scope_);
        return *resources_;
    }
    ports::Secrets& secrets() override { return *secrets_; }
    ports::RemoteExec& remote() override { return *remote_; }
    ports::Executor& executor() override { return executor_; }
    ports::Random& random() override { return random_; }

    Result<std::vector<std::string>> zones() override { return read_zones(account_); }

    Result<std::string> public_parameter(const std::string& name) override {
        const auto answer = K3F_TRY(account_.api().call(aws::ssm::GetParameterRequest{.name = name}));
        if (!answer.parameter || !answer.parameter->value)
            return fail(ErrorCode::Corrupt, format("AWS's answer has no value of {}", name));
        return answer.parameter->value->reveal();  // Public, whatever others in there are.
    }

    Result<std::string> fetch(const std::string& url) override { return ground_->fetch(url); }

    Result<Services*> services(const model::ClusterIntent& intent) override {
        K3F_TRY(find_home());
        Own& own = of(intent.name);
        {
            const std::scoped_lock lock(mutex_);
            own.intent = intent;
        }
        if (own.services) return own.services.get();
        own.services = std::make_unique<Services>(Services{.cloud = *cloud_,
                                                           .kubernetes = kubernetes_of(own),
                                                           .metrics = own.access->metrics(),
                                                           .state = *state_,
                                                           .objects = *remembering_,
                                                           .notifier = *notifier_,
                                                           .clock = clock_,
                                                           .random = random_,
                                                           .executor = executor_,
                                                           .holder = holder_,
                                                           .probe = {}});
        return own.services.get();
    }

private:
    // What is made for one cluster.
    struct Own {
        model::ClusterIntent intent;
        std::unique_ptr<aws::KubeAccess> access;
        std::unique_ptr<aws::MasterSigns> signs;
        std::unique_ptr<Services> services;
    };

    void make_ports() {
        aws::Api& api = account_.api();
        objects_.emplace(api, random_, bucket_of(scope_));
        remembering_.emplace(*objects_);
        state_.emplace(api, table_of(scope_));
        secrets_.emplace(api);
        wakeups_.emplace(api, scope_);
        notifier_.emplace(api, model::arn(scope_, "sns", model::names::alerts_topic(scope_)));
        remote_.emplace(api, clock_, aws::SsmOptions{.region = scope_.region, .endpoint = [this] {
                                                         return account_.endpoint("ssm");
                                                     }});
        make_cloud();
    }

    void make_cloud() {
        aws::LaunchSettings launch{.home_region = scope_.home_region};
        launch.start = [this](const ports::LaunchRequest& request) { return start_of(request); };
        cloud_.emplace(
            account_.api(), clock_,
            aws::Ec2Options{.project = scope_.project, .region = scope_.region, .launch = std::move(launch)});
    }

    // A function is told in its environment, a person's program finds it in what `init` recorded. Before
    // anything is launched, since names of roles depend on it.
    Status find_home() {
        if (!scope_.home_region.empty()) return {};
        const auto project = load_project(*objects_);
        if (!project && project.error().code != ErrorCode::NotFound) return std::unexpected(project.error());
        scope_.home_region = project ? project->allowed_regions.front() : scope_.region;
        if (scope_.home_region != scope_.region) make_cloud();
        return {};
    }

    Own& of(const model::ClusterName& cluster) {
        const std::scoped_lock lock(mutex_);
        Own& own = own_[cluster];
        if (own.access) return own;
        model::Scope scope = scope_;
        scope.cluster = cluster;
        own.access =
            std::make_unique<aws::KubeAccess>(*secrets_, clock_, executor_, model::names::kube_secret(scope));
        own.signs = std::make_unique<aws::MasterSigns>(*cloud_, *secrets_, clock_, cluster,
                                                       model::names::join_secret(scope));
        return own;
    }

    ports::Kubernetes& kubernetes_of(Own& own) {
        if (settings_.reach == WireSettings::Reach::Outside) return *own.signs;
        return own.access->kubernetes();
    }

    Result<model::ClusterIntent> intent_of(const model::ClusterName& cluster) {
        const std::scoped_lock lock(mutex_);
        const auto found = own_.find(cluster);
        if (found == own_.end() || found->second.intent.name.empty())
            return fail(ErrorCode::Internal,
                        format("cluster {} is launched before it was read", cluster.str()));
        return found->second.intent;
    }

    Result<aws::Start> start_of(const ports::LaunchRequest& request) {
        const StartSources sources{
            .account = scope_.account,
            .objects = *objects_,
            .cloud = *cloud_,
            .intent = [this](const auto& cluster) { return intent_of(cluster); },
            .slots = [this](const auto& cluster,
                            int masters) { return cloud_->master_addresses(cluster, masters); },
            .servers = [this](const auto& cluster) { return of(cluster).access->servers(); }};
        MachineStart start = K3F_TRY(machine_start(request, sources));
        return aws::Start{.image = std::move(start.image), .user_data = std::move(start.user_data)};
    }

    WireSettings settings_;
    model::Scope scope_;
    local::SystemRandom random_;
    local::ThreadExecutor executor_;
    model::HolderId holder_;
    std::unique_ptr<AwsGround> ground_;
    ports::Clock& clock_;
    aws::ApiAccount& account_;
    std::optional<aws::S3Objects> objects_;
    std::optional<aws::RememberingObjects> remembering_;
    std::optional<aws::DynamoLoopState> state_;
    std::optional<aws::KeptSecrets> secrets_;
    std::optional<aws::SnsNotifier> notifier_;
    std::optional<aws::SqsWakeups> wakeups_;
    std::optional<aws::Ec2Cloud> cloud_;
    std::optional<aws::SsmRemote> remote_;
    std::unique_ptr<resources::AwsResources> resources_;
    std::mutex mutex_;
    std::map<model::ClusterName, Own> own_;
};

class AwsNotifierSite final : public NotifierSite {
public:
    Status open(const AccountSettings& who) {
        account_ = K3F_TRY(open_account(who, clock_, random_));
        secrets_.emplace(account_->api());
        return {};
    }
    ports::Secrets& secrets() override { return *secrets_; }
    ports::Clock& clock() override { return clock_; }

private:
    local::SystemClock clock_;
    local::SystemRandom random_;
    std::unique_ptr<aws::ApiAccount> account_;
    std::optional<aws::KeptSecrets> secrets_;
};

}  // namespace

Result<std::unique_ptr<ports::AwsAccount>> wire_account(const AccountSettings& settings, ports::Clock& clock,
                                                        ports::Random& random) {
    if (settings.where == AccountSettings::Where::Simulated) return simulated_account(settings);
    return open_account(settings, clock, random);
}

Result<std::unique_ptr<NotifierSite>> wire_notifier(const AccountSettings& settings) {
    auto site = std::make_unique<AwsNotifierSite>();
    K3F_TRY_WHILE("opening the project's secrets", site->open(settings));
    return site;
}

Result<std::unique_ptr<AwsGround>> aws_ground(const AccountSettings& settings) {
    auto ground = std::make_unique<RealGround>(settings);
    K3F_TRY(ground->open());
    return ground;
}

Result<std::unique_ptr<AwsSite>> wire_aws(const WireSettings& settings, std::unique_ptr<AwsGround> ground,
                                          model::HolderId holder, int threads) {
    auto wiring = std::make_unique<AwsWiring>(settings, std::move(ground), std::move(holder), threads);
    K3F_TRY_WHILE("opening the project on AWS", wiring->open());
    return wiring;
}

}  // namespace k3fleet::app
