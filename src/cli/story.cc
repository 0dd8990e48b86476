// The words of a tick.
#include "cli/story.h"

#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::cli {

namespace {

Value signal(const model::Observed<double>& value) { return value.known() ? Value(*value) : Value(nullptr); }

Value signals(const model::Signals& s) {
    Value custom = Value::object({});
    for (const auto& [name, value] : s.custom) custom.set(name, signal(value));
    return Value::object({{"cpu", signal(s.cpu)},
                          {"memory", signal(s.memory)},
                          {"pending", signal(s.pending)},
                          {"custom", custom}});
}

const model::ActionResult* result_of(const std::vector<model::ActionResult>& results, std::size_t ordinal) {
    for (const model::ActionResult& result : results)
        if (result.ordinal == static_cast<int>(ordinal)) return &result;
    return nullptr;
}

Value actions(const app::TickReport& report) {
    Value list = Value::array();
    for (std::size_t i = 0; i < report.plan.actions.size(); ++i) {
        const model::Action& action = report.plan.actions[i];
        const model::ActionResult* result = result_of(report.results, i);
        list.push(Value::object(
            {{"verb", model::verb(action)},
             {"what", model::describe(action)},
             {"reason", action.reason},
             {"outcome", result == nullptr ? "unknown" : std::string(model::to_string(result->outcome))},
             {"detail", result == nullptr ? "" : result->detail}}));
    }
    return list;
}

Tone tone_of(model::Outcome outcome) {
    switch (outcome) {
        case model::Outcome::Done: return Tone::Good;
        case model::Outcome::Blocked:
        case model::Outcome::Skipped: return Tone::Warning;
        case model::Outcome::Failed: return Tone::Bad;
    }
    return Tone::Normal;
}

std::string count_text(const app::Overview& o) {
    if (!o.counted) return "? workers";
    std::string text = std::to_string(o.workers);
    if (o.booting > 0) text += format("+{}", o.booting);
    if (o.leaving > 0) text += format("-{}", o.leaving);
    return text + (text == "1" ? " worker" : " workers");
}

std::string pending_text(const model::Observed<double>& value) {
    return value.known() ? format("{:.0f}", *value) : "?";
}

bool quiet(const app::TickReport& report) {
    return report.plan.actions.empty() && report.plan.blocked.empty() && report.settled.empty();
}

Tone tone_of(const model::Plan& plan) {
    if (plan.summary.starts_with("HOLD")) return Tone::Warning;
    return plan.actions.empty() ? Tone::Normal : Tone::Strong;
}

}  // namespace

std::string percent_text(const model::Observed<double>& value) {
    return value.known() ? format("{:.0f}%", *value) : "?";
}

Value tick_value(const model::ClusterIntent& intent, const app::TickReport& report) {
    const app::Overview o = app::overview(intent, report.world, report.plan.memory, report.at);
    const auto number = [&](int n) { return o.counted ? Value(n) : Value(nullptr); };
    Value blocked = Value::array();
    for (const model::Blocked& b : report.plan.blocked)
        blocked.push(Value::object({{"what", b.what}, {"by", b.by}, {"why", b.why}}));
    Value notes = Value::array();
    for (const std::string& note : report.plan.notes) notes.push(note);
    return Value::object({{"time", to_rfc3339(report.at)},
                          {"cluster", intent.name.str()},
                          {"loop", model::to_string(report.loop)},
                          {"tick", report.journal_sequence},
                          {"masters", number(o.masters)},
                          {"workers", number(o.workers)},
                          {"booting", number(o.booting)},
                          {"leaving", number(o.leaving)},
                          {"usd_per_hour", o.counted ? Value(o.price.dollars()) : Value(nullptr)},
                          {"signals", signals(report.world.signals)},
                          {"summary", report.plan.summary},
                          {"actions", actions(report)},
                          {"blocked", std::move(blocked)},
                          {"notes", std::move(notes)},
                          {"settled", report.settled},
                          {"next_tick", to_rfc3339(report.plan.next_tick)}});
}

std::string Story::tick(const model::ClusterIntent& intent, const app::TickReport& report) {
    if (report.loop == model::Loop::Infra && detail_ == Detail::Quiet && quiet(report)) return "";
    const app::Overview o = app::overview(intent, report.world, report.plan.memory, report.at);
    const std::string at = to_rfc3339(std::chrono::floor<std::chrono::seconds>(report.at));
    std::string text;
    if (const std::string day = at.substr(0, 10); day != day_) {
        text += paint(format("── {} (UTC) ──", day), Tone::Faint, colours_) + "\n";
        day_ = day;
    }
    const std::string head = format("{}  {}", at.substr(11, 8), printable(intent.name.str()));
    if (report.loop == model::Loop::Infra) {
        text += format("{}  {}/{} masters  {}\n", head, o.masters, o.masters_wanted,
                       paint(printable(report.plan.summary), tone_of(report.plan), colours_));
    } else {
        const model::Signals& s = report.world.signals;
        text += format("{}  {:<11}  cpu {:>4}  mem {:>4}  pending {:>3}  {:>9}  {}\n", head, count_text(o),
                       percent_text(s.cpu), percent_text(s.memory), pending_text(s.pending),
                       o.counted ? format("${:.4f}/h", o.price.dollars()) : "?",
                       paint(printable(report.plan.summary), tone_of(report.plan), colours_));
    }
    const std::string indent(10, ' ');
    if (!report.settled.empty())
        text += format("{}the plan of a former tick was {}: {}\n", indent, report.settled,
                       counted(static_cast<long long>(report.settled_results.size()), "action"));
    for (std::size_t i = 0; i < report.plan.actions.size(); ++i) {
        const model::Action& action = report.plan.actions[i];
        const model::ActionResult* result = result_of(report.results, i);
        text += indent + printable(model::describe(action));
        if (!report.plan.summary.contains(action.reason)) text += ": " + printable(action.reason);
        if (result != nullptr) {
            const std::string outcome = result->detail.empty()
                                            ? std::string(model::to_string(result->outcome))
                                            : printable(result->detail);
            text += " → " + paint(outcome, tone_of(result->outcome), colours_);
        }
        text += "\n";
    }
    for (const model::Blocked& b : report.plan.blocked)
        if (!report.plan.summary.contains(b.why))
            text += format("{}{} {}: {}\n", indent, paint("not done:", Tone::Warning, colours_),
                           printable(b.what), printable(b.why));
    if (detail_ == Detail::Full)
        for (const std::string& note : report.plan.notes) text += indent + printable(note) + "\n";
    return text;
}

}  // namespace k3fleet::cli
