// Every query of one reading runs at the same moment `at`, side by side; whatever goes wrong with one makes
// its signal Unknown, with the reason.
#include "adapters/prometheus/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "base/text.h"

namespace k3fleet::prometheus {

namespace {

using model::Observed;

constexpr std::size_t kMaxAnswerBytes = 4UL << 20;  // One number is asked for.
constexpr std::string_view kPart = "k3fleet";       // The label that tells the parts of a joined query apart.

struct Sample {
    std::string part;
    double value = 0;
};

// One query for several expressions, so that all are evaluated together.
std::string joined(const std::vector<std::pair<std::string_view, std::string>>& parts) {
    std::vector<std::string> out;
    for (const auto& [name, expression] : parts)
        out.push_back(format(R"(label_replace({}, "{}", "{}", "", ""))", expression, kPart, name));
    return join(out, " or ");
}

Result<Sample> read_sample(const Value& metric, const Value& pair) {
    if (pair.items().size() != 2) return fail(ErrorCode::Corrupt, "a sample of Prometheus is no pair");
    return Sample{.part = metric.string_at(kPart), .value = K3F_TRY(sample_value(pair.items()[1]))};
}

// Vectors and scalars; anything else is no instant value.
Result<std::vector<Sample>> read_samples(const Value& data) {
    static const Value none;
    std::vector<Sample> samples;
    const std::string kind = data.string_at("resultType");
    const Value* result = data.find("result");
    if (result == nullptr) return fail(ErrorCode::Corrupt, "the answer of Prometheus has no result");
    if (kind == "scalar") {
        samples.push_back(K3F_TRY(read_sample(none, *result)));
        return samples;
    }
    if (kind != "vector")
        return fail(
            ErrorCode::InvalidArgument,
            format("the query gives a {}, not one number: it must not end in a range like [5m] or a text",
                   kind.empty() ? "result without a type" : kind));
    for (const Value& series : result->items()) {
        const Value* metric = series.find("metric");
        const Value* value = series.find("value");
        if (value == nullptr)
            return fail(ErrorCode::Corrupt,
                        "a sample of Prometheus has no plain value (a native histogram?)");
        samples.push_back(K3F_TRY(read_sample(metric == nullptr ? none : *metric, *value)));
    }
    return samples;
}

// A load that was read, or as an error why it is unknown.
struct Known {
    double value = 0;
    Timestamp as_of;
};

Observed<double> observed(const Result<Known>& result) {
    if (!result) return model::Unknown{result.error().describe()};
    return {result->value, result->as_of};
}

std::unexpected<Error> unknown(std::string why) { return fail(ErrorCode::Corrupt, std::move(why)); }

// The value of one part; empty if it has no series.
Result<std::optional<double>> only(const std::vector<Sample>& samples, std::string_view part) {
    const auto count = std::ranges::count(samples, part, &Sample::part);
    if (count == 0) return std::optional<double>();
    if (count > 1)
        return unknown(
            format("the query gives {} series instead of one: aggregate it, for example with sum(…)", count));
    return std::ranges::find(samples, part, &Sample::part)->value;
}

// One reading: the moment, and how to ask and judge.
class Reading {
public:
    Reading(const Api& api, const Options& options, Timestamp at) : api_(api), options_(options), at_(at) {}

    Result<std::vector<Sample>> ask(const std::string& query) const;
    Result<Known> percentage(const SignalQuery& query, std::string_view metric) const;
    Result<Known> last_scrape() const;
    Result<bool> offers(const std::string& metric) const;
    Result<std::vector<Sample>> ask_pending() const;
    Result<Known> pending(const Result<std::vector<Sample>>& samples, const Result<bool>& offered) const;
    static Result<Known> custom(const Result<std::vector<Sample>>& samples, const Result<Known>& scrape);

private:
    static Status plausible(double value);
    Result<Timestamp> fresh(std::optional<double> sampled_at) const;

