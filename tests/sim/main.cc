// k3fleet-sim: the production controllers against a simulated AWS that goes wrong.
//
//   k3fleet-sim --seed 42             one run, told as a story; exit 1 if something broke
//   k3fleet-sim --seeds 2000          many, from --first (default 1), on --jobs processes
//   k3fleet-sim --seed 42 --minimize  takes parts away as long as it still breaks, and tells that run
//   k3fleet-sim --seed 42 --keep 0,3  with these parts only
//   k3fleet-sim --drills              the drills (drills.h)
//       --nightly                     … with more preemptions, and more that are drawn
//       --only WORD                   … those with it in their name
//       --until-broken                each job stops at the first that breaks, also with --seeds
//
// The last line is the summary. Exit 0: all held; 1: something broke; 2: wrong use.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/value.h"
#include "tests/sim/drills.h"
#include "tests/sim/simulation.h"

namespace k3fleet::sim {
namespace {

// Which code this is, as scripts/sim knows it.
std::string commit() {
    const char* known = std::getenv("K3FLEET_COMMIT");
    return known == nullptr ? "unknown" : known;
}

struct Options {
    std::optional<std::uint64_t> seed;
    std::uint64_t first = 1;
    std::uint64_t seeds = 0;
    int jobs = 1;
    bool minimize = false;
    bool quiet = false;
    bool until_broken = false;
    bool drills = false;
    Volume volume = Volume::Daily;
    std::string only;  // Drills whose name has it.
    std::optional<std::vector<std::size_t>> keep;
    std::string report;  // A file for the figures, as JSON.
};

int usage(const std::string& why) {
    std::fprintf(
        stderr,
        "%s\nusage: k3fleet-sim --seed N [--minimize | --keep 0,3] | --seeds N [--first N] [--jobs N] "
        "[--report FILE] [--until-broken] | --drills [--nightly] [--only WORD] [--jobs N] [--until-broken]\n",
        why.c_str());
    return 2;
}

template <typename Number>
bool read(const char* text, Number& number) {
    const std::string_view all(text);
    const auto parsed = std::from_chars(all.data(), all.data() + all.size(), number);
    return parsed.ec == std::errc() && parsed.ptr == all.data() + all.size();
}

void print(const std::string& line) { std::printf("%s\n", line.c_str()); }

std::string sentence(const Finding& finding) {
    return format("{}  {}: {}", to_rfc3339(finding.at), to_string(finding.invariant), finding.what);
}

std::vector<std::size_t> all_parts(const Scenario& scenario) {
    std::vector<std::size_t> parts(scenario.parts());
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = i;
    return parts;
}

bool breaks(const Outcome& outcome, Invariant invariant) {
    return std::ranges::any_of(outcome.findings,
                               [&](const Finding& finding) { return finding.invariant == invariant; });
}

// Takes away one part after the other, again and again, as long as the same invariant breaks.
std::vector<std::size_t> minimize(const Scenario& scenario, Invariant invariant) {
    std::vector<std::size_t> kept = all_parts(scenario);
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (std::size_t i = 0; i < kept.size();) {
            std::vector<std::size_t> fewer = kept;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            if (breaks(simulate(reduced(scenario, fewer)), invariant)) {
                kept = std::move(fewer);
                smaller = true;
            } else {
                ++i;
            }
        }
    }
    return kept;
}

int tell(const Options& options) {
    const Scenario whole = draw(*options.seed);
    std::vector<std::size_t> kept = options.keep.value_or(all_parts(whole));
    if (options.minimize) {
        const Outcome broken = simulate(reduced(whole, kept));
        if (broken.findings.empty()) {
            print(format("seed {}: nothing breaks", *options.seed));
            return 0;
        }
        kept = minimize(whole, broken.findings.front().invariant);
    }
    const Scenario scenario = reduced(whole, kept);
    const Outcome outcome = simulate(scenario, Story::Told);
    print(format("commit {}  seed {}  cluster {} {}, {} for {}", commit(), *options.seed,
                 scenario.intent.name.str(), scenario.intent.mode == model::ClusterMode::Ha ? "ha" : "dev",
                 to_rfc3339(scenario.start), k3fleet::to_string(scenario.active + scenario.quiet)));
    for (const auto& pool : scenario.intent.pools)
        print(format("pool {}: {} to {} of {}, {} % spot", pool.name.str(), pool.min, pool.max,
                     join(pool.instance_types, ", "), pool.spot_percent));
    if (scenario.intent.budget.usd_per_month)
        print(format("budget: {:.0f} USD a month", *scenario.intent.budget.usd_per_month));
    const auto parts = describe(whole);
    for (const std::size_t part : kept) print(parts[part]);
    for (const std::string& line : outcome.story) print(line);
    for (const Finding& finding : outcome.findings) print(sentence(finding));
    std::vector<std::string> numbers;
    for (const std::size_t part : kept) numbers.push_back(format("{}", part));
    print(format("seed {}: {} ({} ticks, {} calls, trace {:016x}){}", *options.seed,
                 outcome.findings.empty() ? "all held" : format("{} broke", outcome.findings.size()),
                 outcome.figures.ticks, outcome.figures.calls, outcome.trace,
                 options.minimize
                     ? "; again: --seed " + format("{}", *options.seed) + " --keep " + join(numbers, ",")
                     : ""));
    return outcome.findings.empty() ? 0 : 1;
}

// Every `step`th seed from `first`; the figures and the broken seeds come as lines of text.
struct Share {
    Figures figures;
    std::vector<std::string> broken;
};

Share run_share(const Options& options, int job) {
    Share share;
    for (std::uint64_t i = static_cast<std::uint64_t>(job); i < options.seeds;
         i += static_cast<std::uint64_t>(options.jobs)) {
        const std::uint64_t seed = options.first + i;
        const Outcome outcome = simulate(draw(seed));
        share.figures.add(outcome.figures);
        if (outcome.findings.empty()) continue;
        share.broken.push_back(format("seed {}: {}", seed, sentence(outcome.findings.front())));
        if (!options.quiet) std::fprintf(stderr, "%s\n", share.broken.back().c_str());
        if (options.until_broken) break;
    }
    return share;
}

// Every `jobs`th exercise; what broke is told by the first that did.
std::map<std::string, Tally> run_exercises(const Options& options, int job) {
    std::map<std::string, Tally> tallies;
    const auto all = exercises(options.volume);
    for (std::size_t i = static_cast<std::size_t>(job); i < all.size();
         i += static_cast<std::size_t>(options.jobs)) {
        if (all[i].drill.find(options.only) == std::string::npos) continue;
        Tally tally;
        all[i].run(tally);
        for (const std::string& line : tally.broken) std::fprintf(stderr, "%s\n", line.c_str());
        tallies[all[i].drill].add(tally);
        if (options.until_broken && !tally.broken.empty()) break;
    }
    return tallies;
}

std::string name_of(const Figures::Row& row) { return format("{}/{}", row.group, row.name); }

Value counts(Figures figures) {
    Value value = Value::object();
    for (const auto& row : figures.rows()) value.set(name_of(row), *row.count);
    return value;
}

Value lines(const std::vector<std::string>& all) {
    Value list = Value::array();
    for (const std::string& line : all) list.push(line);
    return list;
}

Value pack(const Figures& f) {
    return Value::object({{"ticks", f.ticks},
                          {"calls", f.calls},
                          {"retries", f.retries},
                          {"launches", f.launches},
                          {"terminations", f.terminations},
                          {"deaths", f.deaths},
                          {"cluster_days", f.cluster_days},
                          {"counts", counts(f)}});
}

std::string pack(const Share& share, double cpu) {
    Value value = pack(share.figures);
    value.set("cpu_seconds", cpu);
    value.set("broken", lines(share.broken));
    return json::write(value);
}

std::string pack(const std::map<std::string, Tally>& tallies, double cpu) {
    Value all = Value::object();
    for (const auto& [name, tally] : tallies)
        all.set(name, Value::object({{"runs", tally.runs},
                                     {"points", tally.points},
                                     {"figures", pack(tally.figures)},
                                     {"broken", lines(tally.broken)},
                                     {"story", lines(tally.story)}}));
    return json::write(Value::object({{"drills", std::move(all)}, {"cpu_seconds", cpu}}));
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void write_all(int end, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const auto wrote = ::write(end, text.data() + done, text.size() - done);
        if (wrote <= 0) ::_exit(3);
        done += static_cast<std::size_t>(wrote);
    }
}

// One process a job, since a simulation is one thread; each writes what it found into a pipe, as JSON.
Result<Value> run_all(const Options& options) {
    std::vector<std::pair<pid_t, int>> jobs;
    for (int job = 0; job < options.jobs; ++job) {
        int ends[2];
        if (::pipe(ends) != 0) return fail(ErrorCode::Internal, "no pipe could be made");
        const pid_t child = ::fork();
        if (child < 0) return fail(ErrorCode::Internal, "no process could be made");
        if (child == 0) {
            ::close(ends[0]);
            if (options.drills) {
                const auto tallies = run_exercises(options, job);
                write_all(ends[1], pack(tallies, cpu_seconds()));
            } else {
                const Share share = run_share(options, job);
                write_all(ends[1], pack(share, cpu_seconds()));
            }
            ::_exit(0);
        }
        ::close(ends[1]);
        jobs.emplace_back(child, ends[0]);
    }
    Value shares = Value::array();
    for (const auto& [child, end] : jobs) {
        std::string text;
        char buffer[65'536];
        for (ssize_t got = 0; (got = ::read(end, buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(got));
        ::close(end);
        int status = 0;
        ::waitpid(child, &status, 0);
        if (status != 0) return fail(ErrorCode::Internal, "a process of the simulator broke off");
        shares.push(K3F_TRY(json::parse(text)));
    }
    return shares;
}

double number(const Value& value, const char* name) {
    const Value* found = value.find(name);
    return found == nullptr ? 0
                            : found->as_double().value_or(static_cast<double>(found->as_int().value_or(0)));
}

// What pack() wrote.
Figures read_figures(const Value& share) {
    const auto whole = [&](const char* name) { return static_cast<std::int64_t>(number(share, name)); };
    Figures figures{.ticks = whole("ticks"),
                    .calls = whole("calls"),
                    .retries = whole("retries"),
                    .launches = whole("launches"),
                    .terminations = whole("terminations"),
                    .deaths = whole("deaths"),
                    .cluster_days = number(share, "cluster_days")};
    if (const Value* counts = share.find("counts"))
        for (const auto& row : figures.rows())
            *row.count = static_cast<std::int64_t>(number(*counts, name_of(row).c_str()));
    return figures;
}

// What was never tried, or never had anything to judge, says nothing by holding.
void print_counts(Figures figures) {
    std::vector<std::string> missed;
    for (const auto& row : figures.rows()) {
        print(format("{:<8} {:>9}  {}", row.group, *row.count, row.name));
        if (*row.count == 0) missed.push_back(name_of(row));
    }
    print(format("not hit: {}", missed.empty() ? "nothing" : join(missed, ", ")));
}

int summarize(const Options& options, const Value& shares, double wall) {
    Share all;
    double cpu = 0;
    for (const Value& share : shares.items()) {
        cpu += number(share, "cpu_seconds");
        all.figures.add(read_figures(share));
        if (const Value* broken = share.find("broken"))
            for (const Value& line : broken->items()) all.broken.push_back(*line.as_string());
    }
    print_counts(all.figures);
    print(format("launches {}, terminations {}, processes that died {}, waits for another try {} of {} calls",
                 all.figures.launches, all.figures.terminations, all.figures.deaths, all.figures.retries,
                 all.figures.calls));
    const double ticks = std::max<double>(1, static_cast<double>(all.figures.ticks));
    print(format(
        "{:.0f} cluster-days a CPU-minute, {:.0f} us a tick, {:.1f} calls a tick; {:.0f} s of CPU, {:.0f} s",
        all.figures.cluster_days / std::max(cpu, 1e-9) * 60, cpu / ticks * 1e6,
        static_cast<double>(all.figures.calls) / ticks, cpu, wall));
    if (!options.report.empty()) {
        std::ofstream file(options.report);
        file << pack(all, cpu) << '\n';
    }
    print(format("commit {}: {} seeds from {}, {:.1f} cluster-days, {} broke", commit(), options.seeds,
                 options.first, all.figures.cluster_days, all.broken.size()));
    return all.broken.empty() ? 0 : 1;
}

std::vector<std::string> read_lines(const Value* from) {
    std::vector<std::string> all;
    if (from != nullptr)
        for (const Value& line : from->items()) all.push_back(*line.as_string());
    return all;
}

Tally read_tally(const Value& from) {
    return {.runs = static_cast<std::int64_t>(number(from, "runs")),
            .points = static_cast<std::int64_t>(number(from, "points")),
            .figures = read_figures(*from.find("figures")),
            .broken = read_lines(from.find("broken")),
            .story = read_lines(from.find("story"))};
}

double percent(std::int64_t part, std::int64_t whole) {
    return 100 * static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(1, whole));
}

int summarize_drills(const Value& shares, double wall) {
    std::map<std::string, Tally> tallies;
    double cpu = 0;
    for (const Value& share : shares.items()) {
        cpu += number(share, "cpu_seconds");
        for (const auto& member : share.find("drills")->members())
            tallies[member.key].add(read_tally(member.value));
    }
    Tally all;
    for (const auto& [name, tally] : tallies) {
        print(format(
            "{:<28} {:>7} runs {:>8} points {:>6} deaths, {:.1f} % of {} calls are retries, {} broke", name,
            tally.runs, tally.points, tally.figures.deaths,
            percent(tally.figures.retries, tally.figures.calls), tally.figures.calls, tally.broken.size()));
        all.add(tally);
    }
    if (!all.story.empty()) print("the first that broke:");
    for (const std::string& line : all.story) print(line);
    for (const std::string& line : all.broken) print(line);
    print(format(
        "commit {}: {} drills, {} runs, {} points, retries {:.1f} % of {} calls; {:.0f} s of CPU, {:.0f} s; "
        "{} broke",
        commit(), tallies.size(), all.runs, all.points, percent(all.figures.retries, all.figures.calls),
        all.figures.calls, cpu, wall, all.broken.size()));
    return all.runs > 0 && all.broken.empty() ? 0 : 1;
}

int main(int count, char** words) {
    // What functions would say of themselves is in the story.
    log::configure(log::Level::Silent, log::Style::Human);
    // What a seed gave back, the next one asks for again.
    (void)::mallopt(M_TRIM_THRESHOLD, 1 << 30);
    (void)::mallopt(M_MMAP_THRESHOLD, 1 << 30);
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const char* value = i + 1 < count ? words[i + 1] : "";
        std::uint64_t number = 0;
        if (word == "--drills") {
            options.drills = true;
        } else if (word == "--until-broken") {
            options.until_broken = true;
        } else if (word == "--nightly") {
            options.volume = Volume::Nightly;
        } else if (word == "--only") {
            options.only = value;
            ++i;
        } else if (word == "--minimize") {
            options.minimize = true;
        } else if (word == "--quiet") {
            options.quiet = true;
        } else if (word == "--seed" && read(value, number)) {
            options.seed = number;
            ++i;
        } else if (word == "--first" && read(value, options.first)) {
            ++i;
        } else if (word == "--seeds" && read(value, options.seeds)) {
            ++i;
        } else if (word == "--jobs" && read(value, options.jobs) && options.jobs > 0) {
            ++i;
        } else if (word == "--report") {
            options.report = value;
            ++i;
        } else if (word == "--keep") {
            options.keep.emplace();
            for (const std::string& part : split(value, ','))
                if (std::size_t index = 0; read(part.c_str(), index)) options.keep->push_back(index);
            std::ranges::sort(*options.keep);
            ++i;
        } else {
            return usage(format("{} is not understood", word));
        }
    }
    if (options.seed) return tell(options);
    if (options.seeds == 0 && !options.drills) return usage("give --seed, --seeds or --drills");
    const auto begin = std::chrono::steady_clock::now();
    const auto shares = run_all(options);
    if (!shares) {
        std::fprintf(stderr, "%s\n", shares.error().describe().c_str());
        return 1;
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    return options.drills ? summarize_drills(*shares, wall.count())
                          : summarize(options, *shares, wall.count());
}

}  // namespace
}  // namespace k3fleet::sim

int main(int count, char** words) { return k3fleet::sim::main(count, words); }
