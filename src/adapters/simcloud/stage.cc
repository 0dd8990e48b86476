#include "adapters/simcloud/stage.h"

#include <utility>

#include "adapters/simcloud/aws/furnish.h"
#include "base/check.h"
#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::simcloud {
namespace {

WorldState world_of(const Stage::Options& options) {
    WorldState state{.seed = options.seed};
    state.now = options.start;
    state.account.region = options.setup.region;
    return state;
}

}  // namespace

Stage::Process::Process(Stage& stage, model::Loop loop, std::uint64_t number)
    : gate(stage, format("{}-{}", model::to_string(loop), number)),
      controller(stage.engine_, gate, *stage.rights_.at(loop), stage.scope_,
                 stage.options_.seed * 1'000'000 + number, Controller::Packing::Plain) {}

Stage::Stage(Options options, model::Scope scope)
    : options_(std::move(options)),
      scope_(std::move(scope)),
      engine_(world_of(options_)),
      dice_(Prng(options_.seed).fork(1)),
      troubles_(options_.faults.troubles, dice_) {}

Result<std::unique_ptr<Stage>> Stage::make(Options options) {
    model::Scope scope = scope_of(Account{}, options.setup);
    std::unique_ptr<Stage> stage(new Stage(std::move(options), std::move(scope)));
    K3F_TRY(stage->furnish_all());
    return stage;
}

Status Stage::furnish_all() {
    K3F_TRY(engine_.add_cluster(options_.setup));
    SimApi root = SimApi::root(engine_);
    K3F_TRY(furnish(root, engine_.state(),
                    {.scope = scope_, .zones = options_.setup.zones, .masters = options_.masters}));
    for (const model::Loop loop : {model::Loop::Infra, model::Loop::Workers})
        rights_[loop] = K3F_TRY(Rights::of(
            principal_of(loop), {.scope = scope_, .clusters = {scope_.cluster}, .keys = iam::Keys::Aws}));
    for (const Fault& fault : options_.faults.faults) engine_.add_fault(fault);
    return {};
}

const SimCluster& Stage::cluster() {
    const auto found = engine_.find_cluster(scope_.cluster, Engine::Removed::Accept);
    K3F_CHECK(found.has_value());
    return **found;
}

std::vector<Duration> Stage::starts() {
    const Starts& starts = options_.faults.starts;
    if (calm()) return {Duration::zero()};
    if (dice_.chance(starts.skipped)) return {};
    if (dice_.chance(starts.late)) return {Duration{static_cast<std::int64_t>(dice_.below(90'000))}};
    if (dice_.chance(starts.doubled))
        return {Duration::zero(), Duration{static_cast<std::int64_t>(dice_.below(3'000))}};
    return {Duration::zero()};
}

Stage::Life Stage::process(model::Loop loop, Timestamp deadline) {
    auto& process = processes_[loop];
    if (process && process->gate.dead()) {
        ++deaths_;
        process.reset();
    }
    if (!process) process = std::make_unique<Process>(*this, loop, ++made_);
    process->gate.begin_life(deadline, calm() ? Fortune{} : draw_fortune(options_.faults.starts, dice_));
    return {.controller = process->controller, .name = process->gate.name()};
}

bool Stage::died(model::Loop loop) const {
    const auto found = processes_.find(loop);
    return found != processes_.end() && found->second->gate.dead();
}

std::optional<std::pair<Error, bool>> Stage::strike(Mortal&, const Step& step) {
    ++calls_;
    const auto fault = troubles_.strike(step, engine_.now());
    if (!fault) return std::nullopt;
    return std::pair(error_of(*fault, step.service), *fault == CallFault::LostAnswer);
}

}  // namespace k3fleet::simcloud
