#include "lambda/notifier.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "tests/support/fake_secrets.h"
#include "tests/support/fakes.h"

namespace k3fleet::lambda {
namespace {

constexpr const char* kNotice = R"({"Records": [{"Sns": {"Subject": "s", "Message": "m",
    "MessageAttributes": {"severity": {"Type": "String", "Value": "P1"}}}}]})";

// Answers by address, one after the other; the last answer stays.
class FakeChats : public net::HttpClient {
public:
    using net::HttpClient::send;
    Result<net::HttpResponse> send(const net::HttpRequest& request, net::HttpTrace&) override {
        sent.push_back(request);
        auto& left = answers[request.url];
        const int status = left.empty() ? 200 : left.front();
        if (left.size() > 1) left.pop_front();
        if (status == 0) return fail(ErrorCode::Unavailable, "no way to " + request.url);
        return net::HttpResponse{.status = status, .headers = {}, .body = {}};
    }
    std::map<std::string, std::deque<int>> answers;
    std::vector<net::HttpRequest> sent;
};

class NotifierTest : public ::testing::Test {
protected:
    Result<std::string> handle(const char* event, Duration time = std::chrono::seconds{60}) {
        Notifier notifier(secrets_, chats_, clock_, "shop/webhooks");
        return notifier.handle(
            {.request_id = "r", .function_arn = "", .deadline = clock_.now() + time, .event = event});
    }
    testing::FakeSecrets secrets_;
    FakeChats chats_;
    testing::FakeClock clock_;
};

TEST_F(NotifierTest, TellsEveryWebhook) {
    secrets_.values["shop/webhooks"] = R"({"a": "https://chat.example/a", "b": "https://chat.example/b"})";
    const auto done = handle(kNotice);
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(*done, R"({"sent":2,"webhooks":2})");
    EXPECT_EQ(secrets_.asked, std::vector<std::string>{"shop/webhooks"});
    ASSERT_EQ(chats_.sent.size(), 2u);
    EXPECT_EQ(chats_.sent[0].method, "POST");
    EXPECT_EQ(chats_.sent[0].body, R"({"text":"*P1* s\nm"})");
}

TEST_F(NotifierTest, SaysNothingIfThereIsNobodyToTell) {
    EXPECT_EQ(*handle(kNotice), R"({"sent":0,"webhooks":0})");
    secrets_.values["shop/webhooks"] = "https://chat.example/a";
    const char* fine = R"({"Records": [{"Sns": {"Message":
        "{\"AlarmName\": \"RootAccountUsage\", \"NewStateValue\": \"OK\"}"}}]})";
    EXPECT_EQ(*handle(fine), R"({"sent":0,"webhooks":1})") << "what is over is for mail";
    EXPECT_TRUE(chats_.sent.empty());
}

TEST_F(NotifierTest, TriesAgainWhatMayPass) {
    secrets_.values["shop/webhooks"] = "https://chat.example/a";
    chats_.answers["https://chat.example/a"] = {503, 0, 200};
    const Timestamp begin = clock_.now();
    EXPECT_TRUE(handle(kNotice));
    EXPECT_EQ(chats_.sent.size(), 3u);
    EXPECT_EQ(clock_.now() - begin, std::chrono::seconds{4});
}

TEST_F(NotifierTest, AWebhookThatFailsKeepsNoOtherFromBeingCalledAndIsNamedWithoutItsAddress) {
    secrets_.values["shop/webhooks"] =
        R"({"gone": "https://chat.example/gone", "good": "https://chat.example/good",
                         "away": "https://chat.example/away"})";
    chats_.answers["https://chat.example/gone"] = {404};
    chats_.answers["https://chat.example/away"] = {0};
    const auto done = handle(kNotice);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "not everybody was told: gone: it answered with 404; away: unavailable");
    EXPECT_EQ(chats_.sent.size(), 5u) << "a refusal is final, what is away is tried three times";
}

TEST_F(NotifierTest, StopsBeforeLambdaKillsIt) {
    secrets_.values["shop/webhooks"] = "https://chat.example/a";
    chats_.answers["https://chat.example/a"] = {503};
    const auto done = handle(kNotice, std::chrono::seconds{3});
    ASSERT_FALSE(done);
    EXPECT_EQ(chats_.sent.size(), 1u);
    EXPECT_LE(chats_.sent[0].timeout, std::chrono::seconds{1});
    EXPECT_NE(done.error().message.find("no time is left: it answered with 503"), std::string::npos);
}

}  // namespace
}  // namespace k3fleet::lambda
