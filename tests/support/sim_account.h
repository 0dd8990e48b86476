// A simulated AWS account with one furnished cluster, for tests of what works on AWS.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/simcloud/aws/furnish.h"
#include "adapters/simcloud/aws/rights.h"
#include "adapters/simcloud/aws/sim_api.h"
#include "adapters/simcloud/engine.h"
#include "core/iam/policies.h"
#include "ports/clock.h"

namespace k3fleet::support {

// The engine's clock as a port: waiting is a jump.
class EngineClock final : public ports::Clock {
public:
    explicit EngineClock(simcloud::Engine& engine) : engine_(engine) {}
    Timestamp now() override { return engine_.now(); }
    Status sleep_until(Timestamp until) override {
        engine_.advance(until);
        return {};
    }

private:
    simcloud::Engine& engine_;
};

struct SimAccount {
    explicit SimAccount(const std::string& cluster = "demo")
        : scope{.project = model::ProjectName("shop"),
                .cluster = model::ClusterName(cluster),
                .account = simcloud::Account{}.number,
                .region = simcloud::Account{}.region,
                .home_region = simcloud::Account{}.region} {
        simcloud::ClusterSetup setup{.project = scope.project, .name = scope.cluster, .region = scope.region};
        setup.zones = {scope.region + "a", scope.region + "b"};
        const Status added = engine.add_cluster(setup);
        EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().describe());
        const Status furnished =
            simcloud::furnish(api, engine.state(), {.scope = scope, .zones = setup.zones, .masters = 3});
        EXPECT_TRUE(furnished.has_value()) << (furnished ? "" : furnished.error().describe());
    }

    // The account as this principal may use it.
    std::unique_ptr<aws::Api> as(iam::Principal who) {
        auto rights =
            simcloud::Rights::of(who, {.scope = scope, .clusters = {scope.cluster}, .keys = iam::Keys::Aws});
        EXPECT_TRUE(rights.has_value()) << (rights ? "" : rights.error().describe());
        rights_.push_back(*std::move(rights));
        return std::make_unique<simcloud::SimApi>(engine, rights_.back()->arn(), rights_.back().get());
    }
    void pass(Duration span) { engine.advance(engine.now() + span); }

    static simcloud::WorldState fresh() {
        simcloud::WorldState state{.seed = 7};
        state.now = from_unix_millis(1'790'000'000'000);
        return state;
    }

    const model::Scope scope;
    simcloud::Engine engine{fresh()};
    simcloud::SimApi api{engine, "arn:aws:iam::111122223333:root", nullptr};
    EngineClock clock{engine};

private:
    std::vector<std::unique_ptr<simcloud::Rights>> rights_;
};

}  // namespace k3fleet::support
