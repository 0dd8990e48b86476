// Long histories in pieces, gaps kept, nonsense refused.
#include "adapters/prometheus/range.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/support/http_server.h"

namespace k3fleet::prometheus {
namespace {

using support::Reply;
using support::ServedRequest;

constexpr Timestamp kFrom = from_unix_seconds(1'780'000'000);

std::string matrix(std::string_view labels, std::string_view values) {
    return format(
        R"({{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{{}}},"values":[{}]}}]}}}})",
        labels, values);
}

Result<std::vector<std::pair<Timestamp, double>>> read(const support::HttpServer& server, RangeQuery query) {
    const auto http = net::make_http_client({.cancel = net::CancelToken()});
    if (query.query.empty()) query.query = "load";
    return range(*http, {.url = server.url()}, query);
}

TEST(PrometheusRange, SplitsALongStretchIntoPiecesThatMeetExactly) {
    // Answers every point that is asked for, with the minute's number as its value.
    support::HttpServer server([](const ServedRequest& request) {
        const auto start = static_cast<std::int64_t>(std::stod(request.parameter("start")));
        const auto end = static_cast<std::int64_t>(std::stod(request.parameter("end")));
        EXPECT_LE((end - start) / 60 + 1, 11'000);
        std::string values;
        for (auto t = start; t <= end; t += 60)
            values += format(R"({}[{},"{}"])", values.empty() ? "" : ",", t, (t - 1'780'000'000) / 60);
        return support::reply_gzip(matrix("", values));
    });
    const int minutes = 25'000;
    const auto points = read(server, {.from = kFrom, .to = kFrom + std::chrono::minutes{minutes}});
    ASSERT_TRUE(points) << points.error().describe();
    ASSERT_EQ(points->size(), minutes + 1U);
    for (int i = 0; i <= minutes; ++i) {
        ASSERT_EQ((*points)[static_cast<std::size_t>(i)].first, kFrom + std::chrono::minutes{i});
        ASSERT_EQ((*points)[static_cast<std::size_t>(i)].second, i);
    }
    EXPECT_EQ(server.requests().size(), 3U);
    EXPECT_EQ(server.requests().at(0).parameter("step"), "60.000");
}

TEST(PrometheusRange, LeavesOutWhatWasNotRecorded) {
    support::HttpServer server([](const ServedRequest&) {
        return support::reply(
            200,
            matrix("", R"([1780000000,"1"],[1780000060,"NaN"],[1780000120.5,"2.5"],[1780000180,"+Inf"])"));
    });
    const auto points = read(server, {.from = kFrom, .to = kFrom + std::chrono::minutes{5}});
    ASSERT_TRUE(points) << points.error().describe();
    EXPECT_EQ(*points,
              (std::vector<std::pair<Timestamp, double>>{{kFrom, 1}, {kFrom + Duration{120'500}, 2.5}}));
}

TEST(PrometheusRange, NothingRecordedIsEmpty) {
    support::HttpServer server([](const ServedRequest&) {
        return support::reply(200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})");
    });
    const auto points = read(server, {.from = kFrom, .to = kFrom});
    ASSERT_TRUE(points) << points.error().describe();
    EXPECT_TRUE(points->empty());
}

TEST(PrometheusRange, RefusesWhatIsNotOneSeries) {
    const std::string two =
        R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"values":[[1,"1"]]},{"metric":{"a":"2"},"values":[[2,"1"]]}]}})";
    const std::pair<std::string, const char*> cases[] = {
        {two, "more than one series"},
        {matrix("", R"([1,"x"])"), "no number"},
        {matrix("", R"(["1","1"])"), "no time"},
        {matrix("", R"([1])"), "no pair"},
        {matrix("", R"([2,"1"],[1,"1"])"), "order"},
        {R"({"status":"success","data":{"resultType":"vector","result":[]}})", "no series of points"},
        {R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{}}]}})",
         "no plain values"},
    };
    for (const auto& [answer, why] : cases) {
        support::HttpServer server([&](const ServedRequest&) { return support::reply(200, answer); });
        const auto points = read(server, {.from = kFrom, .to = kFrom});
        ASSERT_FALSE(points) << answer;
        EXPECT_NE(points.error().message.find(why), std::string::npos) << points.error().describe();
    }
}

TEST(PrometheusRange, RefusesStretchesWithoutEndOrBeginning) {
    support::HttpServer server([](const ServedRequest&) { return support::reply(500, ""); });
    const RangeQuery cases[] = {
        {.from = kFrom, .to = kFrom - Duration{1}},
        {.from = kFrom, .to = kFrom, .step = Duration{0}},
        {.from = kFrom, .to = kFrom + std::chrono::hours{24 * 365 * 10}, .step = std::chrono::seconds{1}},
    };
    for (const auto& query : cases) {
        const auto points = read(server, query);
        ASSERT_FALSE(points);
        EXPECT_EQ(points.error().code, ErrorCode::InvalidArgument);
    }
    EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace k3fleet::prometheus