    const Api& api_;
    const Options& options_;
    Timestamp at_;
};

Result<std::vector<Sample>> Reading::ask(const std::string& query) const {
    // The server's own limit comes first, so that it is the server that says what took too long.
    const auto server_side = std::chrono::duration<double>(options_.timeout) * 0.8;
    const auto look_back = std::chrono::duration<double>(options_.max_age);
    const Value data = K3F_TRY(api_.call("query",
                                         {{"query", query},
                                          {"time", time_parameter(at_)},
                                          {"timeout", format("{:.3f}", server_side.count())},
                                          // Servers before 2.44 pass over it and look back five minutes.
                                          {"lookback_delta", format("{:.3f}", look_back.count())}},
                                         options_.timeout, kMaxAnswerBytes));
    return read_samples(data);
}

// Whether a number can be a load at all.
Status Reading::plausible(double value) {
    if (std::isnan(value))
        return unknown("the result is NaN: a division by zero, or too few samples in the window");
    if (std::isinf(value)) return unknown("the result is infinite: a division by zero?");
    if (value < 0) return unknown(format("the result is negative ({})", value));
    return {};
}

// When the samples were taken, if that is known and lately.
Result<Timestamp> Reading::fresh(std::optional<double> sampled_at) const {
    constexpr double kLatest = 1e11;  // The year 5138: beyond it the number is no time.
    if (!sampled_at || !(*sampled_at >= 0 && *sampled_at < kLatest))
        return unknown("Prometheus does not say when the samples were taken");
    const auto taken = std::min(from_unix_millis(std::llround(*sampled_at * 1000)), at_);
    if (at_ - taken <= options_.max_age) return taken;
    return unknown(
        format("the samples are {} old and at most {} is allowed: check that Prometheus scrapes, and "
               "this machine's clock",
               to_rough_string(at_ - taken), to_string(options_.max_age)));
}

Result<Known> Reading::percentage(const SignalQuery& query, std::string_view metric) const {
    constexpr double kRounding = 0.01;
    const auto samples = K3F_TRY(ask(joined({{"value", query.value}, {"sampled_at", query.sampled_at}})));
    const auto value = K3F_TRY(only(samples, "value"));
    const auto sampled_at = K3F_TRY(only(samples, "sampled_at"));
    if (!value && !sampled_at)
        return unknown(
            format("Prometheus has no series for {} of a worker: is node-exporter running on the workers and "
                   "scraped?",
                   metric));
    const auto as_of = K3F_TRY(fresh(sampled_at));
    if (!value)
        return unknown(
            format("there are too few samples of {}: is it scraped at least once a minute?", metric));
    K3F_TRY(plausible(*value));
    if (*value > 100 + kRounding) return unknown(format("the result is no percentage ({})", *value));
    return Known{std::min(*value, 100.0), as_of};
}

Result<Known> Reading::last_scrape() const {
    const auto samples = K3F_TRY(ask(options_.queries.last_scrape));
    const auto sampled_at = K3F_TRY(only(samples, ""));
    if (!sampled_at) return unknown("Prometheus has no series for up, so it scrapes nothing");
    return Known{*sampled_at, K3F_TRY(fresh(sampled_at))};
}

// Whether the metric exists at all: an exporter describes it even while it has no series.
Result<bool> Reading::offers(const std::string& metric) const {
    const auto data =
        api_.call("metadata", {{"metric", metric}, {"limit", "1"}}, options_.timeout, kMaxAnswerBytes);
    // Prometheus before 2.15 and some that speak its language have no metadata.
    if (!data && data.error().code == ErrorCode::NotFound) return false;
    if (!data) return std::unexpected(data.error());
    const Value* descriptions = data->find(metric);
    return descriptions != nullptr && !descriptions->items().empty();
}

Result<std::vector<Sample>> Reading::ask_pending() const {
    const Queries& queries = options_.queries;
    return ask(joined({{"unschedulable", queries.unschedulable},
                       {"phase_pending", queries.phase_pending},
                       {"sampled_at", queries.pending_sampled_at}}));
}

Result<Known> Reading::pending(const Result<std::vector<Sample>>& samples,
                               const Result<bool>& offered) const {
    if (!samples) return std::unexpected(samples.error());
    const auto sampled_at = K3F_TRY(only(*samples, "sampled_at"));
    if (!sampled_at)
        return unknown(
            "Prometheus has no series for kube_pod_status_phase: is kube-state-metrics running and scraped?");
    const auto as_of = K3F_TRY(fresh(sampled_at));

    auto value = K3F_TRY(only(*samples, "unschedulable"));
    if (!value) {
        if (!offered) return std::unexpected(offered.error());
        if (*offered) return Known{0, as_of};
        value = K3F_TRY(only(*samples, "phase_pending"));
    }
    if (!value) return unknown("Prometheus has no series for kube_pod_status_phase{phase=\"Pending\"}");
    K3F_TRY(plausible(*value));
    return Known{*value, as_of};
}

Result<Known> Reading::custom(const Result<std::vector<Sample>>& samples, const Result<Known>& scrape) {
    if (!samples) return std::unexpected(samples.error());
    if (samples->empty()) return unknown("the query has no result: are its series there at this moment?");
    const auto value = K3F_TRY(only(*samples, ""));
    if (!value) return unknown(format("the query may not give a label named {}", kPart));
    K3F_TRY(plausible(*value));
    if (!scrape) return std::unexpected(scrape.error());
    return Known{*value, scrape->as_of};
}

}  // namespace

PrometheusMetrics::PrometheusMetrics(net::HttpClient& http, ports::Executor& executor, Options options)
    : api_(http, options.source), executor_(executor), options_(std::move(options)) {}

model::Signals PrometheusMetrics::signals(const std::vector<model::CustomMetric>& custom, Timestamp at) {
    const Reading reading(api_, options_, at);
    const auto not_asked = [] { return fail(ErrorCode::Internal, "not asked"); };
    model::Signals signals;
    Result<std::vector<Sample>> pending = not_asked();
    Result<bool> offered = not_asked();
    Result<Known> scrape = not_asked();
    std::vector<Result<std::vector<Sample>>> answers(custom.size(), not_asked());

    std::vector<std::function<void()>> jobs = {
        [&] { signals.cpu = observed(reading.percentage(options_.queries.cpu, "node_cpu_seconds_total")); },
        [&] {
            signals.memory =
                observed(reading.percentage(options_.queries.memory, "node_memory_MemAvailable_bytes"));
        },
        [&] { pending = reading.ask_pending(); },
        [&] { offered = reading.offers(options_.queries.unschedulable_metric); },
    };
    if (!custom.empty()) jobs.emplace_back([&] { scrape = reading.last_scrape(); });
    for (std::size_t i = 0; i < custom.size(); ++i)
        jobs.emplace_back([&, i] { answers[i] = reading.ask(custom[i].query); });
    executor_.run_all(std::move(jobs));

    signals.pending = observed(reading.pending(pending, offered));
    for (std::size_t i = 0; i < custom.size(); ++i)
        signals.custom[custom[i].name] = observed(Reading::custom(answers[i], scrape));
    return signals;
}

}  // namespace k3fleet::prometheus
