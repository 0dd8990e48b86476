// A simulated AWS account with nothing in it, for tests of its services.
#pragma once

#include <string>

#include "adapters/simcloud/aws/sim_api.h"
#include "adapters/simcloud/engine.h"
#include "base/error.h"
#include "base/result.h"

namespace k3fleet::support {

struct BareAccount {
    explicit BareAccount(std::uint64_t seed = 7) : engine(fresh(seed)) {}

    void pass(Duration span) { engine.advance(engine.now() + span); }
    simcloud::Account& account() { return engine.state().account; }

    // AWS's code of a refusal; empty: it was done.
    template <typename Request>
    std::string code(const Request& request) {
        const auto answer = api.call(request);
        return answer ? std::string() : answer.error().provider_code;
    }
    // Code and text: "ValidationException: ..."
    template <typename Request>
    std::string refusal(const Request& request) {
        const auto answer = api.call(request);
        return answer ? std::string() : answer.error().provider_code + ": " + answer.error().message;
    }

    static simcloud::WorldState fresh(std::uint64_t seed) {
        simcloud::WorldState state{.seed = seed};
        state.now = from_unix_millis(1'790'000'000'000);
        return state;
    }

    simcloud::Engine engine;
    simcloud::SimApi api{engine, "arn:aws:iam::111122223333:root", nullptr};
};

}  // namespace k3fleet::support
