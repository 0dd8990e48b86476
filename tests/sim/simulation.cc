#include "tests/sim/simulation.h"

#include <algorithm>
#include <memory>
#include <queue>
#include <utility>

#include "app/chain.h"
#include "app/clusters.h"
#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "core/intent/intent.h"
#include "core/model/names.h"
#include "tests/sim/functions.h"
#include "tests/sim/invariants.h"
#include "tests/sim/process.h"
#include "tests/sim/scenery.h"
#include "tests/sim/world_faults.h"

namespace k3fleet::sim {
namespace {

using model::Loop;

constexpr Duration kEvery = std::chrono::minutes{2};
constexpr Duration kFunctionTimeout = std::chrono::seconds{60};
constexpr Duration kPersonsPatience = std::chrono::minutes{10};
constexpr std::size_t kMostAtOnce = 3;
constexpr Duration kPollTakes = std::chrono::milliseconds{200};
constexpr std::int64_t kBatchesAtOnce = 2;  // MaximumConcurrency of the event source mappings.
constexpr Duration kCallInRound = std::chrono::milliseconds{50};

struct Due {
    Timestamp at;
    std::uint64_t sequence = 0;
    enum class Kind { Start, GoOn, Operation, Poll, Calm, End } kind = Kind::Start;
    Loop loop = Loop::Infra;
    bool woken = false;
    Process* process = nullptr;
    std::size_t index = 0;

    bool operator<(const Due& other) const {  // The earliest is the largest.
        return at != other.at ? at > other.at : sequence > other.sequence;
    }
};

class Simulation final : public simcloud::Surroundings, public Overseer {
public:
    Simulation(const Scenario& scenario, Story story)
        : scenario_(scenario),
          story_(story),
          scope_(scope_of(scenario)),
          engine_(world_of(scenario)),
          dice_(Prng(scenario.seed).fork(1000)),
          troubles_(scenario.troubles, dice_),
          intent_(scenario.intent),
          invariants_(engine_, scope_, canary(scenario.seed), outcome_),
          world_faults_(engine_, outcome_.figures),
          mail_(engine_, scope_) {}

    Outcome run();

    // Surroundings of the processes, which are all Process.
    Timestamp world_time() override { return engine_.now(); }
    void let_pass(simcloud::Mortal& process, Timestamp until) override;
    std::optional<std::pair<Error, bool>> strike(simcloud::Mortal& process,
                                                 const simcloud::Step& step) override;
    Duration latency(simcloud::Mortal&, const simcloud::Step& step) override {
        return in_round_ ? kCallInRound : troubles_.latency(step, engine_.now());
    }
    bool stale(simcloud::Mortal&, const simcloud::Step& step) override {
        const bool stale = troubles_.stale(step, engine_.now());
        if (stale) count_pair(simcloud::CallFault::Stale, step.service);
        return stale;
    }
    void distort(simcloud::Mortal&, const simcloud::Step& step, model::Signals& signals) override {
        troubles_.distort(step, engine_.now(), signals);
    }
    void changed(simcloud::Mortal& process, const simcloud::Step& step) override;
    void refused(simcloud::Mortal& process, const simcloud::Step& step, const Error& error) override;
    void note(const std::string& line) override;
    bool telling() const override { return story_ == Story::Told; }

    // Overseer.
    void turn(Process& process) override;
    std::optional<std::int64_t> count_call() override;
    bool dies_at(std::int64_t point) const override;
    void reached(Process& process, std::string_view probe) override;

private:
    void begin_world();
    void plan(Due due) {
        due.sequence = next_++;
        agenda_.push(due);
    }
    void start(const Due& due);
    simcloud::Fortune draw_fortune();
    Process* begin(Loop loop, bool woken, std::optional<Mail::Batch> batch = {});
    void begin_round(const Round& round);
    void conclude(Process& process);
    void judge(Process& process);
    void upload();
    void plan_polls();
    void poll(Loop loop);
    void wake_up(const Process& process, const app::TickReport& report);
    void operate(const Operation& operation);
    void pause(Duration length);
    void count_call(const simcloud::Step& step);
    void count_pair(simcloud::CallFault fault, std::string_view service) {
        for (std::size_t i = 0; i < kPairs; ++i)
            if (pairs()[i].covers(fault, service)) ++outcome_.figures.pairs[i];
    }
    void calm_down();
    void end(Timestamp at);
    bool is_calm() const { return engine_.now() >= scenario_.calm(); }
    void mix(std::string_view text);
    app::Services::Cases cases() const {
        return scenario_.keeps_cases ? app::Services::Cases::Kept : app::Services::Cases::LeftOut;
    }
    // As on AWS: the controller's function is outside, and of several masters no sign says which serves.
    Process::Sight sight_of(Loop loop) const {
        const bool outside =
            scenario_.by_events && loop == Loop::Infra && intent_.mode == model::ClusterMode::Dev;
        return outside ? Process::Sight::Outside : Process::Sight::Inside;
    }
    const simcloud::Rights& rights(Loop loop) const;

