// Which implementation stands behind each port. Everything else in app and in the front ends sees ports only.
#include "app/wire.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <map>
#include <utility>

#include "adapters/aws/account.h"
#include "adapters/kube/kubeconfig.h"
#include "adapters/kube/rest_kubernetes.h"
#include "adapters/local/clock.h"
#include "adapters/local/executor.h"
#include "adapters/local/files.h"
#include "adapters/local/notifier.h"
#include "adapters/local/random.h"
#include "adapters/local/sqlite_store.h"
#include "adapters/prometheus/metrics.h"
#include "adapters/prometheus/range.h"
#include "adapters/simcloud/simcloud.h"
#include "app/clusters.h"
#include "app/wire_aws.h"
#include "app/wire_sim.h"
#include "app/wire_sim_aws.h"
#include "base/text.h"
#include "net/http.h"

namespace k3fleet::app {

namespace {

constexpr int kThreads = 4;
constexpr int kSetupThreads = 8;  // Resources are read and made side by side.

// host:process:random, so that a message about a lease says where its holder runs.
model::HolderId new_holder(ports::Random& random) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return model::HolderId(format("{}:{}:{}", host.data(), ::getpid(), random.hex(3)));
}

Result<prometheus::Source> login(const model::MetricsSource& source, const std::string& url) {
    prometheus::Source out{.url = url, .username = source.username};
    if (!source.password_file.empty()) out.password = K3F_TRY(local::read_secret_file(source.password_file));
    if (!source.bearer_token_file.empty())
        out.bearer_token = K3F_TRY(local::read_secret_file(source.bearer_token_file));
    return out;
}

// What is made for one cluster.
struct Own {
    std::unique_ptr<net::HttpClient> http;
    std::unique_ptr<ports::Kubernetes> kubernetes;
    std::unique_ptr<ports::Metrics> metrics;
    std::unique_ptr<Services> services;
};

class SimulatedSite final : public Wiring {
public:
    explicit SimulatedSite(WireSettings settings) : settings_(std::move(settings)), executor_(kThreads) {}

    Status open() {
        // Pods of a real cluster are evicted for real: then a plan must be on the disk before its first call.
        using World = local::SqliteStore::Options::World;
        const World world = settings_.kubeconfig.empty() ? World::Simulated : World::Real;
        store_ = K3F_TRY_WHILE(format("opening the state in {}", settings_.state_dir),
                               local::SqliteStore::open(settings_.state_dir, {.world = world}));
        holder_ = new_holder(random_);
        // With a chosen time nothing passes by itself; a world that was left earlier is moved on to it.
        if (settings_.must_be_new && K3F_TRY(store_->objects().get(simcloud::Sim::kKey)))
            return fail(ErrorCode::Refused, format("there is a simulated world in {} already\n"
                                                   "give another --state-dir, or delete that one",
                                                   settings_.state_dir));
        simcloud::Options options{.seed = settings_.seed,
                                  .start = settings_.at,
                                  .load = load_of(settings_.load),
                                  .speed = settings_.at ? 0 : 1,
                                  .pace = settings_.pace};
        if (!settings_.at && K3F_TRY(asks_real_servers()))
            options.pace = std::max<Duration>(options.pace, std::chrono::minutes{1});
        sim_ = K3F_TRY_WHILE("opening the simulated cloud",
                             simcloud::Sim::open(store_->objects(), real_, options));
        if (!settings_.at) return {};
        if (sim_->now() > *settings_.at)
            return fail(ErrorCode::Refused,
                        format("the simulated cloud in {} is at {} already and cannot go back to {}\n"
                               "give a later --at, or a fresh --state-dir",
                               settings_.state_dir, to_rfc3339(sim_->now()), to_rfc3339(*settings_.at)));
        return sim_->clock().sleep_until(*settings_.at);
    }

    ports::Objects& objects() override { return store_->objects(); }
    ports::LoopState& state() override { return store_->loop_state(); }
    ports::Cloud& cloud() override { return sim_->cloud(); }
    ports::Clock& clock() override { return sim_->clock(); }
    const model::HolderId& holder() const override { return holder_; }
    Status forget(const model::ClusterName& cluster) override {
        own_.erase(cluster);
        return sim_->remove_cluster(cluster);
    }

    Status inject(const SimulatedFault& fault) override { return sim_->add_fault(K3F_TRY(fault_of(fault))); }

