// The words of a tick.
#include "cli/story.h"

#include <utility>

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
    std::string text = counted(o.workers, "worker");
    if (o.booting > 0) text += format(", {} booting", o.booting);
    if (o.leaving > 0) text += format(", {} leaving", o.leaving);
    return text;
}

std::string pending_text(const model::Observed<double>& value) {
    return value.known() ? format("{:.0f}", *value) : "?";
}

bool quiet(const app::TickReport& report) {
    return report.plan.actions.empty() && report.plan.blocked.empty() && report.settled.empty();
}

bool holds(const model::Plan& plan) { return plan.summary.starts_with("HOLD"); }

// What a plan says about the number of workers is not the story of a tick that does something else.
bool beside_the_point(const model::Plan& plan) {
    return !plan.actions.empty() &&
           (plan.summary.starts_with("nothing to do") || plan.summary.starts_with("not done"));
}

Tone tone_of(const model::Plan& plan) {
    if (holds(plan)) return Tone::Warning;
    return plan.actions.empty() ? Tone::Normal : Tone::Strong;
}

std::string settled_text(const app::TickReport& report) {
    std::vector<std::string> details;
    for (const model::ActionResult& result : report.settled_results)
        if (!result.detail.empty()) details.push_back(printable(result.detail));
    return format("first {} what a former run had left recorded: {}", report.settled,
                  details.empty() ? counted(static_cast<long long>(report.settled_results.size()), "action")
                                  : join(details, ", "));
}

const std::string kIndent(10, ' ');

// A HOLD is heard of at least this often: an hour, at a look in two minutes.
constexpr int kMostFolded = 29;

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

bool routine(const model::Blocked& blocked) {
    return blocked.by == "cooldown" || blocked.by == "min" || blocked.by == "max" || blocked.by == "booting";
}

bool Story::folded(const model::ClusterIntent& intent, const app::TickReport& report) {
    if (report.loop == model::Loop::Infra) return false;
    Hold& hold = holds_[intent.name.str()];
    const bool still = report.plan.actions.empty() && report.settled.empty();
    std::string what;
    if (holds(report.plan) && still)
        what = count_text(app::overview(intent, report.world, report.plan.memory, report.at)) +
               report.plan.summary;
    const bool same = !what.empty() && what == hold.what;
    hold.what = std::move(what);
    if (!same || detail_ == Detail::Full || hold.looks >= kMostFolded) return false;
    ++hold.looks;
    return true;
}

std::string Story::unfold(const std::string& cluster) {
    const int looks = std::exchange(holds_[cluster].looks, 0);
    if (looks == 0) return "";
    const std::string where = holds_.size() > 1 ? " at " + printable(cluster) : "";
    return kIndent +
           paint(format("… {}{}, the same", counted(looks, "more look"), where), Tone::Faint, colours_) +
           "\n";
}

std::string Story::rest() {
    std::string text;
    for (const auto& [cluster, hold] : std::map(holds_)) text += unfold(cluster);
    return text;
}

std::string Story::head(const model::ClusterIntent& intent, const app::TickReport& report,
                        const std::string& said) {
    const app::Overview o = app::overview(intent, report.world, report.plan.memory, report.at);
    const std::string at = to_rfc3339(std::chrono::floor<std::chrono::seconds>(report.at));
    std::string text;
    if (const std::string day = at.substr(0, 10); day != day_) {
        text += paint(format("── {} (UTC) ──", day), Tone::Faint, colours_) + "\n";
        day_ = day;
    }
    text += format("{}  {}", at.substr(11, 8), printable(intent.name.str()));
    if (report.loop == model::Loop::Infra)
        return text + format("  {}/{} masters  {}\n", o.masters, o.masters_wanted, said);
    const model::Signals& s = report.world.signals;
    return text + format("  {:<20}  cpu {:>4}  mem {:>4}  pending {:>3}  {:>9}  {}\n", count_text(o),
                         percent_text(s.cpu), percent_text(s.memory), pending_text(s.pending),
                         o.counted ? format("${:.4f}/h", o.price.dollars()) : "?", said);
}

// One line an action; a reason that was said already is not said again.
std::vector<std::string> Story::actions(const app::TickReport& report) const {
    std::vector<std::string> lines;
    std::string_view said = beside_the_point(report.plan) ? "" : std::string_view(report.plan.summary);
    for (std::size_t i = 0; i < report.plan.actions.size(); ++i) {
        const model::Action& action = report.plan.actions[i];
        const model::ActionResult* result = result_of(report.results, i);
        std::string line = printable(model::describe(action));
        const bool speaks_for_itself = std::holds_alternative<model::Notify>(action.what);
        if (!speaks_for_itself && !said.contains(action.reason)) {
            line += ": " + printable(action.reason);
            said = action.reason;
        }
        if (result != nullptr) {
            const std::string outcome = result->detail.empty()
                                            ? std::string(model::to_string(result->outcome))
                                            : printable(result->detail);
            line += " → " + paint(outcome, tone_of(result->outcome), colours_);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string Story::tick(const model::ClusterIntent& intent, const app::TickReport& report) {
    const model::Plan& plan = report.plan;
    if (report.loop == model::Loop::Infra && detail_ == Detail::Quiet && quiet(report)) return "";
    if (folded(intent, report)) return "";
    std::vector<std::string> lines = actions(report);
    std::string said = paint(printable(plan.summary), tone_of(plan), colours_);
    if (beside_the_point(plan) && detail_ == Detail::Quiet) {
        said = lines.front();
        lines.erase(lines.begin());
    }
    std::string text = unfold(intent.name.str()) + head(intent, report, said);
    if (!report.settled.empty()) text += kIndent + settled_text(report) + "\n";
    for (const std::string& line : lines) text += kIndent + line + "\n";
    const bool summary_said = !beside_the_point(plan) || detail_ == Detail::Full;
    for (const model::Blocked& b : plan.blocked) {
        if (summary_said ? plan.summary.contains(b.why) : routine(b)) continue;
        text += format("{}{} {}: {}\n", kIndent, paint("not done:", Tone::Warning, colours_),
                       printable(b.what), printable(b.why));
    }
    if (detail_ == Detail::Full)
        for (const std::string& note : plan.notes) text += kIndent + printable(note) + "\n";
    return text;
}

}  // namespace k3fleet::cli
