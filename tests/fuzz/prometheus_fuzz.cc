// Prometheus's answers, or those of whatever answers in its place: a signal is unknown with a reason or can
// be a load; a history is in order of time and finite. An input is one byte for the status, answers, each
// ended by a byte 0; the last one is given to all further questions.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/prometheus/metrics.h"
#include "adapters/prometheus/range.h"
#include "base/check.h"
#include "base/text.h"
#include "tests/support/fakes.h"

namespace {

using namespace k3fleet;

class Answering final : public net::HttpClient {
public:
    using HttpClient::send;
    Answering(int status, std::vector<std::string> bodies) : status_(status), bodies_(std::move(bodies)) {}

    Result<net::HttpResponse> send(const net::HttpRequest&, net::HttpTrace&) override {
        const std::size_t which = std::min(next_++, bodies_.size() - 1);
        return net::HttpResponse{.status = status_, .headers = {}, .body = bodies_[which]};
    }

private:
    int status_;
    std::vector<std::string> bodies_;
    std::size_t next_ = 0;
};

void check_load(const model::Observed<double>& signal, double most, Timestamp now) {
    if (!signal) {
        K3F_CHECK(!signal.why().empty());
        return;
    }
    K3F_CHECK(std::isfinite(*signal) && *signal >= 0 && *signal <= most && signal.as_of() <= now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr std::array kStatuses = {200, 200, 200, 200, 301, 400, 401, 404, 422, 503};
    const int status = kStatuses[data[0] % kStatuses.size()];
    const auto bodies = split({reinterpret_cast<const char*>(data) + 1, size - 1}, '\0');
    const Timestamp now = from_unix_seconds(1'795'317'300);
    const prometheus::Source source{.url = "http://127.0.0.1:9090"};
    testing::InlineExecutor executor;

    Answering for_signals(status, bodies);
    prometheus::PrometheusMetrics metrics(for_signals, executor, {.source = source});
    const auto signals = metrics.signals({{.name = "queue", .query = "depth", .limit = 1}}, now);
    const double any = std::numeric_limits<double>::max();
    check_load(signals.cpu, 100, now);
    check_load(signals.memory, 100, now);
    check_load(signals.pending, any, now);
    check_load(signals.custom.at("queue"), any, now);

    Answering for_history(status, bodies);
    const auto points = prometheus::range(for_history, source,
                                          {.query = "x", .from = now - std::chrono::hours{200}, .to = now});
    if (!points) {
        K3F_CHECK(!points.error().message.empty());
        return 0;
    }
    for (std::size_t i = 0; i < points->size(); ++i) {
        K3F_CHECK(std::isfinite((*points)[i].second));
        K3F_CHECK(i == 0 || (*points)[i - 1].first < (*points)[i].first);
    }
    return 0;
}
