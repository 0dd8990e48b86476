#include "lambda/notices.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace k3fleet::lambda {
namespace {

using model::Severity;

std::string event(const Value& sns) {
    return json::write(Value::object({{"Records", Value::array({Value::object({{"Sns", sns}})})}}));
}

Notice read(const Value& sns) {
    const auto notices = read_notices(event(sns));
    EXPECT_TRUE(notices) << notices.error().describe();
    return notices && notices->size() == 1 ? notices->front() : Notice{};
}

Value alarm(std::string_view name, std::string_view state) {
    const Value message = Value::object({{"AlarmName", name},
                                         {"AlarmDescription", "The root user was at work"},
                                         {"AWSAccountId", "123456789012"},
                                         {"NewStateValue", state},
                                         {"NewStateReason", "1 datapoint [1.0] was not less than 1"},
                                         {"Region", "Asia Pacific (Singapore)"}});
    return Value::object({{"Subject", "ALARM: ..."}, {"Message", json::write(message)}});
}

TEST(Notices, OfOurLoopsSayWhatTheySaid) {
    const Value severity = Value::object({{"Type", "String"}, {"Value", "P1"}});
    const Notice notice =
        read(Value::object({{"Subject", "[P1] shop: no capacity"},
                            {"Message", "no capacity\n\nin three zones"},
                            {"MessageAttributes", Value::object({{"severity", severity}})}}));
    EXPECT_EQ(notice, (Notice{Severity::P1, "[P1] shop: no capacity", "no capacity\n\nin three zones"}));
}

TEST(Notices, OfAlarmsSayWhichAndWhereByTheTableOfSeverities) {
    struct Row {
        const char* name;
        const char* state;
        Severity severity;
        const char* title;
    };
    const Row rows[] = {
        {"RootAccountUsage", "ALARM", Severity::P0, "alarm RootAccountUsage ("},
        {"IAMPolicyChanges", "ALARM", Severity::P1, "alarm IAMPolicyChanges ("},
        {"UnauthorizedAPICalls", "ALARM", Severity::P2, "alarm UnauthorizedAPICalls ("},
        {"SomebodyElses", "ALARM", Severity::P2, "alarm SomebodyElses ("},
        {"RootAccountUsage", "OK", Severity::P3, "alarm RootAccountUsage is over ("},
        {"RootAccountUsage", "INSUFFICIENT_DATA", Severity::P2,
         "alarm RootAccountUsage cannot tell any more ("},
    };
    for (const Row& row : rows) {
        const Notice notice = read(alarm(row.name, row.state));
        EXPECT_EQ(notice.severity, row.severity) << row.name << " " << row.state;
        EXPECT_TRUE(notice.title.starts_with(row.title)) << notice.title;
        EXPECT_NE(notice.title.find("123456789012, Asia Pacific (Singapore)"), std::string::npos);
        EXPECT_EQ(notice.text, "The root user was at work\n1 datapoint [1.0] was not less than 1");
    }
}

TEST(Notices, OfOthersArePassedOnAsTheyAre) {
    const Notice notice = read(Value::object({{"Message", "{\"a\": 1}"}}));
    EXPECT_EQ(notice, (Notice{Severity::P2, "a notice without a subject", "{\"a\": 1}"}));
}

TEST(Notices, RefuseWhatIsNotOfSns) {
    for (const char* text : {"", "nonsense", "{}", R"({"Records": []})", R"({"Records": [{"body": "x"}]})",
                             R"({"Records": [{"Sns": "x"}]})", R"({"Records": "x"})"}) {
        const auto notices = read_notices(text);
        ASSERT_FALSE(notices) << text;
        EXPECT_EQ(notices.error().code, ErrorCode::Corrupt) << text;
    }
}

TEST(Notices, GoToChatsByTheTableOfSeverities) {
    for (const Severity severity : {Severity::P0, Severity::P1, Severity::P2})
        EXPECT_TRUE(is_for_chats(severity));
    for (const Severity severity : {Severity::P3, Severity::Info}) EXPECT_FALSE(is_for_chats(severity));
}

TEST(ChatMessage, ShowsMarksAsTheyAreAndIsNeverTooLong) {
    const auto text = [](const Notice& notice) {
        return json::parse(chat_message(notice))->string_at("text");
    };
    EXPECT_EQ(text({Severity::P1, "a <b> & c", " <!channel> \n"}),
              "*P1* a &lt;b&gt; &amp; c\n&lt;!channel&gt;");
    std::string letters;
    for (int i = 0; i < 20'000; ++i) letters += "\u00e9";
    const std::string cut = text({Severity::P1, "t", letters});
    EXPECT_LE(cut.size(), 8010u);
    EXPECT_TRUE(cut.ends_with("\u00e9\n...")) << cut.substr(cut.size() - 10);
}

TEST(Webhooks, AreOneAddressOrSeveralWithNames) {
    const auto one = read_webhooks(Secret(" https://chat.example/hook \n"));
    ASSERT_TRUE(one && one->size() == 1);
    EXPECT_EQ(one->front().address.reveal(), "https://chat.example/hook");
    const auto two =
        read_webhooks(Secret(R"({"slack": "https://chat.example/a", "here": "http://127.0.0.1:8080/b"})"));
    ASSERT_TRUE(two && two->size() == 2);
    EXPECT_EQ(two->at(0).name, "slack");
    EXPECT_EQ(two->at(1).address.reveal(), "http://127.0.0.1:8080/b");
    EXPECT_TRUE(read_webhooks(Secret(" "))->empty());
    EXPECT_TRUE(read_webhooks(Secret("{}"))->empty());
}

TEST(Webhooks, OfAnotherKindAreRefusedWithoutShowingThem) {
    for (const char* bad : {"http://chat.example/word-1", "word-1", "https://", "ftp://chat.example/word-1",
                            "https://chat.example/word-1 x", R"({"slack": "http://chat.example/word-1"})",
                            R"({"slack": {"url": "word-1"}})", R"({"slack": "https://chat.example/word-1")",
                            R"({"slack": 1})", "http://127.0.0.1.chat.example/word-1"}) {
        const auto webhooks = read_webhooks(Secret(bad));
        ASSERT_FALSE(webhooks) << bad;
        EXPECT_EQ(webhooks.error().code, ErrorCode::InvalidArgument);
        EXPECT_EQ(webhooks.error().describe().find("word-1"), std::string::npos) << bad;
    }
    std::string many = "{";
    for (int i = 0; i < 21; ++i)
        many += format("{}\"n{}\": \"https://chat.example/{}\"", i > 0 ? "," : "", i, i);
    EXPECT_FALSE(read_webhooks(Secret(many + "}")));
}

}  // namespace
}  // namespace k3fleet::lambda
