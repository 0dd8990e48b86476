#include "adapters/aws/kube_access.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "adapters/kube/rest_kubernetes.h"
#include "adapters/prometheus/metrics.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/value.h"
#include "net/url.h"

namespace k3fleet::aws {
namespace {

constexpr Duration kKeep = std::chrono::hours{1};
constexpr Duration kAskAgain = std::chrono::seconds{5};
constexpr Duration kBeforeItEnds = std::chrono::minutes{10};
constexpr Duration kCallTimeout = std::chrono::seconds{10};

Result<std::vector<std::string>> texts_in(const Value& from, const char* name) {
    const Value* list = from.find(name);
    std::vector<std::string> texts;
    if (list != nullptr && list->is_array())
        for (const Value& each : list->items())
            if (const std::string* text = each.as_string()) texts.push_back(*text);
    if (texts.empty()) return fail(ErrorCode::Corrupt, format("it names no {}", name));
    return texts;
}

Result<std::string> text_in(const Value& from, const char* name) {
    std::string text = from.string_at(name);
    if (text.empty()) return fail(ErrorCode::Corrupt, format("it has no {}", name));
    return text;
}

// The words of a time that is none are not shown: they may be anything that the secret holds.
Result<Timestamp> time_in(const Value& from, const char* name) {
    const auto time = parse_timestamp(K3F_TRY(text_in(from, name)));
    if (!time) return fail(ErrorCode::Corrupt, format("its {} is no point in time", name));
    return *time;
}

bool unreachable(const Error& error) {
    return error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded;
}

}  // namespace

Result<KubeCredential> read_kube_credential(const Secret& secret) {
    const auto parsed = json::parse(secret.reveal());
    if (!parsed || !parsed->is_object()) return fail(ErrorCode::Corrupt, "it is no JSON object");
    KubeCredential read{.ca_pem = K3F_TRY(text_in(*parsed, "ca")),
                        .endpoints = K3F_TRY(texts_in(*parsed, "endpoints")),
                        .token = Secret(K3F_TRY(text_in(*parsed, "token"))),
                        .expires_at = K3F_TRY(time_in(*parsed, "expires_at"))};
    const Value* prometheus = parsed->find("prometheus");
    if (prometheus == nullptr) return fail(ErrorCode::Corrupt, "it has no prometheus");
    read.prometheus = {.ca_pem = K3F_TRY(text_in(*prometheus, "ca")),
                       .endpoints = K3F_TRY(texts_in(*prometheus, "endpoints")),
                       .username = prometheus->string_at("username"),
                       .password = Secret(prometheus->string_at("password"))};
    return read;
}

// Clients for one version of the secret.
struct KubeAccess::Session {
    KubeCredential credential;
    Timestamp until;
    std::vector<std::unique_ptr<kube::RestKubernetes>> servers;
    std::unique_ptr<net::HttpClient> to_prometheus;
    std::vector<std::unique_ptr<prometheus::PrometheusMetrics>> metrics;
    std::atomic<std::size_t> good_server = 0;
    std::atomic<std::size_t> good_metrics = 0;

    // The last good one first; the next ones as long as nobody answers.
    template <typename Call>
    auto ask(Call call) -> std::invoke_result_t<Call, ports::Kubernetes&> {
        const std::size_t first = good_server;
        for (std::size_t i = 0;; ++i) {
            const std::size_t which = (first + i) % servers.size();
            auto answer = call(*servers[which]);
            if (answer || !unreachable(answer.error()) || i + 1 >= servers.size()) {
                if (answer) good_server = which;
                return answer;
            }
        }
    }
};

class KubeAccess::Kube final : public ports::Kubernetes {
public:
    explicit Kube(KubeAccess& access) : access_(access) {}
    Result<std::vector<model::Node>> nodes() override {
        return K3F_TRY(access_.session())->ask([](auto& server) { return server.nodes(); });
    }
    Result<std::vector<model::Pod>> pods() override {
        return K3F_TRY(access_.session())->ask([](auto& server) { return server.pods(); });
    }
    Result<std::vector<model::DisruptionBudget>> disruption_budgets() override {
        return K3F_TRY(access_.session())->ask([](auto& server) { return server.disruption_budgets(); });
    }
    // All of these carry the uid of what they change, so that asking another server does no harm.
    Status cordon(const model::Cordon& request) override {
        return K3F_TRY(access_.session())->ask([&](auto& server) { return server.cordon(request); });
    }
    Result<ports::EvictionAnswer> evict(const model::Evict& request) override {
        return K3F_TRY(access_.session())->ask([&](auto& server) { return server.evict(request); });
    }
    Status delete_node(const model::DeleteNode& request) override {
        return K3F_TRY(access_.session())->ask([&](auto& server) { return server.delete_node(request); });
    }

private:
    KubeAccess& access_;
};

class KubeAccess::Load final : public ports::Metrics {
public:
    explicit Load(KubeAccess& access) : access_(access) {}

