// Drills of a person's commands on an account: `init`, `cluster create`, `cluster delete`, `uninit`, each
// killed before and after every call that it makes, and each on a day when calls fail. Afterwards the same
// command is given again, and then all must be as if nothing had happened: everything there once,
// nothing left over.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/engine.h"
#include "tests/sim/drills.h"

namespace k3fleet::sim {

enum class SetupCommand { Init, Create, Delete, Uninit };
std::string_view to_string(SetupCommand command);

// How many there are of each kind of thing in the simulated account.
std::map<std::string, std::size_t> census(const simcloud::Account& account);

// The world before a command: made by those before it. Null, with the reason, if one of them fails.
Result<simcloud::WorldState> world_before(SetupCommand command);

// Killed at every `stride`th point from the `first` on: 2n is before call n, 2n + 1 after it was done.
void try_setup_deaths(SetupCommand command, std::int64_t first, std::int64_t stride, Tally& tally);
// One run in which calls fail by chance.
void try_setup_troubles(SetupCommand command, std::uint64_t seed, Tally& tally);

void add_setups(std::vector<Exercise>& all, Volume volume);

}  // namespace k3fleet::sim