    const Scenario& scenario_;
    Story story_;
    model::Scope scope_;
    simcloud::Engine engine_;
    Prng dice_;
    simcloud::Troubles troubles_;
    model::ClusterIntent intent_;
    Outcome outcome_;
    Invariants invariants_;
    WorldFaults world_faults_;
    // Of scenarios by events: the queues, the batches that are worked on, and when they are polled next.
    Mail mail_;
    std::map<const Process*, Mail::Batch> batches_;
    std::map<Loop, Timestamp> polls_;
    std::priority_queue<Due> agenda_;
    std::uint64_t next_ = 1;
    std::map<Loop, std::vector<std::unique_ptr<Process>>> processes_;
    simcloud::OpenGate open_{engine_};
    std::unique_ptr<simcloud::Controller> person_;
    struct Said {
        std::string line;
        std::string since;
        std::size_t at = 0;  // In the story.
        int times = 0;
    };
    std::map<std::string, Said> last_said_;  // By who.
    int made_ = 0;
    bool over_ = false;
    bool in_round_ = false;
    int cycles_ = 0;                           // Since the calm.
    std::optional<Duration> pause_in_a_plan_;  // A person waits for one.
};

const simcloud::Rights& Simulation::rights(Loop loop) const {
    return rights_of(simcloud::principal_of(loop), scope_);
}

void Simulation::begin_world() {
    invariants_.protect(set_scene(engine_, scenario_, scope_));
    person_ = std::make_unique<simcloud::Controller>(engine_, open_,
                                                     rights_of(iam::Principal::Operator, scope_), scope_,
                                                     scenario_.seed, simcloud::Controller::Packing::Deflated);
    engine_.advance(scenario_.start + std::chrono::minutes{1});  // Nothing is asked in the first minute.
    if (scenario_.by_events) upload();
}

Outcome Simulation::run() {
    begin_world();
    plan({.at = engine_.now(), .loop = Loop::Infra});
    plan({.at = engine_.now() + std::chrono::seconds{37}, .loop = Loop::Workers});
    for (std::size_t i = 0; i < scenario_.operations.size(); ++i)
        plan({.at = scenario_.operations[i].at, .kind = Due::Kind::Operation, .index = i});
    plan({.at = scenario_.calm(), .kind = Due::Kind::Calm});
    plan({.at = scenario_.end(), .kind = Due::Kind::End});
    while (!over_ && !agenda_.empty()) {
        const Due due = agenda_.top();
        agenda_.pop();
        engine_.advance(due.at);
        if (scenario_.by_events) {
            mail_.look_at_instances();
            mail_.write_signs();
            plan_polls();
        }
        switch (due.kind) {
            case Due::Kind::Start: start(due); break;
            case Due::Kind::GoOn:
                due.process->go_on();
                if (!due.process->busy()) conclude(*due.process);
                break;
            case Due::Kind::Operation: operate(scenario_.operations[due.index]); break;
            case Due::Kind::Poll:
                if (polls_[due.loop] == due.at) poll(due.loop);  // Else one was planned for earlier.
                break;
            case Due::Kind::Calm: calm_down(); break;
            case Due::Kind::End: end(due.at); break;
        }
    }
    for (std::size_t i = 0; i < simcloud::kCallFaults; ++i) {
        const auto fault = static_cast<simcloud::CallFault>(i);
        outcome_.figures.calls_struck[fault] = troubles_.struck(fault);
    }
    world_faults_.at_end();
    if (scenario_.by_events) {
        ++outcome_.figures.seen[Seen::ByEvents];
        if (mail_.failed() > 0) ++outcome_.figures.seen[Seen::MessageGivenUp];
        outcome_.figures.seen[Seen::SignWrittenAgain] += mail_.signs_written();
    }
    invariants_.at_end(intent_, person_->objects(), cases());
    outcome_.figures.cluster_days =
        std::chrono::duration<double>(scenario_.end() - scenario_.start).count() / 86'400;
    return std::move(outcome_);
}

// EventBridge starts each function every two minutes; what it or Lambda does wrong, the scenario says.
void Simulation::start(const Due& due) {
    if (!due.woken) plan({.at = due.at + kEvery, .loop = due.loop});
    const bool calm = is_calm();
    if (calm && !due.woken && due.loop == Loop::Workers) invariants_.at_cycle(intent_, cycles_++);
    if (!calm && dice_.chance(scenario_.starts.skipped)) {
        ++outcome_.figures.starts[Start::Skipped];
        return;
    }
    if (!calm && due.index == 0 && dice_.chance(scenario_.starts.late)) {
        ++outcome_.figures.starts[Start::Late];
        plan({.at = due.at + Duration{static_cast<std::int64_t>(dice_.below(90'000))},
              .loop = due.loop,
              .woken = true,
              .index = 1});
        return;
    }
    if (!calm && due.index == 0 && dice_.chance(scenario_.starts.doubled)) {
        ++outcome_.figures.starts[Start::Doubled];
        plan({.at = due.at + Duration{static_cast<std::int64_t>(dice_.below(3'000))},
              .loop = due.loop,
              .woken = true,
              .index = 1});
    }
    const auto& round = scenario_.orders.round;
    if (round && due.at == round->at && due.loop == round->controllers.front()) return begin_round(*round);
    begin(due.loop, due.woken);
}

simcloud::Fortune Simulation::draw_fortune() {
    if (is_calm()) return {};
    const simcloud::Fortune fortune = simcloud::draw_fortune(scenario_.starts, dice_);
    if (fortune.skew != Duration::zero()) {
        const bool far = std::chrono::abs(fortune.skew) >= std::chrono::seconds{30};
        ++outcome_.figures.starts[far ? Start::ClockFarOff : Start::ClockOff];
    }
    return fortune;
}

// Null: as many are at work as Lambda allows.
Process* Simulation::begin(Loop loop, bool woken, std::optional<Mail::Batch> batch) {
    auto& all = processes_[loop];
    std::erase_if(all, [](const auto& process) { return process->dead() && !process->busy(); });
    auto idle = std::ranges::find_if(all, [](const auto& process) { return !process->busy(); });
    if (idle == all.end() && all.size() >= kMostAtOnce) return nullptr;  // Lambda throttles.
    if (idle == all.end()) {
        ++made_;
        all.push_back(std::make_unique<Process>(*this, *this, engine_, rights(loop), scope_, loop, made_,
                                                scenario_.seed * 1000 + static_cast<std::uint64_t>(made_),
                                                cases(), sight_of(loop)));
        idle = all.end() - 1;
    }
    Process& process = **idle;
    model::ClusterIntent told = intent_;
    if (scenario_.tamper) scenario_.tamper(told);
    const bool by_person = !is_calm() && scenario_.by_persons > 0 && dice_.chance(scenario_.by_persons);
    if (by_person) ++outcome_.figures.starts[Start::ByAPerson];
    const Timestamp deadline = engine_.now() + (by_person ? kPersonsPatience : kFunctionTimeout);
    if (!scenario_.by_events) {
        process.begin(told, intent_, woken, deadline, draw_fortune());
    } else if (batch) {
        const std::string event = batch->event;
        batches_.insert_or_assign(&process, *std::move(batch));
        process.begin_event(event, intent_, deadline, draw_fortune());
    } else {
        process.begin_event(schedule_event(), intent_, deadline, draw_fortune());
    }
    if (!process.busy()) conclude(process);
    return &process;
}

// Lambda polls when there is something, and no more than two batches of a queue are worked on at once.
void Simulation::plan_polls() {
    for (const Loop loop : {Loop::Infra, Loop::Workers}) {
        const auto next = mail_.next(loop);
        if (!next) continue;
        const Timestamp at = std::max(*next, engine_.now()) + kPollTakes;
        if (const auto planned = polls_.find(loop); planned != polls_.end() && planned->second <= at)
            continue;
        polls_[loop] = at;
        plan({.at = at, .kind = Due::Kind::Poll, .loop = loop});
    }
}

void Simulation::poll(Loop loop) {
    polls_.erase(loop);
    const auto worked_on = std::ranges::count_if(
        batches_, [&](const auto& entry) { return entry.first->loop() == loop && entry.first->busy(); });
    if (worked_on >= kBatchesAtOnce) {
        polls_[loop] = engine_.now() + std::chrono::seconds{1};
        return plan({.at = polls_[loop], .kind = Due::Kind::Poll, .loop = loop});
    }
    auto batch = mail_.receive(loop);
    if (batch && std::ranges::any_of(batch->messages, [](const auto& each) { return each.receives > 1; }))
        ++outcome_.figures.seen[Seen::ReceivedAgain];
    if (batch) begin(loop, true, std::move(batch));
    plan_polls();
}

// The cluster's file, as a person uploads it. JSON is YAML, too, and is read much faster.
void Simulation::upload() {
    const auto file = app::check_cluster_file(json::write(intent::to_document(intent_)), "demo.yaml");
    must(file);
    const app::Doer doer{.who = "a person", .at = engine_.now()};
    const auto stored = app::load_cluster(person_->objects(), intent_.name);
    if (stored)
        must(app::replace_cluster(person_->objects(), *stored, *file, doer));
    else
        must(app::create_cluster(person_->objects(), *file, doer));
    if (intent_.deleting) must(app::mark_deleting(person_->objects(), intent_.name, doer));
    mail_.file_written();
}

// See Round.
void Simulation::begin_round(const Round& round) {
    in_round_ = true;
    std::vector<Process*> all;
    std::vector<std::size_t> able;
    for (const Loop loop : round.controllers)
        if (Process* const process = begin(loop, false); process != nullptr && process->busy()) {
            able.push_back(all.size());
            all.push_back(process);
        }
    std::optional<std::size_t> running;
    while (!able.empty()) {
        const std::size_t next = round.order->next(able, running);
        if (running && next != *running) engine_.advance(engine_.now() + round.stands_still);
        running = next;
        all[next]->go_on();
        if (all[next]->busy()) continue;
        conclude(*all[next]);
        std::erase(able, next);
        running.reset();
    }
    in_round_ = false;
}

void Simulation::turn(Process&) {
    if (in_round_) Fiber::yield();
}

std::optional<std::int64_t> Simulation::count_call() {
    const Orders& orders = scenario_.orders;
    if (engine_.now() < orders.from || engine_.now() >= orders.until) return std::nullopt;
    return outcome_.counted_calls++;
}

bool Simulation::dies_at(std::int64_t point) const {
    return std::ranges::binary_search(scenario_.orders.deaths, point);
}

void Simulation::pause(Duration length) {
    const Status done = person_->state().set_freeze(
        intent_.name, model::Freeze{.by = "a person", .why = "maintenance", .until = engine_.now() + length});
    if (telling())
        note(done ? format("a person pauses the cluster for {}", k3fleet::to_string(length))
                  : "a person could not pause the cluster");
}

void Simulation::reached(Process&, std::string_view probe) {
    if (pause_in_a_plan_ && probe.starts_with("before-")) pause(*std::exchange(pause_in_a_plan_, {}));
    const auto place = app::place_of_probe(probe);
    K3F_CHECK(place.has_value(), "every probe stands in app/probes.h");
    ++outcome_.figures.probes[*place];
}

void Simulation::conclude(Process& process) {
    outcome_.figures.calls += process.take_calls();
    const std::int64_t retries = process.take_retries();
    outcome_.figures.retries += retries;
    invariants_.count_retries(retries);
    if (process.has_frozen()) ++outcome_.figures.starts[Start::Frozen];
    auto batch = batches_.extract(&process);
    if (process.dead()) {
        ++outcome_.figures.deaths;
        ++outcome_.figures.starts[process.overdue() ? Start::DiedAtItsDeadline : Start::DiedInACall];
        return;
    }
    if (!batch.empty() && process.answer()) mail_.settle(process.loop(), batch.mapped(), *process.answer());
    if (process.report()) judge(process);
}

void Simulation::judge(Process& process) {
    ++outcome_.figures.ticks;
    const auto& report = *process.report();
    if (!report) {
        if (telling()) note(format("{} failed: {}", process.name(), report.error().describe()));
        mix(report.error().message);
        if (report.error().message.starts_with("the clock of this machine"))
            ++outcome_.figures.seen[Seen::ClockRefused];
        return invariants_.after_failed_tick(process, report.error());
    }
    mix(report->plan.summary);
    if (telling()) {
        note(format("{} {}{}", process.name(), report->plan.summary,
                    report->settled.empty() ? "" : format(" ({} the plan before)", report->settled)));
        for (const auto& result : report->results)
            if (result.outcome != model::Outcome::Done)
                note(format("{}   {}: {}", process.name(), model::to_string(result.outcome), result.detail));
    }
    if (!report->settled.empty())
        ++outcome_.figures.seen[report->settled == "closed" ? Seen::PlanClosed : Seen::PlanFinished];
    for (std::size_t i = 0; i < kSights; ++i)
        if (tells_of(*report, sights()[i])) ++outcome_.figures.sights[i];
    world_faults_.ticked(*report);
    if (!report->results.empty() || !report->settled.empty())
        outcome_.deeds.push_back({.begun = process.begun(), .loop = process.loop()});
    invariants_.after_tick(process, *report);
    if (!scenario_.by_events) wake_up(process, *report);
}

void Simulation::wake_up(const Process& process, const app::TickReport& report) {
    if (const auto delay = app::next_wake_up(report, process.woken()))
        plan({.at = engine_.now() + *delay, .loop = process.loop(), .woken = true});
}

void Simulation::operate(const Operation& operation) {
    // Files of clusters that go are not changed any more.
    if (scenario_.by_events && intent_.deleting) return;
    if (const auto* resize = std::get_if<Resize>(&operation.what)) {
        model::NodePool& pool = intent_.pools[resize->pool];
        pool.min = resize->min;
        pool.max = std::max(resize->max, 1);
        pool.min = std::min(pool.min, pool.max);
        if (telling())
            note(format("a person resizes pool {} to {}..{}", pool.name.str(), pool.min, pool.max));
    } else if (const auto* wish = std::get_if<Pause>(&operation.what)) {
        if (wish->when == Pause::When::AtOnce)
            pause(wish->length);
        else
            pause_in_a_plan_ = wish->length;
    } else {
        intent_.deleting = true;
        if (telling()) note("a person deletes the cluster");
    }
    intent_.digest = intent::digest(intent_);
    if (scenario_.by_events && !std::holds_alternative<Pause>(operation.what)) upload();
}

// No fault from here on, and a load that stands still.
void Simulation::calm_down() {
    if (telling()) note("--- calm ---");
    pause_in_a_plan_.reset();  // Whoever waited for a plan waits no longer.
    invariants_.calm();
    auto& cluster = **engine_.find_cluster(intent_.name, simcloud::Engine::Removed::Accept);
    simcloud::ClusterSetup setup = cluster.setup;
    const double cores = setup.workload.load.cores_at(engine_.now());
    setup.workload.load.recorded = {.start = engine_.now(),
                                    .step = std::chrono::minutes{1},
                                    .cores = {Millicores{static_cast<std::int64_t>(cores * 1000)}}};
    const Status done = engine_.add_cluster(setup);
    must(done);
}

// Not in the middle of a tick: each ends by its deadline.
void Simulation::end(Timestamp at) {
    over_ = true;
    for (const auto& [loop, all] : processes_)
        for (const auto& process : all) over_ = over_ && !process->busy();
    if (!over_) plan({.at = at + std::chrono::seconds{1}, .kind = Due::Kind::End});
}

void Simulation::let_pass(simcloud::Mortal& process, Timestamp until) {
    if (in_round_ || agenda_.empty() || agenda_.top().at > until) return engine_.advance(until);
    // Others run meanwhile.
    plan({.at = until, .kind = Due::Kind::GoOn, .process = static_cast<Process*>(&process)});
    Fiber::yield();
}

std::optional<std::pair<Error, bool>> Simulation::strike(simcloud::Mortal& process,
                                                         const simcloud::Step& step) {
    mix(step.operation);
    count_call(step);
    const auto fault = troubles_.strike(step, engine_.now());
    if (!fault) return std::nullopt;
    count_pair(*fault, step.service);
    if (telling())
        note(format("{} {} {}: {}", process.name(), step.service, step.operation,
                    simcloud::to_string(*fault)));
    return std::pair(simcloud::error_of(*fault, step.service), *fault == simcloud::CallFault::LostAnswer);
}

// Faults that strike no call by themselves, and had one to work on.
void Simulation::count_call(const simcloud::Step& step) {
    const auto& lost = scenario_.region_lost;
    if (lost && engine_.now() >= lost->first && engine_.now() < lost->second)
        ++outcome_.figures.seen[Seen::RegionLost];
    if (step.service == "dynamodb" && step.operation == "GetItem" &&
        engine_.suffers(simcloud::FaultKind::StaleReads, ""))
        ++outcome_.figures.world[simcloud::FaultKind::StaleReads];
}

void Simulation::changed(simcloud::Mortal& process, const simcloud::Step& step) {
    if (telling() && step.service != "s3" && step.service != "dynamodb")
        note(format("{} {} {} {}", process.name(), step.service, step.operation, step.subject));
    invariants_.after_change(static_cast<Process&>(process), step);
    if (scenario_.by_events && step.service == "sqs") plan_polls();
}

// What is said again and again by the same process is told once, with how often.
void Simulation::note(const std::string& line) {
    const std::string who = line.substr(0, line.find(' '));
    auto& last = last_said_[who];
    if (last.line == line && last.at < outcome_.story.size()) {
        ++last.times;
        outcome_.story[last.at] = format("{}  {} (and {} more times, until {})", last.since, line, last.times,
                                         to_rfc3339(engine_.now()).substr(11, 8));
        return;
    }
    last = {.line = line, .since = to_rfc3339(engine_.now()).substr(11, 12), .at = outcome_.story.size()};
    outcome_.story.push_back(last.since + "  " + line);
}

// No call may need a right that its caller lacks, or be one that nobody understands.
void Simulation::refused(simcloud::Mortal& process, const simcloud::Step& step, const Error& error) {
    mix(error.provider_code);
    world_faults_.refused(error);
    ++outcome_.figures.judged[Invariant::CallsAreRight];
    invariants_.look_for_secrets(error.message);
    if (telling()) note(format("{} {} {}: {}", process.name(), step.service, step.operation, error.message));
    if (error.provider_code == "RequestTimeTooSkewed" || error.provider_code == "RequestExpired" ||
        error.provider_code == "InvalidSignatureException") {
        ++outcome_.figures.seen[Seen::SignatureRefused];
        return;
    }
    // Who may list some names only is answered 403 about an object that is not there.
    const bool missing = step.operation == "GetObject" && error.provider_code == "AccessDenied";
    const bool wrong = (error.code == ErrorCode::PermissionDenied && !missing) ||
                       error.provider_code == "InvalidAction" || error.code == ErrorCode::InvalidArgument;
    if (wrong)
        outcome_.findings.push_back(
            {.invariant = Invariant::CallsAreRight,
             .what = format("{} {} {}: {}", process.name(), step.service, step.operation, error.describe()),
             .at = engine_.now()});
}

void Simulation::mix(std::string_view text) {
    const auto add = [&](std::uint64_t value) { outcome_.trace = (outcome_.trace ^ value) * 0x100000001b3; };
    add(static_cast<std::uint64_t>(engine_.now().time_since_epoch().count()));
    for (const char letter : text) add(static_cast<unsigned char>(letter));
}

}  // namespace

Outcome simulate(const Scenario& scenario, Story story) { return Simulation(scenario, story).run(); }

}  // namespace k3fleet::sim
