// The client against a server in this process that answers well, badly, late or not at all.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "base/text.h"
#include "net/http.h"
#include "tests/support/http_server.h"

namespace k3fleet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::HttpServer;
using support::Reply;
using support::reply;
using support::ServedRequest;

std::unique_ptr<HttpClient> client(CancelToken cancel = CancelToken()) {
    return make_http_client({.cancel = std::move(cancel)});
}

bool mentions(const Error& error, std::string_view text) {
    return error.describe().find(text) != std::string::npos;
}

TEST(HttpClient, SendsMethodHeadersAndBodyAndReadsTheAnswer) {
    HttpServer server([](const ServedRequest&) { return reply(201, "made", {{"X-Kind", "new"}}); });
    const auto answer = client()->send({.method = "POST",
                                        .url = server.url("/things?x=1"),
                                        .headers = {{"X-Token", "abc"}},
                                        .body = "payload"});
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, "made");
    EXPECT_EQ(*answer->header("x-kind"), "new");
    EXPECT_EQ(answer->header("X-None"), nullptr);
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/things?x=1");
    EXPECT_EQ(seen.header("x-token"), "abc");
    EXPECT_EQ(seen.header("content-length"), "7");
    EXPECT_EQ(seen.header("accept-encoding"), "gzip");
    EXPECT_EQ(seen.header("user-agent"), "k3fleet");
    EXPECT_EQ(seen.header("host"), format("127.0.0.1:{}", server.port()));
    EXPECT_EQ(seen.body, "payload");
}

TEST(HttpClient, SendsAndReadsLargeBodies) {
    HttpServer server([](const ServedRequest& request) { return reply(200, request.body); });
    std::string body(9UL << 20, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 2654435761U >> 7);
    const auto answer = client()->send({.method = "PUT", .url = server.url(), .body = body});
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_TRUE(answer->body == body);
}

TEST(HttpClient, TakesUserInformationFromTheUrl) {
    HttpServer server([](const ServedRequest&) { return reply(200, ""); });
    ASSERT_TRUE(client()->send({.url = format("http://ann:b%20c@localhost:{}/", server.port())}));
    EXPECT_EQ(server.requests().at(0).header("authorization"), "Basic YW5uOmIgYw==");
}

