#include "cli/plan_view.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "core/resources/kinds.h"

namespace k3fleet::cli {

namespace {

using resources::Change;
using resources::ChangePlan;
using resources::Difference;
using resources::PriceLine;
using resources::Verb;

std::string_view word_of(const std::string& type) {
    const resources::Kind* kind = resources::find_kind(type);
    return kind != nullptr ? kind->word : std::string_view(type);
}

// A value on one line, policies and the like cut short.
std::string brief(const Value& value) {
    if (value.is_null()) return "not set";
    if (resources::as_reference(value)) return "known when it is made";
    std::string text = value.as_string() != nullptr ? *value.as_string() : json::write(value);
    constexpr std::size_t kLongest = 40;
    if (text.size() > kLongest) text = text.substr(0, kLongest - 3) + "...";
    return printable(text);
}

std::string in_words(const Change& change) {
    std::string text = change.reason;
    for (const Difference& d : change.differences) {
        if (change.replacement) break;
        text += format("{}{}: {}, should be {}", text.empty() ? "" : "; ", d.path, brief(d.found),
                       brief(d.wanted));
    }
    return text;
}

// Removing and making again is one line.
bool is_shown(const Change& change) { return !(change.replacement && change.verb == Verb::Delete); }

Cell sign(const Change& change) {
    if (change.replacement) return {"replace", Tone::Bad};
    switch (change.verb) {
        case Verb::Create: return {"create", Tone::Good};
        case Verb::Update: return {"change", Tone::Warning};
        case Verb::Delete: return {"remove", Tone::Bad};
    }
    return "";
}

struct Counts {
    long long create = 0, change = 0, replace = 0, remove = 0;
};

Counts count(const ChangePlan& plan) {
    Counts counts;
    for (const Change& change : plan.changes) {
        if (!is_shown(change)) continue;
        if (change.replacement) {
            ++counts.replace;
        } else {
            ++(change.verb == Verb::Create   ? counts.create
               : change.verb == Verb::Update ? counts.change
                                             : counts.remove);
        }
    }
    return counts;
}

std::map<resources::LogicalId, const PriceLine*> by_id(const std::vector<PriceLine>& lines) {
    std::map<resources::LogicalId, const PriceLine*> map;
    for (const PriceLine& line : lines) map[line.id] = &line;
    return map;
}

std::string costs(const app::SetupPlan& plan) {
    if (plan.prices.empty()) return "";
    std::string text;
    for (const PriceLine& line : plan.prices)
        if (line.id.empty())
            text += format("  {}: {}, {}\n", line.what, resources::money(line.usd), line.how);
    for (const PriceLine& line : plan.prices)
        if (!line.cheaper.empty()) text += format("  cheaper: {} ({})\n", line.cheaper, line.what);
    const auto total = resources::sum(plan.prices);
    return format("\nidle, all of it costs about {} a month{}\n{}", resources::money(total.usd),
                  total.unknown > 0 ? format(", and {} without a known price here",
                                             counted(static_cast<long long>(total.unknown), "line"))
                                    : std::string(),
                  text);
}

}  // namespace

std::string summary(const ChangePlan& plan) {
    const Counts counts = count(plan);
    std::vector<std::string> parts;
    for (const auto& [n, what] :
         {std::pair(counts.create, "to create"), std::pair(counts.change, "to change"),
          std::pair(counts.replace, "to replace"), std::pair(counts.remove, "to remove")})
        if (n > 0) parts.push_back(format("{} {}", n, what));
    std::vector<std::string> all = {parts.empty() ? "nothing to do" : join(parts, ", ")};
    if (plan.unchanged > 0) all.push_back(format("{} as they should be", plan.unchanged));
    if (!plan.adopted.empty())
        all.push_back(format("{} of the account's own left as they are", plan.adopted.size()));
    return join(all, "; ");
}

std::string plan_text(const app::SetupPlan& plan, Colours colours) {
    if (plan.plan.empty()) return "";
    const auto prices = by_id(plan.prices);
    Table table({{""}, {"WHAT"}, {"NAME"}, {"$/MONTH", Align::Right}, {"WHY"}});
    for (const Change& change : plan.plan.changes) {
        if (!is_shown(change)) continue;
        const auto price = prices.find(change.id);
        table.row(
            {sign(change), word_of(change.type), printable(change.name),
             price != prices.end() && change.verb == Verb::Create ? resources::money(price->second->usd) : "",
             in_words(change)});
    }
    std::string text = table.render(colours) + format("\n{}\n", summary(plan.plan)) + costs(plan);
    if (plan.plan.changes.size() > 3)
        text += format("it takes about {}\n", to_rough_string(app::estimate(plan.plan)));
    return text;
}

Value plan_value(const app::SetupPlan& plan) {
    const auto prices = by_id(plan.prices);
    Value changes = Value::array();
    for (const Change& change : plan.plan.changes) {
        if (!is_shown(change)) continue;
        Value found = Value::array();
        for (const Difference& d : change.differences)
            found.push(Value::object({{"property", d.path}, {"wanted", d.wanted}, {"found", d.found}}));
        const auto price = prices.find(change.id);
        changes.push(Value::object(
            {{"action", change.replacement ? "replace" : resources::to_string(change.verb)},
             {"id", change.id.str()},
             {"type", change.type},
             {"name", change.name},
             {"reason", change.reason.empty() ? Value(nullptr) : Value(change.reason)},
             {"differences", found},
             {"usd_per_month",
              price != prices.end() && price->second->usd ? Value(*price->second->usd) : Value(nullptr)}}));
    }
    const auto& s = plan.plan.scope;
    return Value::object({{"project", s.project.str()},
                          {"account", s.account},
                          {"region", s.region},
                          {"plan", plan.digest},
                          {"changes", changes},
                          {"unchanged", static_cast<std::int64_t>(plan.plan.unchanged)},
                          {"usd_per_month", resources::sum(plan.prices).usd}});
}

std::string outcome_text(const app::Outcome& outcome, Colours colours) {
    std::string text;
    for (const app::FailedChange& failed : outcome.failed)
        text += format("{} {} {}: {}\n", paint("failed:", Tone::Bad, colours), word_of(failed.change.type),
                       printable(failed.change.name), printable(failed.error.describe()));
    if (outcome.skipped > 0)
        text += format("not tried, for want of these: {}\n",
                       counted(static_cast<long long>(outcome.skipped), "other"));
    for (const app::KeptByAws& kept : outcome.kept)
        text += format("AWS keeps the {} {} until {}; making it again before then restores it\n",
                       word_of(kept.type), printable(kept.name),
                       to_rfc3339(std::chrono::floor<std::chrono::seconds>(kept.until)));
    return text;
}

Value outcome_value(const app::Outcome& outcome) {
    Value failed = Value::array();
    for (const app::FailedChange& f : outcome.failed)
        failed.push(Value::object({{"id", f.change.id.str()},
                                   {"type", f.change.type},
                                   {"name", f.change.name},
                                   {"error", f.error.describe()}}));
    Value kept = Value::array();
    for (const app::KeptByAws& k : outcome.kept)
        kept.push(Value::object({{"type", k.type}, {"name", k.name}, {"until", to_rfc3339(k.until)}}));
    return Value::object({{"done", static_cast<std::int64_t>(outcome.done)},
                          {"skipped", static_cast<std::int64_t>(outcome.skipped)},
                          {"failed", failed},
                          {"kept_by_aws", kept},
                          {"complete", outcome.complete()}});
}

std::string progress_line(const app::ProvisionProgress& progress) {
    std::string text = format("{} of {} done", progress.done, progress.total);
    if (progress.remaining > std::chrono::seconds{5})
        text += format(", about {} left", to_rough_string(progress.remaining));
    if (progress.waiting.empty()) return text;
    text += format("; waiting for the {}", progress.waiting.front());
    if (progress.waiting.size() > 1) text += format(" and {} more", progress.waiting.size() - 1);
    return text;
}

}  // namespace k3fleet::cli
