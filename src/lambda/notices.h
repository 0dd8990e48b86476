// What SNS hands to the function `notifier`, in words for people, and where they want to read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "core/model/plan.h"

namespace k3fleet::lambda {

struct Notice {
    model::Severity severity = model::Severity::P2;
    std::string title;
    std::string text;
    friend bool operator==(const Notice&, const Notice&) = default;
};

// Notices of our own loops, alarms of CloudWatch, and whatever else was published to our topics, which is
// passed on as it is. Corrupt: not an event of SNS.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
Result<std::vector<Notice>> read_notices(std::string_view event);

// By the table of severities (N-24): P0 to P2 are for chats; mail, which the topics send themselves,
// gets all.
bool is_for_chats(model::Severity severity);

// {"text": "..."}, as Slack, Mattermost and most others take it. Cut where they would refuse it.
std::string chat_message(const Notice& notice);

struct Webhook {
    std::string name;
    Secret address;
};

// One address, or {"NAME": ADDRESS, ...}. https only, but for this machine itself: an address is a password.
// InvalidArgument names the entry and never what stands in it.
Result<std::vector<Webhook>> read_webhooks(const Secret& value);

}  // namespace k3fleet::lambda