    model::Signals signals(const std::vector<model::CustomMetric>& custom, Timestamp at) override {
        const auto session = access_.session();
        if (!session) return ports::all_unknown(custom, session.error().describe());
        Session& open = **session;
        const std::size_t first = open.good_metrics;
        model::Signals signals;
        for (std::size_t i = 0; i < open.metrics.size(); ++i) {
            const std::size_t which = (first + i) % open.metrics.size();
            signals = open.metrics[which]->signals(custom, at);
            if (!signals.cpu && !signals.memory && !signals.pending) continue;
            open.good_metrics = which;
            break;
        }
        return signals;
    }

private:
    KubeAccess& access_;
};

KubeAccess::KubeAccess(ports::Secrets& secrets, ports::Clock& clock, ports::Executor& executor,
                       std::string name)
    : secrets_(secrets),
      clock_(clock),
      executor_(executor),
      name_(std::move(name)),
      kubernetes_(std::make_unique<Kube>(*this)),
      metrics_(std::make_unique<Load>(*this)) {}

KubeAccess::~KubeAccess() = default;

ports::Kubernetes& KubeAccess::kubernetes() { return *kubernetes_; }
ports::Metrics& KubeAccess::metrics() { return *metrics_; }

Result<std::vector<std::string>> KubeAccess::servers() {
    std::vector<std::string> hosts;
    for (const std::string& endpoint : K3F_TRY(session())->credential.endpoints)
        hosts.push_back(K3F_TRY(net::parse_url(endpoint)).host);
    return hosts;
}

Result<std::shared_ptr<KubeAccess::Session>> KubeAccess::session() {
    // One at a time: the others wait for the first instead of asking too.
    const std::scoped_lock lock(mutex_);
    const Timestamp now = clock_.now();
    if (session_ && now < session_->until) return session_;
    if (refused_ && now < refused_until_) return std::unexpected(*refused_);
    refused_.reset();
    auto opened = open(now);
    if (opened) return session_ = *std::move(opened);
    refused_ = opened.error();
    refused_until_ = now + kAskAgain;
    return opened;
}

Result<std::shared_ptr<KubeAccess::Session>> KubeAccess::open(Timestamp now) {
    const auto kept = K3F_TRY(secrets_.get(name_));
    if (!kept)
        return fail(ErrorCode::NotFound,
                    format("the secret {} is empty: no master of the cluster has come up yet", name_));
    auto made = std::make_shared<Session>();
    made->credential = K3F_TRY_WHILE("reading the secret " + name_, read_kube_credential(kept->value));
    const KubeCredential& credential = made->credential;
    log::redact(credential.token);
    log::redact(credential.prometheus.password);
    made->until = std::min(now + kKeep, std::max(credential.expires_at - kBeforeItEnds, now + kBeforeItEnds));
    for (const std::string& endpoint : credential.endpoints) {
        std::shared_ptr<net::HttpClient> http =
            net::make_http_client({.tls = {.ca_pem = credential.ca_pem}, .clock = &clock_});
        kube::Connection connection{.server = endpoint,
                                    .ca_pem = credential.ca_pem,
                                    .token = credential.token,
                                    .described = "the secret " + name_};
        made->servers.push_back(std::make_unique<kube::RestKubernetes>(
            std::move(http), std::move(connection), kube::RestOptions{.timeout = kCallTimeout}));
    }
    made->to_prometheus =
        net::make_http_client({.tls = {.ca_pem = credential.prometheus.ca_pem}, .clock = &clock_});
    for (const std::string& endpoint : credential.prometheus.endpoints) {
        made->metrics.push_back(std::make_unique<prometheus::PrometheusMetrics>(
            *made->to_prometheus, executor_,
            prometheus::Options{.source = {.url = endpoint,
                                           .username = credential.prometheus.username,
                                           .password = credential.prometheus.password}}));
    }
    return made;
}

}  // namespace k3fleet::aws
