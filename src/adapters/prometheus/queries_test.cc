// The queries against a real Prometheus, whose history is of a fleet with a load that we chose: the truth is
// known.
#include "adapters/prometheus/queries.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>

#include "adapters/prometheus/metrics.h"
#include "adapters/prometheus/range.h"
#include "base/text.h"
#include "tests/support/http_server.h"
#include "tests/support/prometheus.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::prometheus {
namespace {

constexpr std::array kModes = {"idle", "user", "system", "nice", "iowait", "irq", "softirq", "steal"};
constexpr int kScrapeSeconds = 15;
constexpr int kMinutes = 40;

// A machine of the made-up fleet. Its busy share changes in the middle of the history.
struct Machine {
    std::string instance;
    std::string hostname;
    std::string node;
    std::string address;
    bool master = false;
    int cores = 2;
    double busy_first = 1;   // Of each core, during the first half.
    double busy_second = 0;  // And during the second.
    double memory_used = 0;  // Of 8 GiB a core.
    int ends_after = kMinutes;
};

// Three masters, fully loaded with many cores, each to be recognised in another way; workers fully loaded in
// the first half and partly in the second; and one worker that falls silent.
const std::vector<Machine>& fleet() {
    static const std::vector<Machine> machines = {
        {"host-m1:9100", "m1", "m1", "10.0.0.1", true, 16, 0, 1, 1},
        {"m2", "ip-10-0-0-2", "m2", "10.0.0.2", true, 16, 0, 1, 1},
        {"10.0.0.3:9100", "ip-10-0-0-3", "m3", "10.0.0.3", true, 16, 0, 1, 1},
        {"10.0.0.11:9100", "ip-10-0-0-11", "w1", "10.0.0.11", false, 2, 1, 0.5, 0.5},
        {"10.0.0.12:9100", "w2", "w2", "10.0.0.12", false, 4, 1, 0.25, 0.25},
        {"10.0.0.13:9100", "w3", "w3", "10.0.0.13", false, 2, 1, 1, 0.9, 30},
    };
    return machines;
}

// Seconds a core has spent in a mode up to a moment of the history. Busy time is spread evenly over the
// modes.
double spent(const Machine& machine, int second, bool idle) {
    const double half = kMinutes * 60.0 / 2;
    const double busy = std::min<double>(second, half) * machine.busy_first +
                        std::max(0.0, second - half) * machine.busy_second;
    return 1000 + (idle ? second - busy : busy / (kModes.size() - 1));
}

std::string history(Timestamp start) {
    std::string cpu = "# TYPE node_cpu_seconds counter\n";
    std::string available = "# TYPE node_memory_MemAvailable_bytes gauge\n";
    std::string total = "# TYPE node_memory_MemTotal_bytes gauge\n";
    std::string names = "# TYPE node_uname_info gauge\n";
    std::string roles = "# TYPE kube_node_role gauge\n";
    std::string nodes = "# TYPE kube_node_info gauge\n";
    std::string up = "# TYPE up gauge\n";
    for (const auto& m : fleet()) {
        for (int second = 0; second <= m.ends_after * 60; second += kScrapeSeconds) {
            const auto at = to_unix_seconds(start) + second;
            for (int core = 0; core < m.cores; ++core) {
                for (const std::string_view mode : kModes)
                    cpu += format("node_cpu_seconds_total{{instance=\"{}\",cpu=\"{}\",mode=\"{}\"}} {} {}\n",
                                  m.instance, core, mode, spent(m, second, mode == "idle"), at);
            }
            const double bytes = m.cores * 8589934592.0;
            const auto label = format("instance=\"{}\"", m.instance);
            available += format("node_memory_MemAvailable_bytes{{{}}} {} {}\n", label,
                                bytes * (1 - m.memory_used), at);
            total += format("node_memory_MemTotal_bytes{{{}}} {} {}\n", label, bytes, at);
            names += format("node_uname_info{{{},nodename=\"{}\"}} 1 {}\n", label, m.hostname, at);
            up += format("up{{{}}} 1 {}\n", label, at);
        }
        for (int second = 0; second <= kMinutes * 60; second += kScrapeSeconds) {
            const auto at = to_unix_seconds(start) + second;
            nodes += format("kube_node_info{{node=\"{}\",internal_ip=\"{}\"}} 1 {}\n", m.node, m.address, at);
            if (m.master)
                roles += format("kube_node_role{{node=\"{}\",role=\"control-plane\"}} 1 {}\n", m.node, at);
        }
    }
    return cpu + available + total + names + roles + nodes + up + "# EOF\n";
}

// What a live exporter shows; the test changes it.
struct Exporter {
    std::mutex mutex;
    std::string text;
    support::HttpServer server{[this](const support::ServedRequest&) {
        const std::lock_guard lock(mutex);
        return support::reply(200, text, {{"Content-Type", "text/plain; version=0.0.4"}});
    }};
    void show(const std::string& lines) {
        const std::lock_guard lock(mutex);
        text = lines;
    }
};

class OneByOne final : public ports::Executor {
public:
    void run_all(std::vector<std::function<void()>> jobs) override {
        for (auto& job : jobs) job();
    }
};

class RealPrometheus : public ::testing::Test {
protected:
    void SetUp() override {
        const auto program = support::Prometheus::find();
        if (!program) GTEST_SKIP() << "there is no Prometheus here: run scripts/setup --test";
        start_ = std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now()) -
                 std::chrono::hours{3};
        prometheus_.emplace(*program, folder_.path(), history(start_),
                            std::vector{format("127.0.0.1:{}", exporter_.server.port())});
        ASSERT_TRUE(eventually([&] {
            const auto answer = http_->send({.url = prometheus_->url() + "/-/ready"});
            return answer && answer->ok();
        })) << prometheus_->log();
    }

