// What becomes of good and bad answers, against a double that recognises each query by a word in it.
#include "adapters/prometheus/metrics.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/text.h"
#include "tests/support/http_server.h"

namespace k3fleet::prometheus {
namespace {

using support::Reply;
using support::ServedRequest;

constexpr Timestamp kAt = from_unix_seconds(1'790'000'000);

class ThreadPerJob final : public ports::Executor {
public:
    void run_all(std::vector<std::function<void()>> jobs) override {
        std::vector<std::thread> threads;
        for (auto& job : jobs) threads.emplace_back(job);
        for (auto& thread : threads) thread.join();
    }
};

std::string series(std::string_view part, std::string_view value) {
    return format(R"({{"metric":{{"k3fleet":"{}"}},"value":[1790000000,"{}"]}})", part, value);
}

std::string vector_answer(const std::vector<std::string>& all) {
    return format(R"({{"status":"success","data":{{"resultType":"vector","result":[{}]}}}})", join(all, ","));
}

std::string plain(std::string_view value) {
    return vector_answer({format(R"({{"metric":{{}},"value":[1790000000,"{}"]}})", value)});
}

// A CPU or memory answer; a minute old unless told otherwise.
std::string load(std::string_view value, std::string_view sampled_at = "1789999940.250") {
    return vector_answer({series("value", value), series("sampled_at", sampled_at)});
}

// A Prometheus in good order; each test changes what it is about.
struct Double {
    std::map<std::string, Reply> answers = {
        {"node_cpu", support::reply(200, load("62.5"))},
        {"node_memory", support::reply(200, load("40"))},
        {"kube_pod_status",
         support::reply(200, vector_answer({series("unschedulable", "4"), series("phase_pending", "9"),
                                            series("sampled_at", "1789999990")}))},
        {"metadata",
         support::reply(
             200,
             R"({"status":"success","data":{"kube_pod_status_unschedulable":[{"type":"gauge","help":"x","unit":""}]}})")},
        {"timestamp(up)", support::reply(200, plain("1789999995"))},
        {"queue", support::reply(200, plain("17"))},
    };
    support::HttpServer server{[this](const ServedRequest& request) {
        if (request.target.find("/metadata") != std::string::npos) return answers.at("metadata");
        const auto query = request.parameter("query");
        for (const char* word : {"queue", "node_cpu", "node_memory", "kube_pod_status", "timestamp(up)"}) {
            if (query.find(word) != std::string::npos) return answers.at(word);
        }
        return support::reply(500, "no script");
    }};

    void answer(const std::string& word, const std::string& body) {
        answers.at(word) = support::reply(200, body);
    }

    model::Signals read(Options options = {}) {
        const auto http = net::make_http_client({.cancel = net::CancelToken()});
        ThreadPerJob executor;
        if (options.source.url.empty()) options.source.url = server.url("/prefix/");
        return PrometheusMetrics(*http, executor, options)
            .signals({{.name = "queue", .query = "sum(queue)"}}, kAt);
    }
};

TEST(PrometheusMetrics, ReadsEverySignalWithTheTimeOfItsSamples) {
    Double prometheus;
    const auto signals = prometheus.read();
    EXPECT_EQ(signals.cpu, model::Observed<double>(62.5, from_unix_millis(1'789'999'940'250)));
    EXPECT_EQ(signals.memory, model::Observed<double>(40, from_unix_millis(1'789'999'940'250)));
    EXPECT_EQ(signals.pending, model::Observed<double>(4, from_unix_seconds(1'789'999'990)));
    EXPECT_EQ(signals.custom.at("queue"), model::Observed<double>(17, from_unix_seconds(1'789'999'995)));
}

TEST(PrometheusMetrics, AsksAtTheMomentOfTheTickWithALimit) {
    Double prometheus;
    prometheus.read();
    const auto requests = prometheus.server.requests();
    ASSERT_EQ(requests.size(), 6U);
    for (const auto& request : requests) {
        EXPECT_TRUE(request.target.starts_with("/prefix/api/v1/")) << request.target;
        EXPECT_TRUE(request.header("authorization").empty());
        if (request.target.find("metadata") != std::string::npos) continue;
        EXPECT_EQ(request.parameter("time"), "1790000000.000");
        EXPECT_EQ(request.parameter("timeout"), "4.000");
        EXPECT_EQ(request.parameter("lookback_delta"), "150.000");
    }
}

TEST(PrometheusMetrics, LogsInAsToldTo) {
    const std::string word = "pass" + std::string("word");
    Double prometheus;
    prometheus.read(
        {.source = {.url = prometheus.server.url(), .username = "ann", .password = Secret(word)}});
    EXPECT_EQ(prometheus.server.requests().at(0).header("authorization"), "Basic YW5uOnBhc3N3b3Jk");
    prometheus.read({.source = {.url = prometheus.server.url(), .bearer_token = Secret(word)}});
    EXPECT_EQ(prometheus.server.requests().back().header("authorization"), "Bearer " + word);
}

TEST(PrometheusMetrics, SendsQueriesTooLongForAUrlAsAForm) {
    Double prometheus;
    Options options;
    options.queries.cpu.value += std::string(7000, ' ');
    EXPECT_EQ(*prometheus.read(options).cpu, 62.5);
}

struct BadCase {
    std::string answer;
    const char* why;
};

const std::vector<BadCase>& bad_loads() {
    static const std::vector<BadCase> cases = {
        {load("NaN"), "NaN"},
        {load("+Inf"), "infinite"},
        {load("-Inf"), "infinite"},
        {load("-0.5"), "negative"},
        {load("130"), "no percentage"},
        {load("12x"), "no number"},
        {load("1e999"), "no number"},
        {load(""), "no number"},
        {load("50", "1789999849.999"), "2m 30s old"},
        {load("50", "NaN"), "when the samples were taken"},
        {load("50", "-5"), "when the samples were taken"},
        {load("50", "1e300"), "when the samples were taken"},
        {vector_answer({series("value", "50")}), "when the samples were taken"},
        {vector_answer({}), "is node-exporter running"},
        {vector_answer({series("sampled_at", "1789999990")}), "too few samples"},
        {vector_answer({series("value", "1"), series("value", "2"), series("sampled_at", "1789999990")}),
         "2 series instead of one"},
        {R"({"status":"success","data":{"resultType":"matrix","result":[]}})", "not one number"},
        {R"({"status":"success","data":{"resultType":"string","result":[1,"x"]}})", "not one number"},
        {R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{}]}]}})",
         "no plain value"},
        {R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1]}]}})",
         "no pair"},
        {R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,2]}]}})",
         "no value"},
        {R"({"status":"success","data":{"resultType":"vector"}})", "no result"},
        {R"({"status":"success"})", "no data"},
        {R"({"status":"error","errorType":"internal","error":"shard lost"})", "shard lost"},
        {R"({"status":"success","warnings":["store 2 is down"],"data":{"resultType":"vector","result":[]}})",
         "store 2 is down"},
        {R"({"hello":"world"})", "none of Prometheus's"},
        {"<html>login</html>", "no JSON"},
        {"", "no JSON"},
        {R"({"status":"success","data":{"resultType":"vector","result":[)", "no JSON"},
    };
    return cases;
}

