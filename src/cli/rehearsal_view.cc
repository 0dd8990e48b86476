#include "cli/rehearsal_view.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "base/time.h"
#include "cli/curve.h"

namespace k3fleet::cli {
namespace {

using app::Incident;
using app::PodWait;
using app::RehearsalReport;
using app::StoryLine;

constexpr int kWidth = 100;

std::string bullet(std::string_view text) { return "  - " + wrap(printable(text), kWidth, 4) + "\n"; }
std::string line(std::string_view text) { return wrap(printable(text), kWidth, 2) + "\n"; }
std::string usd(double dollars) { return format("${:.2f}", dollars); }
std::string heading(std::string_view text, Colours colours) {
    return "\n" + paint(text, Tone::Strong, colours) + "\n";
}

double mean(const std::vector<double>& values) {
    if (values.empty()) return 0;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

std::string clock(Timestamp at) { return to_rfc3339(at).substr(11, 8); }

std::string curves(const RehearsalReport& report) {
    return format(
        "\nload   {}  {:.1f} cores on average, at most {:.1f}\nnodes  {}  {:.1f} workers on average\n",
        curve(report.load_cores, highest(report.load_cores)), mean(report.load_cores),
        highest(report.load_cores), curve(report.workers, highest(report.workers)), mean(report.workers));
}

// The same kind of fault is one row, with how often and for how long; all troubles with calls to one side are
// one, too.
struct Row {
    std::string what;
    std::int64_t times = 0;
    Duration lasted{};
};

std::vector<Row> rows_of(const std::vector<Incident>& incidents) {
    std::vector<Row> rows;
    for (const Incident& incident : incidents) {
        const std::string what =
            incident.calls_to.empty()
                ? incident.what
                : format("calls to {} fail, are slow or get wrong answers", incident.calls_to);
        auto row = std::ranges::find(rows, what, &Row::what);
        if (row == rows.end()) row = rows.insert(rows.end(), {.what = what});
        ++row->times;
        row->lasted += incident.until - incident.from;
    }
    std::ranges::stable_sort(rows, std::ranges::greater{}, &Row::times);
    return rows;
}

// How many in all, and "slow 3, throttled 20".
std::pair<std::int64_t, std::string> listed(const std::map<std::string, std::int64_t>& counts) {
    std::int64_t all = 0;
    std::vector<std::string> kinds;
    for (const auto& [kind, times] : counts) {
        all += times;
        kinds.push_back(format("{} {}", kind, times));
    }
    return {all, join(kinds, ", ")};
}

std::string went_wrong(const RehearsalReport& report, Colours colours) {
    Table table({{"WHAT WENT WRONG"}, {"TIMES", Align::Right}, {"LASTED", Align::Right}});
    const auto count = [&](std::string what, std::int64_t times) {
        if (times > 0) table.row({std::move(what), format("{}", times), "-"});
    };
    for (const Row& row : rows_of(report.incidents))
        table.row({row.what, format("{}", row.times), to_rough_string(row.lasted)});
    count("a process killed in the middle of a tick", report.processes_killed);
    count("a scheduled start that never came", report.starts_missed);
    if (table.empty()) return "\nNothing went wrong: no faults were asked for.\n";
    std::string text = "\n" + table.render(colours);
    if (const auto [failed, kinds] = listed(report.failed_calls); failed > 0)
        text += line(format("{} of {} calls went wrong: {}", failed, report.calls, kinds));
    return text;
}

std::string controllers(const RehearsalReport& report, Colours colours) {
    std::string text = heading("THE CONTROLLERS", colours);
    const auto [failed, kinds] = listed(report.failed_ticks);
    text += line(format("{} ticks decided, {} ended before that{}", report.ticks, failed,
                        kinds.empty() ? "" : " (" + kinds + ")"));
    text +=
        line(format("{} machines launched, {} ended, {} taken back by AWS; {} pods evicted, {} times held "
                    "back by a disruption budget; {} notices to people",
                    report.last.launches, report.last.terminations, report.last.reclaimed,
                    report.last.evictions, report.last.evictions_blocked, report.notices));
    Table table({{"POOL"},
                 {"ALLOWED", Align::Right},
                 {"READY", Align::Right},
                 {"MEAN", Align::Right},
                 {"AT MAX", Align::Right},
                 {"BELOW MIN", Align::Right}});
    for (const auto& pool : report.pools)
        table.row({pool.name.str(), format("{}-{}", pool.min, pool.max),
                   format("{}-{}", pool.fewest, pool.most), format("{:.1f}", pool.mean),
                   pool.at_max > Duration::zero() ? to_rough_string(pool.at_max) : "-",
                   pool.below_min > Duration::zero() ? to_rough_string(pool.below_min) : "-"});
    return text + "\n" + table.render(colours);
}

std::string cost(const RehearsalReport& report, Colours colours) {
    const double days = std::chrono::duration<double, std::ratio<86'400>>(report.until - report.from).count();
    const double all = report.usd_workers + report.usd_rest;
    return heading("COST", colours) +
           line(format("{} in all, {} a day: {} for workers, {} for masters and NAT instance", usd(all),
                       usd(days > 0 ? all / days : 0), usd(report.usd_workers), usd(report.usd_rest))) +
           line(format("workers on demand all the time: {} at the minimum, {} at the maximum",
                       usd(report.usd_at_min), usd(report.usd_at_max)));
}

std::string describe(const PodWait& wait, Colours colours) {
    std::string text =
        paint(format("{} UTC, for {}: up to {} pods, {:.0f} pod-minutes", day_and_hour(wait.from),
                     to_rough_string(std::max<Duration>(wait.until - wait.from, std::chrono::minutes{1})),
                     wait.most_pods, wait.pod_minutes),
              Tone::Warning, colours) +
        "\n";
    for (const std::string& what : wait.in_force) text += "  " + line("at that time: " + what);
    for (const StoryLine& each : wait.story)
        text += "  " + wrap(printable(format("{}  {}", clock(each.at), each.text)), kWidth, 12) + "\n";
    return text;
}

std::string pods(const RehearsalReport& report, Colours colours) {
    std::string text = heading("PODS", colours);
    if (report.waiting_pod_minutes <= 0)
        return text +
               line(format("none of {:.0f} pod-minutes was spent waiting for a node", report.pod_minutes));
    text += line(format("{:.0f} of {:.0f} pod-minutes were spent waiting for a node ({:.2f} %)",
                        report.waiting_pod_minutes, report.pod_minutes,
                        percent(report.waiting_pod_minutes, report.pod_minutes)));
    std::vector<std::string> reasons;
    for (const auto& [by, pod_minutes] : report.held_back_by)
        reasons.push_back(format("{} ({:.0f})", by, pod_minutes));
    if (!reasons.empty()) text += line("while more workers were held back by: " + join(reasons, ", "));
    text += "\nThe worst moments:\n";
    for (const PodWait& wait : report.worst) text += describe(wait, colours);
    return text;
}

std::string promises(const RehearsalReport& report, Colours colours) {
    std::string text = heading("PROMISES", colours);
    if (report.broken.empty())
        return text + line(
                          "all held: no pool was ever above its maximum, no tick failed by itself, and an "
                          "hour after the last fault every pool had its workers");
    for (const std::string& promise : report.broken) text += paint(line(promise), Tone::Bad, colours);
    return text + line(
                      "This should never be: it is a bug of k3fleet. Please report it with the line of the "
                      "command.");
}

Value document_of(const StoryLine& each) {
    return Value::object({{"at", to_rfc3339(each.at)}, {"text", each.text}});
}

Value texts(const std::vector<std::string>& lines) {
    Value list = Value::array();
    for (const std::string& each : lines) list.push(each);
    return list;
}

Value numbers(const std::vector<double>& values) {
    Value list = Value::array();
    for (const double value : values) list.push(value);
    return list;
}

// A list of what and how much: names are no keys that scripts could know.
template <typename Number>
Value amounts(const std::map<std::string, Number>& by_name) {
    Value list = Value::array();
    for (const auto& [name, amount] : by_name)
        list.push(Value::object({{"what", name}, {"amount", static_cast<double>(amount)}}));
    return list;
}

std::int64_t seconds(Duration span) { return span / std::chrono::seconds{1}; }

Value document_of(const PodWait& wait) {
    Value story = Value::array();
    for (const StoryLine& each : wait.story) story.push(document_of(each));
    return Value::object({{"from", to_rfc3339(wait.from)},
                          {"until", to_rfc3339(wait.until)},
                          {"most_pods", std::int64_t{wait.most_pods}},
                          {"pod_minutes", wait.pod_minutes},
                          {"faults", texts(wait.in_force)},
                          {"story", std::move(story)}});
}

Value document_of(const app::PoolFigures& pool) {
    return Value::object({{"name", pool.name.str()},
                          {"min", std::int64_t{pool.min}},
                          {"max", std::int64_t{pool.max}},
                          {"ready_least", std::int64_t{pool.fewest}},
                          {"ready_most", std::int64_t{pool.most}},
                          {"ready_mean", pool.mean},
                          {"seconds_at_max", seconds(pool.at_max)},
                          {"seconds_below_min", seconds(pool.below_min)}});
}

Value faults_of(const RehearsalReport& report) {
    Value list = Value::array();
    for (const Incident& incident : report.incidents)
        list.push(Value::object({{"from", to_rfc3339(incident.from)},
                                 {"until", to_rfc3339(incident.until)},
                                 {"what", incident.what}}));
    return list;
}

}  // namespace

std::string render_rehearsal(const RehearsalReport& report, Colours colours) {
    std::string text =
        format("rehearsal of {}: {} to {} UTC, faults {}, seed {}\nAssumed:\n", report.cluster,
               day_and_hour(report.from), day_and_hour(report.until), report.faults, report.seed);
    for (const std::string& assumption : report.assumptions) text += bullet(assumption);
    return text + curves(report) + went_wrong(report, colours) + controllers(report, colours) +
           cost(report, colours) + pods(report, colours) + promises(report, colours);
}

std::string render_story(const RehearsalReport& report) {
    std::string text;
    for (const StoryLine& each : report.story)
        text += printable(format("{}  {}", to_rfc3339(each.at).substr(5, 14), each.text)) + "\n";
    return text;
}

Value rehearsal_document(const RehearsalReport& report) {
    Value worst = Value::array();
    for (const PodWait& wait : report.worst) worst.push(document_of(wait));
    Value pools = Value::array();
    for (const auto& pool : report.pools) pools.push(document_of(pool));
    Value story = Value::array();
    for (const StoryLine& each : report.story) story.push(document_of(each));
    return Value::object({{"cluster", report.cluster},
                          {"from", to_rfc3339(report.from)},
                          {"until", to_rfc3339(report.until)},
                          {"faults", report.faults},
                          {"seed", static_cast<std::int64_t>(report.seed)},
                          {"assumptions", texts(report.assumptions)},
                          {"went_wrong", Value::object({{"faults", faults_of(report)},
                                                        {"calls", amounts(report.failed_calls)},
                                                        {"processes_killed", report.processes_killed},
                                                        {"starts_missed", report.starts_missed}})},
                          {"controllers", Value::object({{"ticks", report.ticks},
                                                         {"failed_ticks", amounts(report.failed_ticks)},
                                                         {"calls", report.calls},
                                                         {"launches", report.last.launches},
                                                         {"terminations", report.last.terminations},
                                                         {"reclaimed", report.last.reclaimed},
                                                         {"evictions", report.last.evictions},
                                                         {"evictions_blocked", report.last.evictions_blocked},
                                                         {"notices", report.notices}})},
                          {"pools", std::move(pools)},
                          {"cost", Value::object({{"usd_workers", report.usd_workers},
                                                  {"usd_rest", report.usd_rest},
                                                  {"usd_workers_at_min", report.usd_at_min},
                                                  {"usd_workers_at_max", report.usd_at_max}})},
                          {"pods", Value::object({{"pod_minutes", report.pod_minutes},
                                                  {"waiting_pod_minutes", report.waiting_pod_minutes},
                                                  {"held_back_by", amounts(report.held_back_by)},
                                                  {"worst", std::move(worst)}})},
                          {"timeline", Value::object({{"load_cores", numbers(report.load_cores)},
                                                      {"workers", numbers(report.workers)}})},
                          {"broken", texts(report.broken)},
                          {"story", std::move(story)}});
}

}  // namespace k3fleet::cli