    template <typename Condition>
    static bool eventually(Condition condition) {
        const net::CancelToken never;
        for (int i = 0; i < 1200; ++i) {
            if (condition()) return true;
            (void)never.wait_for(Duration{50});
        }
        return false;
    }

    model::Signals read(Timestamp at, const std::string& custom = "vector(1)") {
        Options options{.source = {.url = prometheus_->url()}, .timeout = std::chrono::seconds{30}};
        return PrometheusMetrics(*http_, executor_, options)
            .signals({{.name = "custom", .query = custom}}, at);
    }

    Timestamp minute(int n) const { return start_ + std::chrono::minutes{n}; }
    static Timestamp now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

    support::TempDir folder_;
    Exporter exporter_;
    Timestamp start_;
    std::unique_ptr<net::HttpClient> http_ = net::make_http_client({.cancel = net::CancelToken()});
    OneByOne executor_;
    std::optional<support::Prometheus> prometheus_;
};

TEST_F(RealPrometheus, TellsTheTruthAboutARecordedFleet) {
    // Everything busy. The average over the modes that are not idle, by contrast, cannot exceed one seventh.
    const auto full =
        read(minute(15),
             R"(100 * avg(rate(node_cpu_seconds_total{mode!="idle",instance=~"10.0.0.1[0-9].*"}[3m])))");
    ASSERT_TRUE(full.cpu.known()) << full.cpu.why();
    EXPECT_NEAR(*full.cpu, 100, 0.01);
    EXPECT_EQ(full.cpu.as_of(), minute(15));
    ASSERT_TRUE(full.custom.at("custom").known()) << full.custom.at("custom").why();
    EXPECT_NEAR(*full.custom.at("custom"), 100.0 / 7, 0.01);

    // By cores, not by machines: (2 * 0.5 + 4 * 0.25 + 2 * 1) / 8. The masters' 48 busy cores do not count.
    const auto partly = read(minute(28));
    ASSERT_TRUE(partly.cpu.known()) << partly.cpu.why();
    EXPECT_NEAR(*partly.cpu, 50, 0.01);
    ASSERT_TRUE(partly.memory.known()) << partly.memory.why();
    EXPECT_NEAR(*partly.memory, 100 * (2 * 0.5 + 4 * 0.25 + 2 * 0.9) / 8, 0.01);
    EXPECT_FALSE(partly.pending.known()) << "no kube-state-metrics in the history";

    // w3 was read last at minute 30: for a while its samples are too old, then it is gone.
    EXPECT_TRUE(read(minute(32)).cpu.known());
    const auto silent = read(minute(33));
    ASSERT_FALSE(silent.cpu.known());
    EXPECT_NE(silent.cpu.why().find("3m old"), std::string::npos) << silent.cpu.why();
    const auto without = read(minute(37));
    ASSERT_TRUE(without.cpu.known()) << without.cpu.why();
    EXPECT_NEAR(*without.cpu, 100 * (2 * 0.5 + 4 * 0.25) / 6, 0.01);

    // Prometheus read nothing any more.
    const auto after = read(minute(kMinutes + 4));
    EXPECT_NE(after.cpu.why().find("4m old"), std::string::npos) << after.cpu.why();
    EXPECT_NE(after.custom.at("custom").why().find("4m old"), std::string::npos)
        << after.custom.at("custom").why();
    const auto later = read(minute(kMinutes + 10));
    EXPECT_NE(later.cpu.why().find("is node-exporter running"), std::string::npos) << later.cpu.why();
    EXPECT_FALSE(later.memory.known());
}

