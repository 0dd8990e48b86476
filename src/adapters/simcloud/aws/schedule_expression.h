// When something happens again and again, as EventBridge and its Scheduler are told: rate(5 minutes),
// cron(0 12 * * ? *), at(2026-11-20T13:00:00).
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
#pragma once

#include <string_view>

namespace k3fleet::simcloud {

// A whole number from 1 of minutes, hours or days; in the singular if it is 1 and only then. (Scheduler is
// known to take "1 minutes", too, which its guide does not say: we keep to the guide.)
bool is_rate(std::string_view expression);
// Minutes, hours, day of the month, month, day of the week, year; one of the two days is "?".
bool is_cron(std::string_view expression);
// Once: a date and time of day that exist, without an offset. Of Scheduler only.
bool is_at(std::string_view expression);

}  // namespace k3fleet::simcloud
