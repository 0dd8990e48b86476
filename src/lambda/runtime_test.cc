// The Runtime API's other side, as AWS documents it: events, answers, errors; and what it does when things go
// wrong.
#include "lambda/runtime.h"

#include <gtest/gtest.h>

#include <mutex>

#include "base/json.h"
#include "base/value.h"
#include "tests/support/http_server.h"

namespace k3fleet::lambda {
namespace {

using support::Reply;
using support::reply;
using support::ServedRequest;

// Gives the scripted events one after the other, then says that it is going down.
class RuntimeApi {
public:
    explicit RuntimeApi(std::vector<Reply> events) : events_(std::move(events)) {}

    static Reply event(const std::string& id, const std::string& body) {
        return reply(200, body,
                     {{"Lambda-Runtime-Aws-Request-Id", id},
                      {"Lambda-Runtime-Deadline-Ms", "1795000060000"},
                      {"Lambda-Runtime-Invoked-Function-Arn",
                       "arn:aws:lambda:ap-southeast-1:123456789012:function:shop-autoscaler"}});
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }
    // "response ID BODY", "error ID TYPE", "init TYPE".
    std::vector<std::string> told() {
        const std::scoped_lock lock(mutex_);
        return told_;
    }
    int status_of_answers = 202;

private:
    Reply serve(const ServedRequest& request) {
        const std::scoped_lock lock(mutex_);
        const std::string prefix = "/2018-06-01/runtime/";
        EXPECT_TRUE(request.target.starts_with(prefix)) << request.target;
        const std::string path = request.target.substr(prefix.size());
        if (path == "invocation/next") {
            if (next_ == events_.size()) return reply(500, "");
            return events_[next_++];
        }
        const std::string type = request.header("Lambda-Runtime-Function-Error-Type");
        if (path == "init/error") {
            told_.push_back("init " + type);
        } else if (path.ends_with("/response")) {
            told_.push_back("response " + path.substr(11, path.size() - 20) + " " + request.body);
        } else {
            EXPECT_TRUE(json::parse(request.body)->find("errorMessage") != nullptr) << request.body;
            told_.push_back("error " + path.substr(11, path.size() - 17) + " " + type);
        }
        return reply(status_of_answers, "{}");
    }

    std::mutex mutex_;
    std::vector<Reply> events_;
    std::size_t next_ = 0;
    std::vector<std::string> told_;
    support::HttpServer server_{[this](const ServedRequest& request) { return serve(request); }};
};

Result<std::string> echo(const Invocation& invocation) { return invocation.event; }

TEST(Runtime, AnswersEachEventWithWhatTheHandlerGives) {
    RuntimeApi api({RuntimeApi::event("r1", "{\"a\":1}"), RuntimeApi::event("r2", "{}")});
    const auto http = net::make_http_client();
    std::vector<Invocation> seen;
    const Error end = Runtime(*http, api.address()).serve([&](const Invocation& invocation) {
        seen.push_back(invocation);
        return echo(invocation);
    });
    EXPECT_EQ(end.code, ErrorCode::Corrupt) << "the API went down";
    EXPECT_EQ(api.told(), (std::vector<std::string>{"response r1 {\"a\":1}", "response r2 {}"}));
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].deadline, from_unix_millis(1'795'000'060'000));
    EXPECT_NE(seen[0].function_arn.find(":123456789012:"), std::string::npos);
}

TEST(Runtime, TellsErrorsAndGoesOn) {
    RuntimeApi api({RuntimeApi::event("r1", "nonsense"), RuntimeApi::event("r2", "{}")});
    const auto http = net::make_http_client();
    (void)Runtime(*http, api.address()).serve([](const Invocation& invocation) -> Result<std::string> {
        if (invocation.event == "nonsense") return fail(ErrorCode::Corrupt, "no event of ours");
        return invocation.event;
    });
    EXPECT_EQ(api.told(), (std::vector<std::string>{"error r1 k3fleet.corrupt", "response r2 {}"}));
}

TEST(Runtime, AnAnswerThatLambdaDoesNotTakeIsNoEnd) {
    RuntimeApi api({RuntimeApi::event("r1", "{}"), RuntimeApi::event("r2", "{}")});
    api.status_of_answers = 413;
    const auto http = net::make_http_client();
    (void)Runtime(*http, api.address()).serve(echo);
    EXPECT_EQ(api.told().size(), 2U);
}

TEST(Runtime, AnswersThatAreTooLargeAreToldAsErrors) {
    RuntimeApi api({RuntimeApi::event("r1", "{}")});
    const auto http = net::make_http_client();
    (void)Runtime(*http, api.address()).serve([](const Invocation&) -> Result<std::string> {
        return std::string(kMaxAnswer + 1, 'x');
    });
    EXPECT_EQ(api.told(), (std::vector<std::string>{"error r1 k3fleet.internal"}));
}

TEST(Runtime, EndsWhenItsApiMakesNoSense) {
    struct Row {
        Reply next;
        ErrorCode code;
    };
    const Row rows[] = {
        {reply(200, "{}"), ErrorCode::Corrupt},  // No request id.
        {reply(200, "{}", {{"Lambda-Runtime-Aws-Request-Id", "r"}}), ErrorCode::Corrupt},
        {reply(403, "{}"), ErrorCode::Corrupt},
        {{.then = Reply::Then::Close}, ErrorCode::Unavailable},
        {{.then = Reply::Then::Reset}, ErrorCode::Unavailable},
        {RuntimeApi::event("r", std::string(9UL << 20, 'x')), ErrorCode::Corrupt},  // Larger than any event.
    };
    for (const Row& row : rows) {
        RuntimeApi api({row.next});
        const auto http = net::make_http_client();
        bool called = false;
        const Error end = Runtime(*http, api.address()).serve([&](const Invocation& invocation) {
            called = true;
            return echo(invocation);
        });
        EXPECT_EQ(end.code, row.code) << end.describe();
        EXPECT_FALSE(called);
    }
}

TEST(Runtime, SaysWhyTheFunctionCannotWorkAtAll) {
    RuntimeApi api({});
    const auto http = net::make_http_client();
    const Error why{.code = ErrorCode::InvalidArgument, .message = "not set up"};
    EXPECT_TRUE(Runtime(*http, api.address()).report_init_error(why).has_value());
    EXPECT_EQ(api.told(), (std::vector<std::string>{"init k3fleet.invalid-argument"}));
}

// The sandbox was frozen for an hour: whatever was connected before is not used again.
TEST(Runtime, AfterAThawDeadConnectionsAreNotUsedAgain) {
    struct Clock final : ports::Clock {
        Timestamp now() override { return at; }
        Status sleep_until(Timestamp) override { return {}; }
        Timestamp at = from_unix_seconds(1'795'000'000);
    } clock;
    support::HttpServer outside([](const ServedRequest&) { return reply(200, "ok"); });
    const auto client = net::make_http_client({.clock = &clock});
    RuntimeApi api(
        {RuntimeApi::event("r1", "{}"), RuntimeApi::event("r2", "{}"), RuntimeApi::event("r3", "{}")});
    const auto http = net::make_http_client();
    std::vector<int> connections;
    (void)Runtime(*http, api.address()).serve([&](const Invocation& invocation) {
        if (invocation.request_id == "r3") clock.at += std::chrono::hours{1};
        EXPECT_TRUE(client->send({.method = "POST", .url = outside.url()}).has_value());
        connections.push_back(outside.connections());
        return echo(invocation);
    });
    EXPECT_EQ(connections, (std::vector<int>{1, 1, 2}));
}

}  // namespace
}  // namespace k3fleet::lambda