TEST_F(RealPrometheus, GivesTheHistoryOfAQueryInPieces) {
    const RangeQuery query{
        .query = R"(node_cpu_seconds_total{instance="10.0.0.11:9100",cpu="1",mode="idle"})",
        .from = minute(5),
        .to = minute(28),
        .step = std::chrono::milliseconds{100}};
    const auto points = range(*http_, {.url = prometheus_->url()}, query);
    ASSERT_TRUE(points) << points.error().describe();
    ASSERT_EQ(points->size(), 23U * 600 + 1);
    EXPECT_EQ(points->front(), (std::pair{minute(5), 1000.0}));           // Busy all the time.
    EXPECT_EQ(points->back(), (std::pair{minute(28), 1000.0 + 8 * 30}));  // Half of the time since minute 20.
}

TEST_F(RealPrometheus, SaysWhatIsWrongWithAQuery) {
    const auto why = [&](const std::string& query) {
        return read(minute(15), query).custom.at("custom").why();
    };
    EXPECT_NE(why("sum(").find("parse error"), std::string::npos) << why("sum(");
    EXPECT_NE(why("node_uname_info").find("6 series instead of one"), std::string::npos)
        << why("node_uname_info");
    EXPECT_NE(why("up[5m]").find("not one number"), std::string::npos) << why("up[5m]");
    EXPECT_NE(why("nonesuch").find("no result"), std::string::npos) << why("nonesuch");
    EXPECT_NE(why("scalar(nonesuch)").find("NaN"), std::string::npos) << why("scalar(nonesuch)");
    EXPECT_NE(why("1 / vector(0)").find("infinite"), std::string::npos) << why("1 / vector(0)");
    EXPECT_EQ(why("scalar(vector(3))"), "");
}

// The description of a metric without series is what tells "none" from "not offered"; only a live scrape has
// it.
TEST_F(RealPrometheus, CountsPodsWithoutAPlaceOnceEach) {
    const std::string phases =
        "# TYPE kube_pod_status_phase gauge\n"
        "kube_pod_status_phase{namespace=\"a\",pod=\"p\",uid=\"1\",phase=\"Pending\"} 1\n"
        "kube_pod_status_phase{namespace=\"a\",pod=\"q\",uid=\"2\",phase=\"Pending\"} 1\n"
        "kube_pod_status_phase{namespace=\"a\",pod=\"r\",uid=\"3\",phase=\"Pending\"} 0\n";
    const std::string offered = "# TYPE kube_pod_status_unschedulable gauge\n";
    const auto becomes = [&](double expected) {
        model::Observed<double> pending;
        const bool did = eventually([&] {
            pending = read(now()).pending;
            return pending.known() && *pending == expected;
        });
        EXPECT_TRUE(did) << expected << ": " << (pending.known() ? format("{}", *pending) : pending.why());
    };
    exporter_.show(offered + phases);
    becomes(0);
    exporter_.show(offered +
                   "kube_pod_status_unschedulable{namespace=\"a\",pod=\"p\",uid=\"1\",replica=\"x\"} 1\n"
                   "kube_pod_status_unschedulable{namespace=\"a\",pod=\"p\",uid=\"1\",replica=\"y\"} 1\n" +
                   phases);
    becomes(1);
    exporter_.show(phases);  // Prometheus forgets a description some scrapes after it was seen last.
    becomes(2);
    exporter_.show("");
    EXPECT_TRUE(eventually([&] { return !read(now()).pending.known(); }));
}

}  // namespace
}  // namespace k3fleet::prometheus