TEST(PrometheusMetrics, ABadAnswerIsUnknownWithItsReasonAndHarmsNoOtherSignal) {
    for (const auto& c : bad_loads()) {
        Double prometheus;
        prometheus.answer("node_cpu", c.answer);
        const auto signals = prometheus.read();
        ASSERT_FALSE(signals.cpu.known()) << c.answer;
        EXPECT_NE(signals.cpu.why().find(c.why), std::string::npos) << c.answer << ": " << signals.cpu.why();
        EXPECT_EQ(*signals.memory, 40);
        EXPECT_EQ(*signals.pending, 4);
    }
}

TEST(PrometheusMetrics, TakesSamplesThatAreJustNotTooOld) {
    Double prometheus;
    prometheus.answer("node_cpu", load("50", "1789999850"));
    EXPECT_EQ(prometheus.read().cpu, model::Observed<double>(50, from_unix_seconds(1'789'999'850)));
}

TEST(PrometheusMetrics, IgnoresRemarksThatAreNoWarnings) {
    Double prometheus;
    prometheus.answer("queue", R"({"status":"success","infos":["might not be a counter"],"warnings":[],)"
                               R"("data":{"resultType":"scalar","result":[1790000000,"3.5"]}})");
    EXPECT_EQ(*prometheus.read().custom.at("queue"), 3.5);
}

TEST(PrometheusMetrics, SaysWhatAnHttpStatusMeans) {
    const std::pair<Reply, const char*> cases[] = {
        {support::reply(400, R"({"status":"error","errorType":"bad_data","error":"parse error at char 3"})"),
         "parse error at char 3"},
        {support::reply(422, R"({"status":"error","errorType":"execution","error":"many-to-many"})"),
         "many-to-many"},
        {support::reply(503, R"({"status":"error","errorType":"timeout","error":"query timed out"})"),
         "query timed out"},
        {support::reply(401, "Unauthorized"), "refuses the login"},
        {support::reply(403, "{}"), "refuses the login"},
        {support::reply(404, "404 page not found"), "path prefix"},
        {support::reply(302, "", {{"Location", "/graph"}}), "redirection"},
        {support::reply(502, "Bad Gateway"), "HTTP 502"},
        {{.then = Reply::Then::Close}, "without an answer"},
        {{.then = Reply::Then::Hang}, "did not answer within 300ms"},
        {support::reply(200, std::string(5UL << 20, ' ')), "larger than"},
    };
    for (const auto& [scripted, why] : cases) {
        Double prometheus;
        prometheus.answers.at("node_memory") = scripted;
        const auto signals = prometheus.read({.timeout = std::chrono::milliseconds{300}});
        ASSERT_FALSE(signals.memory.known()) << scripted.bytes;
        EXPECT_NE(signals.memory.why().find(why), std::string::npos) << signals.memory.why();
    }
}

struct PendingCase {
    const char* what;
    std::vector<std::string> parts;
    Reply metadata;
    std::optional<double> expected;
    const char* why;
};

TEST(PrometheusMetrics, DecidesWhetherUnschedulablePodsAreOffered) {
    const auto sampled = series("sampled_at", "1789999990");
    const auto offered = support::reply(
        200, R"({"status":"success","data":{"kube_pod_status_unschedulable":[{"type":"gauge"}]}})");
    const auto not_offered = support::reply(200, R"({"status":"success","data":{}})");
    const PendingCase cases[] = {
        {"series", {series("unschedulable", "2"), series("phase_pending", "9"), sampled}, offered, 2, ""},
        {"series, no metadata",
         {series("unschedulable", "2"), series("phase_pending", "9"), sampled},
         not_offered,
         2,
         ""},
        {"offered, none now", {series("phase_pending", "9"), sampled}, offered, 0, ""},
        {"not offered", {series("phase_pending", "9"), sampled}, not_offered, 9, ""},
        {"no metadata API", {series("phase_pending", "9"), sampled}, support::reply(404, "not found"), 9, ""},
        {"metadata broken", {series("phase_pending", "9"), sampled}, support::reply(502, ""), {}, "HTTP 502"},
        {"exporter down", {}, offered, {}, "is kube-state-metrics running"},
        {"exporter down, old series",
         {series("unschedulable", "2")},
         offered,
         {},
         "is kube-state-metrics running"},
        {"exporter silent",
         {series("unschedulable", "2"), series("sampled_at", "1789999000")},
         offered,
         {},
         "old"},
        {"neither", {sampled}, not_offered, {}, "phase"},
        {"negative", {series("unschedulable", "-1"), sampled}, offered, {}, "negative"},
    };
    for (const auto& c : cases) {
        Double prometheus;
        prometheus.answer("kube_pod_status", vector_answer(c.parts));
        prometheus.answers.at("metadata") = c.metadata;
        const auto pending = prometheus.read().pending;
        ASSERT_EQ(pending.known(), c.expected.has_value()) << c.what << ": " << pending.why();
        EXPECT_EQ(pending.known() ? std::optional(*pending) : std::nullopt, c.expected) << c.what;
        EXPECT_NE(pending.why().find(c.why), std::string::npos) << c.what << ": " << pending.why();
    }
}

TEST(PrometheusMetrics, CustomMetricsAreOneNumberOfAPrometheusThatScrapes) {
    struct Case {
        const char* word;
        std::string answer;
        const char* why;
    };
    const Case cases[] = {
        {"queue", vector_answer({}), "no result"},
        {"queue",
         vector_answer(
             {R"({"metric":{"a":"1"},"value":[1,"1"]})", R"({"metric":{"a":"2"},"value":[1,"2"]})"}),
         "2 series instead of one"},
        {"queue", plain("NaN"), "NaN"},
        {"queue", plain("-3"), "negative"},
        {"timestamp(up)", plain("1789999000"), "old"},
        {"timestamp(up)", vector_answer({}), "scrapes nothing"},
    };
    for (const auto& c : cases) {
        Double prometheus;
        prometheus.answer(c.word, c.answer);
        const auto signals = prometheus.read();
        ASSERT_FALSE(signals.custom.at("queue").known()) << c.answer;
        EXPECT_NE(signals.custom.at("queue").why().find(c.why), std::string::npos)
            << signals.custom.at("queue").why();
        EXPECT_TRUE(signals.cpu.known());
    }
}

TEST(PrometheusMetrics, WithoutPrometheusEverythingIsUnknown) {
    const auto signals = Double().read({.source = {.url = "http://127.0.0.1:1"}});
    EXPECT_NE(signals.cpu.why().find("cannot connect to 127.0.0.1:1"), std::string::npos)
        << signals.cpu.why();
    EXPECT_FALSE(signals.memory.known());
    EXPECT_FALSE(signals.pending.known());
    EXPECT_FALSE(signals.custom.at("queue").known());
}

}  // namespace
}  // namespace k3fleet::prometheus
