#include "tests/sim/setup_drills.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/simcloud/troubles.h"
#include "base/prng.h"
#include "base/text.h"
#include "core/model/resource_names.h"
#include "tests/sim/operator.h"

namespace k3fleet::sim {
namespace {

constexpr std::int64_t kExercises = 12;  // Into which the points of a command are divided.
constexpr std::uint64_t kTroubledDaily = 40;
constexpr std::uint64_t kTroubledNightly = 1'000;
// Somebody who was killed keeps the project's lease for five minutes.
constexpr std::chrono::minutes kUntilFree{6};

Result<std::size_t> give(SetupCommand command, Operator& person) {
    switch (command) {
        case SetupCommand::Init: return person.init();
        case SetupCommand::Create: return person.create(std::string(demo_cluster_file));
        case SetupCommand::Delete: return person.destroy(model::ClusterName("demo"));
        case SetupCommand::Uninit: break;
    }
    return person.uninit();
}

// Counts calls, each of which takes a moment, and kills at one of them, or lets some fail.
class Way final : public simcloud::Gate {
public:
    explicit Way(simcloud::Engine& engine) : engine_(engine) {}
    void die_at(std::int64_t point) { death_ = point; }
    void fail_by(std::uint64_t seed) { dice_.emplace(seed); }

    std::int64_t calls() const { return calls_; }
    bool dead() const { return dead_; }

    Status before(const simcloud::Step& step) override {
        if (dead_) return killed();
        engine_.advance(engine_.now() + std::chrono::milliseconds{40});
        lost_ = false;
        const std::int64_t call = calls_++;
        if (death_ == 2 * call) return die();
        return dice_ ? strike(step) : Status();
    }
    Status after(const simcloud::Step& step) override {
        if (death_ == 2 * (calls_ - 1) + 1) return die();
        if (!lost_) return {};
        return std::unexpected(error_of(simcloud::CallFault::LostAnswer, step.service));
    }
    Timestamp now() override { return engine_.now(); }
    Status wait(Timestamp until) override {
        if (dead_) return killed();
        engine_.advance(until);
        return {};
    }

private:
    static std::unexpected<Error> killed() { return fail(ErrorCode::Cancelled, "the process was killed"); }
    Status die() {
        dead_ = true;
        return killed();
    }
    Status strike(const simcloud::Step& step) {
        using simcloud::CallFault;
        constexpr double kEach = 0.03;
        for (const CallFault fault :
             {CallFault::Throttled, CallFault::ServerError, CallFault::Unsent, CallFault::LostAnswer}) {
            if (!dice_->chance(kEach)) continue;
            if (fault == CallFault::LostAnswer) {
                lost_ = true;
                return {};
            }
            return std::unexpected(error_of(fault, step.service));
        }
        return {};
    }