TEST(HttpClient, RefusesHeadersThatWouldBreakTheMessage) {
    HttpServer server([](const ServedRequest&) { return reply(200, ""); });
    const HttpHeaders cases[] = {
        {{"X-A", "1\r\nX-B: 2"}}, {{"X A", "1"}}, {{"", "1"}}, {{"Content-Length", "5"}}};
    for (const auto& headers : cases) {
        const auto answer = client()->send({.url = server.url(), .headers = headers});
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::InvalidArgument);
    }
    EXPECT_EQ(client()->send({.method = "GET / HTTP/1.1\r\n", .url = server.url()}).error().code,
              ErrorCode::InvalidArgument);
    EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, ReadsEveryWayABodyCanBeFramed) {
    const std::string body(100'000, 'x');
    const Reply cases[] = {
        support::reply_chunked(body, 1000),
        support::reply_gzip(body),
        {.bytes = "HTTP/1.1 200 OK\r\n\r\n" + body, .then = Reply::Then::Close},
        {.bytes = "HTTP/1.0 200 OK\r\nContent-Length: 100000\r\n\r\n" + body, .then = Reply::Then::Close},
        {.bytes = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + reply(200, body).bytes},
    };
    for (const auto& scripted : cases) {
        HttpServer server([&](const ServedRequest&) { return scripted; });
        const auto answer = client()->send({.url = server.url()});
        ASSERT_TRUE(answer) << scripted.bytes.substr(0, 40) << answer.error().describe();
        EXPECT_EQ(answer->status, 200);
        EXPECT_TRUE(answer->body == body) << scripted.bytes.substr(0, 40);
        EXPECT_EQ(answer->header("Content-Encoding"), nullptr);
    }
}

TEST(HttpClient, ReadsAnswersThatComeByteByByte) {
    HttpServer server([](const ServedRequest&) {
        auto drip = support::reply_chunked("slowly", 2);
        drip.between = milliseconds{1};
        return drip;
    });
    const auto answer = client()->send({.url = server.url()});
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(answer->body, "slowly");
}

TEST(HttpClient, ReadsAnswersWithoutBody) {
    HttpServer server([](const ServedRequest& request) {
        if (request.method == "HEAD") return Reply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"};
        return Reply{.bytes = "HTTP/1.1 204 No Content\r\n\r\n"};
    });
    const auto http = client();
    const auto head = http->send({.method = "HEAD", .url = server.url()});
    ASSERT_TRUE(head) << head.error().describe();
    EXPECT_EQ(*head->header("content-length"), "99");
    const auto none = http->send({.method = "DELETE", .url = server.url()});
    ASSERT_TRUE(none) << none.error().describe();
    EXPECT_EQ(none->status, 204);
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, RefusesAnswersLargerThanAllowed) {
    const std::string big(50'000, 'x');
    const Reply cases[] = {reply(200, big),
                           support::reply_chunked(big, 700),
                           support::reply_gzip(big),
                           {.bytes = "HTTP/1.1 200 OK\r\n\r\n" + big, .then = Reply::Then::Close}};
    for (const auto& scripted : cases) {
        HttpServer server([&](const ServedRequest&) { return scripted; });
        const auto answer = client()->send({.url = server.url(), .max_response_bytes = 49'999});
        ASSERT_FALSE(answer) << scripted.bytes.substr(0, 60);
        EXPECT_EQ(answer.error().code, ErrorCode::Corrupt) << answer.error().describe();
        EXPECT_TRUE(mentions(answer.error(), "49999")) << answer.error().describe();
        ASSERT_TRUE(client()->send({.url = server.url(), .max_response_bytes = 50'000}));
    }
}

TEST(HttpClient, DoesNotInflateABomb) {
    const auto bomb = support::reply_gzip(std::string(64UL << 20, '\0'));
    ASSERT_LT(bomb.bytes.size(), 100'000U);
    HttpServer server([&](const ServedRequest&) { return bomb; });
    const auto answer = client()->send({.url = server.url(), .max_response_bytes = 1UL << 20});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Corrupt) << answer.error().describe();
}

TEST(HttpClient, TellsDamagedAnswersFromBrokenConnections) {
    struct Case {
        Reply scripted;
        ErrorCode code;
        const char* says;
    };
    const std::string gzip = support::reply_gzip("hello hello hello").bytes;
    auto bad_gzip = gzip;
    bad_gzip[bad_gzip.size() - 12] ^= 0x55;
    const Case cases[] = {
        {{.bytes = "SSH-2.0-OpenSSH_9.2\r\n", .then = Reply::Then::Close}, ErrorCode::Corrupt, "HTTP"},
        {{.bytes = "HTTP/1.1 abc OK\r\n\r\n"}, ErrorCode::Corrupt, "HTTP"},
        {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
         ErrorCode::Corrupt,
         "HTTP"},
        {{.bytes = bad_gzip}, ErrorCode::Corrupt, "decompressing"},
        {reply(200, "x", {{"Content-Encoding", "br"}}), ErrorCode::Corrupt, "'br'"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .then = Reply::Then::Close},
         ErrorCode::Unavailable,
         "in the middle"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Le", .then = Reply::Then::Close},
         ErrorCode::Unavailable,
         "in the middle"},
        {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          .then = Reply::Then::Close},
         ErrorCode::Unavailable,
         "in the middle"},
        {{.then = Reply::Then::Close}, ErrorCode::Unavailable, "without an answer"},
        {{.then = Reply::Then::Reset}, ErrorCode::Unavailable, "without an answer"},
    };
    for (const auto& c : cases) {
        HttpServer server([&](const ServedRequest&) { return c.scripted; });
        const auto answer = client()->send({.url = server.url(), .timeout = seconds{20}});
        ASSERT_FALSE(answer) << c.scripted.bytes;
        EXPECT_EQ(answer.error().code, c.code) << c.scripted.bytes << answer.error().describe();
        EXPECT_TRUE(mentions(answer.error(), c.says)) << answer.error().describe();
        EXPECT_TRUE(mentions(answer.error(), format("127.0.0.1:{}", server.port())))
            << answer.error().describe();
        EXPECT_EQ(server.requests().size(), 1U) << "a fresh connection that breaks is not tried again";
    }
}

// What two programs could read in two ways is how answers get swapped on a shared connection.
TEST(HttpClient, RefusesAmbiguousAnswersAndReadsUnusualOnes) {
    struct Case {
        std::string head;  // And what follows it.
        const char* body;  // Null: refused.
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const Case cases[] = {
        {ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", nullptr},
        {ok + "Content-Length: 2, 3\r\n\r\nabc", nullptr},
        {ok + "Content-Length: -1\r\n\r\n", nullptr},
        {ok + "Content-Length: 99999999999999999999\r\n\r\n", nullptr},
        {ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", nullptr},
        {ok + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n", nullptr},
        {ok + "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n", nullptr},
        {ok + "X : y\r\n\r\n", nullptr},
        {"HTTP/2.0 200 OK\r\n\r\n", nullptr},
        {"HTTP/1.1 101 Switching\r\n\r\n", nullptr},
        {ok + "X: " + std::string(200'000, 'x') + "\r\n\r\n", nullptr},
        {ok + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", "abc"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + ok + "Content-Length: 1\r\n\r\nx", "x"},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ""},
        {ok + "content-length:   4  \r\n\r\nabcd", "abcd"},
    };
    for (const auto& c : cases) {
        HttpServer server([&](const ServedRequest&) { return Reply{.bytes = c.head}; });
        const auto answer = client()->send({.url = server.url(), .timeout = seconds{20}});
        ASSERT_EQ(answer.has_value(), c.body != nullptr)
            << c.head.substr(0, 200) << (answer ? answer->body : answer.error().describe());
        if (answer)
            EXPECT_EQ(answer->body, c.body) << c.head;
        else
            EXPECT_EQ(answer.error().code, ErrorCode::Corrupt) << answer.error().describe();
    }
}

TEST(HttpClient, EndsAnEndlessRowOfInterimAnswers) {
    std::string many;
    for (int i = 0; i < 9; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
    HttpServer server([&](const ServedRequest&) { return Reply{.bytes = many}; });
    EXPECT_EQ(client()->send({.url = server.url()}).error().code, ErrorCode::Corrupt);
}

TEST(HttpClient, DoesNotReuseAConnectionWithBytesBehindTheAnswer) {
    HttpServer server([](const ServedRequest&) {
        auto twice = reply(200, "first");
        twice.bytes += reply(200, "smuggled").bytes;
        return twice;
    });
    const auto http = client();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(http->send({.url = server.url()})->body, "first");
    EXPECT_EQ(server.connections(), 3);
}

TEST(HttpClient, SaysWhatToCheckWhenNobodyListens) {
    std::string url;
    {
        HttpServer gone([](const ServedRequest&) { return reply(200, ""); });
        url = gone.url();
    }
    const auto answer = client()->send({.url = url});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(mentions(answer.error(), "check that it is running")) << answer.error().describe();
    EXPECT_TRUE(answer.error().retry_after.has_value());
}

TEST(HttpClient, UsesOneConnectionForCallsInARow) {
    HttpServer server([](const ServedRequest&) { return reply(200, "ok"); });
    const auto http = client();
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(http->send({.url = server.url()}));
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, DoesNotReuseWhatTheServerClosesOrWhatIsOld) {
    HttpServer closing([](const ServedRequest&) {
        auto answer = reply(200, "ok", {{"Connection", "close"}});
        answer.then = Reply::Then::Close;
        return answer;
    });
    const auto http = client();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(http->send({.method = "POST", .url = closing.url()}));
    EXPECT_EQ(closing.connections(), 3);

    HttpServer server([](const ServedRequest&) { return reply(200, "ok"); });
    const auto forgetful = make_http_client({.max_idle = Duration{-1}, .cancel = CancelToken()});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(forgetful->send({.url = server.url()}));
    EXPECT_EQ(server.connections(), 3);
}

// The server ends every connection at its second request without a word: what keep-alive races look like.
struct SecondRequestDies {
    std::mutex mutex;
    int answered = 0;
    Reply operator()(const ServedRequest&) {
        const std::lock_guard lock(mutex);
        return ++answered % 2 == 1 ? reply(200, "ok") : Reply{.then = Reply::Then::Reset};
    }
};

TEST(HttpClient, RepeatsAGetOnAFreshConnectionWhenTheOldOneIsDead) {
    SecondRequestDies script;
    HttpServer server([&](const ServedRequest& r) { return script(r); });
    const auto http = client();
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(http->send({.url = server.url()})) << i;
    EXPECT_EQ(server.requests().size(), 7U);  // One fresh, then each repeated once.
}

TEST(HttpClient, NeverRepeatsWhatMayHaveBeenDone) {
    SecondRequestDies script;
    HttpServer server([&](const ServedRequest& r) { return script(r); });
    const auto http = client();
    ASSERT_TRUE(http->send({.method = "POST", .url = server.url()}));
    const auto second = http->send({.method = "POST", .url = server.url()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Unavailable);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(HttpClient, RepeatsWhatTheCallerCallsSafeAndNothingThatItCallsUnsafe) {
    for (const auto repeat : {Repeat::Safe, Repeat::Unsafe}) {
        SecondRequestDies script;
        HttpServer server([&](const ServedRequest& r) { return script(r); });
        const auto http = client();
        const HttpRequest request{
            .method = repeat == Repeat::Safe ? "POST" : "GET", .url = server.url(), .repeat = repeat};
        ASSERT_TRUE(http->send(request));
        HttpTrace trace;
        EXPECT_EQ(http->send(request, trace).has_value(), repeat == Repeat::Safe);
        EXPECT_EQ(trace.repeated, repeat == Repeat::Safe);
        EXPECT_EQ(trace.reached, HttpTrace::Reached::Maybe);
        EXPECT_EQ(server.requests().size(), repeat == Repeat::Safe ? 3U : 2U);
    }
}

class ClockByHand final : public ports::Clock {
public:
    Timestamp now() override { return at; }
    Status sleep_until(Timestamp) override { return {}; }
    Timestamp at = from_unix_seconds(1'000'000);
};

TEST(HttpClient, DropsConnectionsOverWhichTheWorldSlept) {
    HttpServer server([](const ServedRequest&) { return reply(200, "ok"); });
    ClockByHand clock;
    const auto http = make_http_client({.max_idle = seconds{30}, .cancel = CancelToken(), .clock = &clock});
    const int expected[] = {1, 1, 2, 2, 3};
    const int slept[] = {0, 29, 31, 0, -31};
    for (int i = 0; i < 5; ++i) {
        clock.at += seconds{slept[i]};
        ASSERT_TRUE(http->send({.method = "POST", .url = server.url()}));
        EXPECT_EQ(server.connections(), expected[i]) << i;
    }
}

// What a caller that must not do a thing twice needs to know.
TEST(HttpClient, TellsHowFarAFailedCallCame) {
    using enum HttpPhase;
    struct Case {
        HttpPhase phase;
        Reply scripted;
        Duration timeout = seconds{30};
    };
    const Case cases[] = {
        {Receiving, {.then = Reply::Then::Close}},
        {Receiving, {.then = Reply::Then::Hang}, milliseconds{200}},
        {Receiving, {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", .then = Reply::Then::Close}},
        {Decoding, reply(200, "x", {{"Content-Encoding", "br"}})},
        {Done, reply(200, "x")},
    };
    for (const auto& c : cases) {
        HttpServer server([&](const ServedRequest&) { return c.scripted; });
        HttpTrace trace;
        const auto answer =
            client()->send({.method = "POST", .url = server.url(), .timeout = c.timeout}, trace);
        EXPECT_EQ(answer.has_value(), c.phase == Done);
        EXPECT_EQ(to_string(trace.phase), to_string(c.phase));
        EXPECT_EQ(trace.reached, HttpTrace::Reached::Maybe);
        EXPECT_FALSE(trace.repeated);
    }
}

TEST(HttpClient, KnowsThatNothingWasSentWhenTheConnectionNeverCameAbout) {
    std::string gone;
    {
        HttpServer server([](const ServedRequest&) { return reply(200, ""); });
        gone = server.url();
    }
    HttpServer plain([](const ServedRequest&) { return reply(200, ""); });
    struct Case {
        std::string url;
        HttpPhase phase;
    };
    const Case cases[] = {
        {"no url", HttpPhase::Checking},
        {"http://no-such-host.invalid/", HttpPhase::Resolving},
        {gone, HttpPhase::Connecting},
        {format("https://127.0.0.1:{}/", plain.port()), HttpPhase::Securing},
    };
    for (const auto& c : cases) {
        HttpTrace trace{.phase = HttpPhase::Done, .reached = HttpTrace::Reached::Maybe};
        EXPECT_FALSE(client()->send({.method = "POST", .url = c.url, .timeout = seconds{5}}, trace));
        EXPECT_EQ(to_string(trace.phase), to_string(c.phase)) << c.url;
        EXPECT_EQ(trace.reached, HttpTrace::Reached::No) << c.url;
    }
}

TEST(HttpClient, ObeysTheTokenOfTheRequestInsteadOfItsOwn) {
    HttpServer server([](const ServedRequest&) { return reply(200, "ok"); });
    const CancelToken own, of_request;
    const auto http = client(own);
    of_request.cancel();
    EXPECT_EQ(http->send({.url = server.url(), .cancel = of_request}).error().code, ErrorCode::Cancelled);
    EXPECT_TRUE(http->send({.url = server.url()}));
    own.cancel();
    EXPECT_TRUE(http->send({.url = server.url(), .cancel = CancelToken()}));
}

TEST(HttpClient, NeverRepeatsAGetWhoseAnswerHadBegun) {
    std::atomic<int> count = 0;
    HttpServer server([&](const ServedRequest&) {
        if (++count == 1) return reply(200, "ok");
        return Reply{.bytes = "HTTP/1.1 2", .then = Reply::Then::Close};
    });
    const auto http = client();
    ASSERT_TRUE(http->send({.url = server.url()}));
    EXPECT_FALSE(http->send({.url = server.url()}));
    EXPECT_EQ(count, 2);
}

TEST(HttpClient, NoticesAConnectionTheServerClosedMeanwhile) {
    std::atomic<bool> closed = false;
    HttpServer server([&](const ServedRequest&) {
        auto answer = reply(200, "ok");  // Does not announce that it closes.
        answer.then = closed ? Reply::Then::KeepOpen : Reply::Then::Close;
        return answer;
    });
    const auto http = client();
    ASSERT_TRUE(http->send({.url = server.url()}));
    closed = true;
    // The end of the stream may still be under way: a POST that meets it fails, so ask until it was noticed.
    for (int i = 0; i < 1000 && server.connections() == 1; ++i)
        (void)http->send({.method = "POST", .url = server.url()});
    EXPECT_EQ(server.connections(), 2);
    ASSERT_TRUE(http->send({.method = "POST", .url = server.url()}));
}

TEST(HttpClient, GivesUpAtTheDeadline) {
    const Reply cases[] = {
        {.then = Reply::Then::Hang},
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", .then = Reply::Then::Hang},
        {.bytes = std::string(10'000, 'x'), .between = milliseconds{20}}};
    const char* const says[] = {"did not answer within 150ms", "did not finish its answer within 150ms",
                                "did not finish its answer within 150ms"};
    for (int i = 0; i < 2; ++i) {
        HttpServer server([&](const ServedRequest&) { return cases[i]; });
        const auto start = std::chrono::steady_clock::now();
        const auto answer = client()->send({.url = server.url(), .timeout = milliseconds{150}});
        const auto took = std::chrono::steady_clock::now() - start;
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::DeadlineExceeded);
        EXPECT_TRUE(mentions(answer.error(), says[i])) << answer.error().describe();
        EXPECT_GE(took, milliseconds{150});
        EXPECT_LT(took, seconds{10});
    }
}

TEST(HttpClient, AProgressDoesNotProlongTheDeadline) {
    HttpServer server([](const ServedRequest&) {
        auto drip = reply(200, std::string(100'000, 'x'));
        drip.between = milliseconds{5};
        return drip;
    });
    const auto start = std::chrono::steady_clock::now();
    const auto answer = client()->send({.url = server.url(), .timeout = milliseconds{300}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::DeadlineExceeded);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds{10});
}

TEST(HttpClient, EndsACallThatIsCancelled) {
    const CancelToken cancel;
    std::promise<void> arrived;
    HttpServer server([&](const ServedRequest&) {
        arrived.set_value();
        return Reply{.then = Reply::Then::Hang};
    });
    const auto http = client(cancel);
    std::thread other([&] {
        arrived.get_future().wait();
        cancel.cancel();
    });
    const auto start = std::chrono::steady_clock::now();
    const auto answer = http->send({.url = server.url(), .timeout = seconds{60}});
    other.join();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds{30});
    EXPECT_EQ(http->send({.url = server.url()}).error().code, ErrorCode::Cancelled);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpClient, ServesAHundredCallersAtOnceOverItsConnections) {
    HttpServer server([](const ServedRequest& request) { return reply(200, request.target); });
    const auto http = make_http_client({.max_connections_per_host = 8, .cancel = CancelToken()});
    std::atomic<int> right = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 100; ++i) {
        callers.emplace_back([&, i] {
            for (int round = 0; round < 3; ++round) {
                const auto target = format("/{}/{}", i, round);
                const auto answer = http->send({.url = server.url(target), .timeout = seconds{100}});
                EXPECT_TRUE(answer) << answer.error().describe();
                if (answer && answer->body == target) ++right;
            }
        });
    }
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(right, 300);
    EXPECT_LE(server.connections(), 8);
}

TEST(HttpClient, WaitsForAFreeConnectionOnlyUntilTheDeadline) {
    std::promise<void> arrived;
    HttpServer server([&](const ServedRequest&) {
        arrived.set_value();
        return Reply{.then = Reply::Then::Hang};
    });
    const CancelToken cancel;
    const auto http = make_http_client({.max_connections_per_host = 1, .cancel = cancel});
    std::thread first([&] { EXPECT_FALSE(http->send({.url = server.url(), .timeout = seconds{60}})); });
    arrived.get_future().wait();
    const auto answer = http->send({.url = server.url(), .timeout = milliseconds{50}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::DeadlineExceeded);
    EXPECT_TRUE(mentions(answer.error(), "became free")) << answer.error().describe();
    cancel.cancel();
    first.join();
}

TEST(HttpClient, NamesNoSecretInErrors) {
    HttpServer server([](const ServedRequest&) { return Reply{.then = Reply::Then::Close}; });
    const std::string word = "s3" + std::string("cret");
    const auto answer =
        client()->send({.url = format("http://ann:{}@127.0.0.1:{}/?key={}", word, server.port(), word),
                        .headers = {{"X-Key", word}}});
    ASSERT_FALSE(answer);
    EXPECT_FALSE(mentions(answer.error(), word)) << answer.error().describe();
}

}  // namespace
}  // namespace k3fleet::net
