#include "cli/backtest_view.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/time.h"
#include "cli/curve.h"

namespace k3fleet::cli {
namespace {

using backtest::PolicyResult;
using backtest::Report;

constexpr int kWidth = 100;

std::string seconds(double s) {
    if (s < 0.5) return "0s";
    return to_string(std::chrono::duration_cast<Duration>(std::chrono::seconds{std::llround(s)}));
}

std::vector<Cell> row_of(const PolicyResult& p, double fixed_price, Tone tone) {
    const double percent = fixed_price > 0 ? 100 * (p.usd_per_week / fixed_price - 1) : 0;
    const bool bound = p.name == "oracle";
    const auto count = [&](long long n) { return bound ? std::string("-") : format("{}", n); };
    return {
        {p.name, tone},
        format("{:.2f}", p.usd_per_week),
        p.name == "static" ? std::string("-") : format("{:+.0f} %", percent),
        {format("{:.1f}", p.unserved_node_minutes),
         p.abandoned_node_minutes > 0 ? Tone::Warning : Tone::Normal},
        bound ? std::string("0s") : seconds(p.p95_wait_s),
        p.nodes_min == p.nodes_max ? format("{}", p.nodes_min) : format("{}-{}", p.nodes_min, p.nodes_max),
        format("{:.1f}", p.nodes_mean),
        count(p.scale_events),
        count(p.flaps),
        count(p.hold_slots)};
}

std::string bullet(std::string_view text) { return "  - " + wrap(text, kWidth, 4) + "\n"; }

double price_of_static(const Report& report) {
    const auto fixed = std::ranges::find(report.policies, "static", &PolicyResult::name);
    return fixed == report.policies.end() ? 0 : fixed->usd_per_week;
}

std::string notes_below(const Report& report) {
    std::string text;
    for (const PolicyResult& p : report.policies) {
        if (p.abandoned_node_minutes >= 0.05)
            text += bullet(
                format("{}: {:.1f} node-minutes of work gave up waiting", p.name, p.abandoned_node_minutes));
        if (p.waiting_node_minutes >= 0.05)
            text += bullet(format("{}: {:.1f} node-minutes of work still wait at the end", p.name,
                                  p.waiting_node_minutes));
        if (p.hit_account_limit && p.nodes_max > 0)
            text += bullet(
                format("{}: launched until the account allowed no more ({} nodes)", p.name, p.nodes_max));
    }
    return text;
}

// What each policy does, a line each, aligned.
std::string rules_of(const Report& report) {
    int width = display_width(report.oracle.name);
    for (const PolicyResult& p : report.policies) width = std::max(width, display_width(p.name));
    const auto line = [&](const PolicyResult& p) {
        return format("  {:<{}}  {}\n", p.name, width, wrap(p.rule, kWidth, width + 4));
    };
    std::string text;
    for (const PolicyResult& p : report.policies) text += line(p);
    return text + line(report.oracle);
}

Value timeline(const std::vector<double>& values) {
    Value list = Value::array();
    for (const double value : values) list.push(std::isnan(value) ? Value() : Value(value));
    return list;
}

Value document_of(const PolicyResult& p) {
    const auto whole = [](long long n) { return Value(static_cast<std::int64_t>(n)); };
    return Value::object({{"name", p.name},
                          {"rule", p.rule},
                          {"usd_per_week", p.usd_per_week},
                          {"usd", p.usd},
                          {"unserved_node_minutes", p.unserved_node_minutes},
                          {"abandoned_node_minutes", p.abandoned_node_minutes},
                          {"waiting_node_minutes", p.waiting_node_minutes},
                          {"p95_wait_seconds", p.p95_wait_s},
                          {"nodes_min", p.nodes_min},
                          {"nodes_max", p.nodes_max},
                          {"nodes_mean", p.nodes_mean},
                          {"launches", whole(p.launches)},
                          {"removals", whole(p.removals)},
                          {"scale_events", whole(p.scale_events)},
                          {"flaps", whole(p.flaps)},
                          {"hold_slots", whole(p.hold_slots)},
                          {"hit_account_limit", p.hit_account_limit},
                          {"timeline", timeline(p.timeline)}});
}

}  // namespace

std::string render_backtest(const Report& report, Colours colours) {
    const PolicyResult& own = report.policies.front();
    std::string text =
        format("{}: {} to {} UTC, {} slots of {}\n", printable(report.history), day_and_hour(report.from),
               day_and_hour(report.to), report.slots, to_string(report.slot));
    text += "Assumed:\n";
    for (const std::string& line : report.assumptions) text += bullet(printable(line));

    const double top = std::max(highest(report.timeline), highest(own.timeline));
    text += format("\nload   {}  mean {:.1f}, p99 {:.1f}, peak {:.1f} nodes\n", curve(report.timeline, top),
                   report.mean_nodes, report.p99_nodes, report.peak_nodes);
    text += format("nodes  {}  {}, between {} and {}\n\n", curve(own.timeline, top), own.name, own.nodes_min,
                   own.nodes_max);

    Table table({{"POLICY"},
                 {"$/WEEK", Align::Right},
                 {"VS STATIC", Align::Right},
                 {"UNSERVED", Align::Right},
                 {"P95 WAIT", Align::Right},
                 {"NODES", Align::Right},
                 {"MEAN", Align::Right},
                 {"CHANGES", Align::Right},
                 {"FLAPS", Align::Right},
                 {"HOLDS", Align::Right}});
    const double fixed = price_of_static(report);
    for (const PolicyResult& p : report.policies)
        table.row(row_of(p, fixed, &p == &own ? Tone::Strong : Tone::Normal));
    table.row(row_of(report.oracle, fixed, Tone::Faint));
    text += table.render(colours);
    text += "\n" + rules_of(report);
    text +=
        "UNSERVED: node-minutes of work that found no room when it came; it waits, and is served later "
        "unless "
        "it\ngives up. CHANGES: slots with a launch or a removal. HOLDS: slots with an unknown load in which "
        "nothing was\nchanged.\n";
    text += notes_below(report);
    return text + "\n" + wrap(report.conclusion, kWidth, 0) + "\n";
}

Value backtest_document(const Report& report) {
    Value assumptions = Value::array();
    for (const std::string& line : report.assumptions) assumptions.push(line);
    Value policies = Value::array();
    for (const PolicyResult& p : report.policies) policies.push(document_of(p));
    return Value::object({{"history", report.history},
                          {"from", to_rfc3339(report.from)},
                          {"to", to_rfc3339(report.to)},
                          {"slot_seconds", static_cast<std::int64_t>(report.slot / std::chrono::seconds{1})},
                          {"slots", static_cast<std::int64_t>(report.slots)},
                          {"unknown_slots", static_cast<std::int64_t>(report.unknown_slots)},
                          {"demand_nodes", Value::object({{"mean", report.mean_nodes},
                                                          {"p99", report.p99_nodes},
                                                          {"peak", report.peak_nodes},
                                                          {"timeline", timeline(report.timeline)}})},
                          {"assumptions", std::move(assumptions)},
                          {"policies", std::move(policies)},
                          {"lower_bound", document_of(report.oracle)},
                          {"conclusion", report.conclusion}});
}

}  // namespace k3fleet::cli