    simcloud::Engine& engine_;
    std::int64_t calls_ = 0;
    std::int64_t death_ = -1;
    bool dead_ = false;
    bool lost_ = false;
    std::optional<Prng> dice_;
};

Result<std::size_t> give(SetupCommand command, simcloud::Engine& engine, Way& way, std::uint64_t run) {
    Operator person(engine, way, demo_project(), run);
    return give(command, person);
}

std::string in_words(const std::map<std::string, std::size_t>& wanted,
                     const std::map<std::string, std::size_t>& found) {
    std::vector<std::string> lines;
    for (const auto& [what, count] : wanted)
        if (found.at(what) != count)
            lines.push_back(format("{} {} instead of {}", found.at(what), what, count));
    return join(lines, ", ");
}

// After something went wrong: the same command again, with nothing in its way.
struct Undisturbed {
    std::map<std::string, std::size_t> things;
    std::int64_t calls = 0;
};
void go_on(SetupCommand command, simcloud::Engine& engine, const std::string& what,
           const Undisturbed& undisturbed, Tally& tally) {
    engine.advance(engine.now() + kUntilFree);
    Way free(engine);
    const auto again = give(command, engine, free, 2);
    // A deletion whose last step was done has nothing to do any more.
    const bool gone = !again && command == SetupCommand::Delete && again.error().code == ErrorCode::NotFound;
    if (!again && !gone) return tally.fail(what, "given again: " + again.error().describe());
    const auto things = census(engine.state().account);
    if (things != undisturbed.things)
        return tally.fail(what, "given again: " + in_words(undisturbed.things, things));
    if (command == SetupCommand::Delete) return;
    const auto third = give(command, engine, free, 3);
    if (!third) return tally.fail(what, "given a third time: " + third.error().describe());
    if (*third != 0) tally.fail(what, format("a third time {} changes are made", *third));
}

Result<Undisturbed> run_undisturbed(SetupCommand command, const simcloud::WorldState& before) {
    simcloud::Engine engine(before);
    Way way(engine);
    K3F_TRY_WHILE(format("{} without trouble", to_string(command)), give(command, engine, way, 1));
    return Undisturbed{.things = census(engine.state().account), .calls = way.calls()};
}

}  // namespace

std::string_view to_string(SetupCommand command) {
    switch (command) {
        case SetupCommand::Init: return "init";
        case SetupCommand::Create: return "create";
        case SetupCommand::Delete: return "delete";
        case SetupCommand::Uninit: break;
    }
    return "uninit";
}

std::map<std::string, std::size_t> census(const simcloud::Account& account) {
    std::map<std::string, std::size_t> things = {
        {"VPCs", account.ec2.vpcs.size()},
        {"subnets", account.ec2.subnets.size()},
        {"security groups", account.ec2.groups.size()},
        {"network interfaces", account.ec2.interfaces.size()},
        {"elastic addresses", account.ec2.addresses.size()},
        {"route tables", account.ec2.tables.size()},
        {"internet gateways", account.ec2.gateways.size()},
        {"VPC endpoints", account.ec2.endpoints.size()},
        {"flow logs", account.ec2.flow_logs.size()},
        {"roles", account.roles.roles.size()},
        {"policies", account.roles.policies.size()},
        {"groups of people", account.roles.groups.size()},
        {"instance profiles", account.roles.profiles.size()},
        {"functions", account.functions.functions.size()},
        {"rules", account.event_rules.rules.size()},
        {"groups of schedules", account.schedules.groups.size()},
        {"alarms", account.alarms.alarms.size()},
        {"queues", account.queues.queues.size()},
        {"topics", account.topics.topics.size()},
        {"tables", account.dynamo.tables.size()},
        {"buckets", account.s3.buckets.size()},
        {"secrets", account.secrets.secrets.size()},
        {"documents", account.commands.documents.size()},
        {"log groups", account.log_groups.groups.size()},
        {"trails", account.trails.trails.size()},
        {"keys", account.keys.keys.size()},
    };
    for (const auto& [name, group] : account.schedules.groups) things["schedules"] += group.schedules.size();
    things.try_emplace("schedules", 0);
    // Those that are on their way out are gone when somebody looks.
    things["event sources"] = static_cast<std::size_t>(std::ranges::count_if(
        account.functions.sources, [](const auto& source) { return source.second.changing != "Deleting"; }));
    return things;
}

Result<simcloud::WorldState> world_before(SetupCommand command) {
    simcloud::WorldState state{.seed = 7};
    state.now = from_unix_millis(1'790'000'000'000);
    simcloud::Engine engine(std::move(state));
    Way way(engine);
    std::uint64_t run = 100;
    for (const SetupCommand former : {SetupCommand::Init, SetupCommand::Create, SetupCommand::Delete}) {
        if (former == command) break;
        K3F_TRY_WHILE(format("preparing for {}", to_string(command)), give(former, engine, way, ++run));
    }
    return std::move(engine.state());
}

void try_setup_deaths(SetupCommand command, std::int64_t first, std::int64_t stride, Tally& tally) {
    const auto before = world_before(command);
    if (!before) return tally.fail(std::string(to_string(command)), before.error().describe());
    const auto undisturbed = run_undisturbed(command, *before);
    ++tally.runs;
    if (!undisturbed) return tally.fail(std::string(to_string(command)), undisturbed.error().describe());
    for (std::int64_t point = first; point < 2 * undisturbed->calls; point += stride) {
        simcloud::Engine engine(*before);
        Way way(engine);
        way.die_at(point);
        const auto killed = give(command, engine, way, 1);
        ++tally.runs;
        ++tally.points;
        const std::string what = format("{}: death at {}", to_string(command), point);
        // Whether it goes one way or another is drawn from the run, and the same here.
        if (!way.dead()) tally.fail(what, "nobody died");
        go_on(command, engine, what, *undisturbed, tally);
    }
}

void try_setup_troubles(SetupCommand command, std::uint64_t seed, Tally& tally) {
    const auto before = world_before(command);
    if (!before) return tally.fail(std::string(to_string(command)), before.error().describe());
    const auto undisturbed = run_undisturbed(command, *before);
    if (!undisturbed) return tally.fail(std::string(to_string(command)), undisturbed.error().describe());
    simcloud::Engine engine(*before);
    Way way(engine);
    way.fail_by(seed);
    (void)give(command, engine, way, 1);
    ++tally.runs;
    go_on(command, engine, format("{}: troubles of {}", to_string(command), seed), *undisturbed, tally);
}

void add_setups(std::vector<Exercise>& all, Volume volume) {
    const std::uint64_t troubled = volume == Volume::Daily ? kTroubledDaily : kTroubledNightly;
    for (const SetupCommand command :
         {SetupCommand::Init, SetupCommand::Create, SetupCommand::Delete, SetupCommand::Uninit}) {
        for (std::int64_t first = 0; first < kExercises; ++first)
            all.push_back({.drill = format("setup {}", to_string(command)), .run = [=](Tally& tally) {
                               try_setup_deaths(command, first, kExercises, tally);
                           }});
        for (std::uint64_t seed = 1; seed <= troubled; ++seed)
            all.push_back({.drill = format("setup troubled {}", to_string(command)),
                           .run = [=](Tally& tally) { try_setup_troubles(command, seed, tally); }});
    }
}

}  // namespace k3fleet::sim
