#include "lambda/notices.h"

#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "core/model/names.h"

namespace k3fleet::lambda {
namespace {

// Slack refuses more than 40,000 characters ("chat.postMessage", https://api.slack.com/methods).
constexpr std::size_t kLongest = 8000;
constexpr std::size_t kMostWebhooks = 20;

// The alarms of the account (N-21), by the table of severities: the root user is P0, rights P1, calls P2.
struct Alarm {
    std::string_view name;
    model::Severity severity;
};
constexpr std::array kAlarms = {
    Alarm{"RootAccountUsage", model::Severity::P0},
    Alarm{"IAMPolicyChanges", model::Severity::P1},
    Alarm{"UnauthorizedAPICalls", model::Severity::P2},
};

model::Severity severity_of_alarm(std::string_view name) {
    for (const Alarm& alarm : kAlarms)
        if (alarm.name == name) return alarm.severity;
    return model::Severity::P2;
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
Notice of_alarm(const Value& alarm) {
    const std::string name = alarm.string_at("AlarmName");
    const std::string state = alarm.string_at("NewStateValue");
    std::string text = alarm.string_at("AlarmDescription");
    const std::string reason = alarm.string_at("NewStateReason");
    if (!text.empty() && !reason.empty()) text += "\n";
    text += reason;
    const std::string place =
        format("account {}, {}", alarm.string_at("AWSAccountId"), alarm.string_at("Region"));
    if (state == "ALARM") return {severity_of_alarm(name), format("alarm {} ({})", name, place), text};
    const std::string now = state == "OK" ? "is over" : "cannot tell any more";
    const auto severity = state == "OK" ? model::Severity::P3 : model::Severity::P2;
    return {severity, format("alarm {} {} ({})", name, now, place), text};
}

Notice of_record(const Value& sns) {
    const std::string message = sns.string_at("Message");
    if (const auto alarm = json::parse(message); alarm && !alarm->string_at("AlarmName").empty())
        return of_alarm(*alarm);
    Notice notice{.title = sns.string_at("Subject"), .text = message};
    if (const auto severity = model::parse_severity(sns.string_at("MessageAttributes.severity.Value")))
        notice.severity = *severity;
    if (notice.title.empty()) notice.title = "a notice without a subject";
    return notice;
}

// https://api.slack.com/reference/surfaces/formatting#escaping
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else {
            out += c;
        }
    }
    return out;
}

bool is_address(std::string_view text) {
    if (text.find_first_of(" \t\r\n") != std::string_view::npos) return false;
    for (const std::string_view here : {"http://127.0.0.1:", "http://localhost:"})
        if (text.starts_with(here)) return true;
    return text.starts_with("https://") && text.size() > std::string_view("https://").size();
}

std::unexpected<Error> no_address(const std::string& name) {
    return fail(ErrorCode::InvalidArgument,
                format("webhook '{}' is no https address; put one into the secret, or "
                       R"({{"NAME": "https://..."}} for several)",
                       name));
}

}  // namespace

Result<std::vector<Notice>> read_notices(std::string_view event) {
    const auto parsed = json::parse(event);
    const Value* records = parsed ? parsed->find("Records") : nullptr;
    if (records == nullptr || !records->is_array() || records->items().empty())
        return fail(ErrorCode::Corrupt, "the event is none of SNS: it has no Records");
    std::vector<Notice> notices;
    for (const Value& record : records->items()) {
        const Value* sns = record.find("Sns");
        if (sns == nullptr || !sns->is_object())
            return fail(ErrorCode::Corrupt, "the event is none of SNS: a record has no Sns");
        notices.push_back(of_record(*sns));
    }
    return notices;
}

bool is_for_chats(model::Severity severity) {
    return severity == model::Severity::P0 || severity == model::Severity::P1 ||
           severity == model::Severity::P2;
}

std::string chat_message(const Notice& notice) {
    std::string text = format("*{}* {}\n{}", model::to_string(notice.severity), escaped(notice.title),
                              escaped(trim(notice.text)));
    if (text.size() > kLongest) {
        std::size_t end = kLongest;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
            --end;  // Not in a letter.
        text.resize(end);
        text += "\n...";
    }
    return json::write(Value::object({{"text", text}}));
}

Result<std::vector<Webhook>> read_webhooks(const Secret& value) {
    const std::string_view whole = trim(value.reveal());
    std::vector<Webhook> webhooks;
    if (whole.empty()) return webhooks;
    if (!whole.starts_with("{")) {
        if (!is_address(whole)) return no_address("(the only one)");
        webhooks.push_back({"the webhook", Secret(std::string(whole))});
        return webhooks;
    }
    const auto parsed = json::parse(whole);
    if (!parsed || !parsed->is_object())
        return fail(ErrorCode::InvalidArgument,
                    R"(the secret of webhooks is neither an address nor {"NAME": "https://..."})");
    for (const Member& member : parsed->members()) {
        const std::string* address = member.value.as_string();
        if (address == nullptr || !is_address(*address)) return no_address(member.key);
        webhooks.push_back({member.key, Secret(*address)});
    }
    if (webhooks.size() > kMostWebhooks)
        return fail(ErrorCode::InvalidArgument, format("the secret has {} webhooks, at most {} are called",
                                                       webhooks.size(), kMostWebhooks));
    return webhooks;
}

}  // namespace k3fleet::lambda