    Result<Services*> services(const model::ClusterIntent& intent) override {
        Own& own = own_[intent.name];
        if (own.services) return own.services.get();
        // A cluster that was never made, or was deleted, is not known; one that is known keeps its load.
        if (const auto known = sim_->kubernetes(intent.name)->nodes();
            !known && known.error().code == ErrorCode::NotFound)
            K3F_TRY(sim_->add_cluster(simcloud::setup_for(intent, {.load = sim_->load_of_clusters()})));
        own.kubernetes = K3F_TRY(kubernetes(intent));
        own.metrics = K3F_TRY(metrics(intent, own));
        own.services = std::make_unique<Services>(Services{.cloud = cloud(),
                                                           .kubernetes = *own.kubernetes,
                                                           .metrics = *own.metrics,
                                                           .state = state(),
                                                           .objects = objects(),
                                                           .notifier = notifier_,
                                                           .clock = clock(),
                                                           .random = random_,
                                                           .executor = executor_,
                                                           .holder = holder_,
                                                           .probe = {}});
        if (!settings_.crash_at.empty())
            own.services->probe = [point = settings_.crash_at](std::string_view reached) {
                if (reached == point) (void)std::raise(SIGKILL);
            };
        return own.services.get();
    }

private:
    std::string prometheus_url(const model::ClusterIntent& intent) const {
        return settings_.prometheus_url.empty() ? intent.metrics.prometheus_url : settings_.prometheus_url;
    }

    // Real servers answer in real time, so waiting for them cannot be a jump.
    Result<bool> asks_real_servers() {
        if (!settings_.kubeconfig.empty() || !settings_.prometheus_url.empty()) return true;
        for (const auto& name : K3F_TRY(list_clusters(objects()))) {
            const auto file = load_cluster(objects(), name);
            if (file && !file->intent.metrics.prometheus_url.empty()) return true;
        }
        return false;
    }

    Result<std::unique_ptr<ports::Kubernetes>> kubernetes(const model::ClusterIntent& intent) {
        if (settings_.kubeconfig.empty()) return sim_->kubernetes(intent.name);
        return kube::connect(K3F_TRY(kube::load_kubeconfig(settings_.kubeconfig)));
    }

    Result<std::unique_ptr<ports::Metrics>> metrics(const model::ClusterIntent& intent, Own& own) {
        const std::string url = prometheus_url(intent);
        if (url.empty()) return sim_->metrics(intent.name);
        prometheus::Options options{.source = K3F_TRY(login(intent.metrics, url))};
        own.http = net::make_http_client({.tls = {.ca_file = intent.metrics.ca_file}});
        return std::make_unique<prometheus::PrometheusMetrics>(*own.http, executor_, std::move(options));
    }

    WireSettings settings_;
    local::SystemClock real_;
    local::SystemRandom random_;
    local::ThreadExecutor executor_;
    local::LogNotifier notifier_;
    std::unique_ptr<local::SqliteStore> store_;
    std::unique_ptr<simcloud::Sim> sim_;
    model::HolderId holder_;
    std::map<model::ClusterName, Own> own_;
};

}  // namespace

std::vector<std::string> fault_kinds() {
    std::vector<std::string> names;
    for (int kind = 0; kind <= static_cast<int>(simcloud::FaultKind::Crash); ++kind)
        names.emplace_back(simcloud::to_string(static_cast<simcloud::FaultKind>(kind)));
    return names;
}

Result<std::unique_ptr<Wiring>> wire(const WireSettings& settings) {
    if (settings.cloud == "aws") return wire_function(settings);
    if (settings.cloud != "sim")
        return fail(ErrorCode::Refused,
                    format("this version cannot work on the cloud '{}' yet\nuse sim", settings.cloud));
    auto site = std::make_unique<SimulatedSite>(settings);
    K3F_TRY(site->open());
    return site;
}

Result<std::unique_ptr<FunctionSite>> wire_function(const WireSettings& settings) {
    local::SystemRandom random;
    return wire_aws(settings, K3F_TRY(aws_ground(settings.account)), new_holder(random), kThreads);
}

Result<std::unique_ptr<AwsSite>> wire_aws_site(const AccountSettings& settings,
                                               const model::ProjectName& project) {
    local::SystemRandom random;
    auto ground = settings.where == AccountSettings::Where::Simulated
                      ? K3F_TRY(simulated_ground(settings, project))
                      : K3F_TRY(aws_ground(settings));
    return wire_aws({.cloud = "aws", .project = project.str(), .account = settings}, std::move(ground),
                    new_holder(random), kSetupThreads);
}

std::vector<ports::AwsOperation> aws_operations() { return aws::all_operations(); }

RangeReader history_reader(const model::MetricsSource& source) {
    return [source](const RangeQuery& query) -> Result<std::vector<backtest::Sample>> {
        const auto http = net::make_http_client({.tls = {.ca_file = source.ca_file}});
        const prometheus::Source server = K3F_TRY(login(source, query.url));
        std::vector<backtest::Sample> samples;
        const auto series = K3F_TRY(prometheus::range(
            *http, server, {.query = query.promql, .from = query.from, .to = query.to, .step = query.step}));
        for (const auto& [at, value] : series) samples.push_back({.at = at, .value = value});
        return samples;
    };
}

std::unique_ptr<ports::Clock> real_clock() { return std::make_unique<local::SystemClock>(); }
std::unique_ptr<ports::Random> real_random() { return std::make_unique<local::SystemRandom>(); }

Timestamp real_time() { return local::SystemClock().now(); }

}  // namespace k3fleet::app
