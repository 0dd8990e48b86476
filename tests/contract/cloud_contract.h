// What every implementation of ports::Cloud must do. A backend is a fresh account with one cluster in project
// "shop", zones ap-southeast-1a and -1b, and a way to let time pass:
//
//   struct Backend {
//       explicit Backend(const std::string& cluster);
//       ports::Cloud& cloud();
//       void settle();  // Until what was launched shows and runs, and what was ended is gone.
//   };
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "core/cost/catalogue.h"
#include "ports/cloud.h"

namespace k3fleet::contract {

template <typename Backend>
class CloudContract : public ::testing::Test {
protected:
    ports::Cloud& cloud() { return backend_.cloud(); }
    ports::LaunchRequest worker(const std::string& token) const {
        return {.project = model::ProjectName("shop"),
                .cluster = name,
                .role = model::Role::Worker,
                .pool = model::PoolName("default"),
                .offering = {.instance_type = "t3.medium", .zone = "ap-southeast-1a"},
                .token = model::Token(token)};
    }
    ports::LaunchRequest master(const std::string& token, int slot = 0) const {
        ports::LaunchRequest request = worker(token);
        request.role = model::Role::Master;
        request.pool = {};
        request.slot = slot;
        request.offering.instance_type = "t4g.small";
        return request;
    }
    model::Instance launched(const ports::LaunchRequest& request) {
        auto instance = cloud().launch(request);
        EXPECT_TRUE(instance.has_value()) << (instance ? "" : instance.error().describe());
        return instance.value_or(model::Instance{});
    }
    std::vector<model::Instance> listed() {
        auto list = cloud().instances(name);
        EXPECT_TRUE(list.has_value()) << (list ? "" : list.error().describe());
        return list.value_or(std::vector<model::Instance>{});
    }
    ErrorCode refusal(const ports::LaunchRequest& request) {
        const auto instance = cloud().launch(request);
        return instance ? ErrorCode::Internal : instance.error().code;
    }
    static model::Terminate end_of(const model::Instance& instance) {
        return {.instance = instance.id, .role = instance.role, .pool = instance.pool};
    }

    const model::ClusterName name{"demo"};
    Backend backend_{"demo"};
};

TYPED_TEST_SUITE_P(CloudContract);

TYPED_TEST_P(CloudContract, ALaunchedMachineShowsUpWithAllThatWasAskedFor) {
    auto request = this->worker("one");
    request.offering.market = model::Market::Spot;
    request.offering.zone = "ap-southeast-1b";
    const auto made = this->launched(request);
    const auto second = this->launched(this->master("two", 0));
    this->backend_.settle();
    const auto list = this->listed();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_TRUE(std::ranges::is_sorted(list, {}, &model::Instance::id));
    const auto worker = std::ranges::find(list, made.id, &model::Instance::id);
    ASSERT_NE(worker, list.end());
    EXPECT_EQ(worker->role, model::Role::Worker);
    EXPECT_EQ(worker->pool.str(), "default");
    EXPECT_EQ(worker->slot, -1);
    EXPECT_EQ(worker->state, model::InstanceState::Running);
    EXPECT_EQ(worker->offering.instance_type, "t3.medium");
    EXPECT_EQ(worker->offering.zone, "ap-southeast-1b");
    EXPECT_EQ(worker->offering.market, model::Market::Spot);
    EXPECT_EQ(worker->offering.cpu, Millicores{2000});
    EXPECT_EQ(worker->launch_token.str(), "one");
    EXPECT_FALSE(worker->interruption_at.has_value());
    const auto master = std::ranges::find(list, second.id, &model::Instance::id);
    ASSERT_NE(master, list.end());
    EXPECT_EQ(master->role, model::Role::Master);
    EXPECT_EQ(master->slot, 0);
    EXPECT_TRUE(master->pool.empty());
    EXPECT_EQ(master->offering.market, model::Market::OnDemand);
}

TYPED_TEST_P(CloudContract, ATokenGivesTheSameMachineAgain) {
    const auto first = this->launched(this->worker("token"));
    EXPECT_EQ(this->launched(this->worker("token")).id, first.id);
    this->backend_.settle();
    EXPECT_EQ(this->launched(this->worker("token")).id, first.id);
    EXPECT_EQ(this->listed().size(), 1U);
    EXPECT_NE(this->launched(this->worker("another")).id, first.id);
}

TYPED_TEST_P(CloudContract, ATokenGivesTheSameMachineAgainAfterItHasEnded) {
    const auto first = this->launched(this->worker("token"));
    ASSERT_TRUE(this->cloud().terminate(this->name, this->end_of(first)).has_value());
    EXPECT_EQ(this->launched(this->worker("token")).id, first.id);
    this->backend_.settle();
    const auto again = this->launched(this->worker("token"));
    EXPECT_EQ(again.id, first.id);
    EXPECT_FALSE(again.alive());
}

TYPED_TEST_P(CloudContract, ATokenWithOtherParametersIsRefused) {
    this->launched(this->worker("token"));
    auto other = this->worker("token");
    other.offering.instance_type = "t3.large";
    EXPECT_EQ(this->refusal(other), ErrorCode::InvalidArgument);
    other = this->worker("token");
    other.pool = model::PoolName("second");
    EXPECT_EQ(this->refusal(other), ErrorCode::InvalidArgument);
    this->backend_.settle();
    EXPECT_EQ(this->listed().size(), 1U);
}

TYPED_TEST_P(CloudContract, EightThreadsWithOneTokenLaunchOneMachine) {
    std::vector<std::string> ids(8);
    {
        std::vector<std::jthread> threads;
        for (std::string& id : ids)
            threads.emplace_back([this, &id] { id = this->launched(this->worker("token")).id.str(); });
    }
    EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 1U);
    this->backend_.settle();
    EXPECT_EQ(this->listed().size(), 1U);
}

TYPED_TEST_P(CloudContract, FindsWhatATokenLaunched) {
    const auto first = this->launched(this->worker("a"));
    this->launched(this->worker("b"));
    this->backend_.settle();
    const auto found = this->cloud().launched_with(this->name, model::Token("a"));
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().id, first.id);
    EXPECT_TRUE(this->cloud().launched_with(this->name, model::Token("c"))->empty());
}

TYPED_TEST_P(CloudContract, EndsOnlyWhatIsWhatItWasTakenFor) {
    const auto worker = this->launched(this->worker("w"));
    const auto master = this->launched(this->master("m"));
    this->backend_.settle();
    auto target = this->end_of(worker);
    target.pool = model::PoolName("second");
    EXPECT_EQ(this->cloud().terminate(this->name, target).error().code, ErrorCode::Refused);
    target = this->end_of(master);
    target.role = model::Role::Worker;
    EXPECT_EQ(this->cloud().terminate(this->name, target).error().code, ErrorCode::Refused);
    this->backend_.settle();
    for (const auto& instance : this->listed()) EXPECT_TRUE(instance.alive());
    for (const auto& instance : {worker, master}) {
        EXPECT_TRUE(this->cloud().terminate(this->name, this->end_of(instance)).has_value());
        EXPECT_TRUE(this->cloud().terminate(this->name, this->end_of(instance)).has_value()) << "again";
    }
    this->backend_.settle();
    for (const auto& instance : this->listed()) EXPECT_FALSE(instance.alive());
}

TYPED_TEST_P(CloudContract, RefusesSenselessLaunches) {
    EXPECT_EQ(this->refusal(this->worker("")), ErrorCode::InvalidArgument);
    auto request = this->worker("a");
    request.pool = {};
    EXPECT_EQ(this->refusal(request), ErrorCode::InvalidArgument);
    request = this->worker("b");
    request.slot = 1;
    EXPECT_EQ(this->refusal(request), ErrorCode::InvalidArgument);
    EXPECT_EQ(this->refusal(this->master("c", 3)), ErrorCode::InvalidArgument);
    request = this->worker("d");
    request.project = model::ProjectName("other");
    EXPECT_EQ(this->refusal(request), ErrorCode::InvalidArgument);
    this->backend_.settle();
    EXPECT_TRUE(this->listed().empty());
}

TYPED_TEST_P(CloudContract, OffersTheIntentsTypesInItsZonesOnBothMarkets) {
    model::ClusterIntent intent;
    intent.project = model::ProjectName("shop");
    intent.name = this->name;
    intent.region = "ap-southeast-1";
    intent.zones = {"ap-southeast-1b", "ap-southeast-1a"};
    intent.master_type = "t4g.small";
    intent.pools = {{.name = model::PoolName("a"), .instance_types = {"t3.medium", "t3.large"}},
                    {.name = model::PoolName("b"), .instance_types = {"t3.medium"}}};
    const auto offers = this->cloud().offerings(intent);
    ASSERT_TRUE(offers.has_value()) << offers.error().describe();
    std::vector<std::string> shown;
    for (const auto& offer : *offers) {
        const bool spot = offer.market == model::Market::Spot;
        shown.push_back(format("{} {}{}", offer.instance_type, offer.zone.back(), spot ? " spot" : ""));
        EXPECT_GT(offer.price.micro_usd, 0);
        EXPECT_GT(offer.memory.count, 0);
        if (spot) continue;
        EXPECT_EQ(offer.price, *cost::Catalogue::builtin().price(offer.instance_type, intent.region));
    }
    std::vector<std::string> all;  // Of pools, NAT instance and masters.
    for (const char* type : {"t3.large", "t3.medium", "t4g.nano", "t4g.small"})
        for (const char* rest : {" a", " a spot", " b", " b spot"}) all.push_back(std::string(type) + rest);
    EXPECT_EQ(shown, all);
}

TYPED_TEST_P(CloudContract, ListsWhatCostsMoney) {
    const auto worker = this->launched(this->worker("w"));
    const auto ended = this->launched(this->worker("e"));
    this->backend_.settle();
    ASSERT_TRUE(this->cloud().terminate(this->name, this->end_of(ended)).has_value());
    this->backend_.settle();
    const auto all = this->cloud().resources(model::ProjectName("shop"));
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->size(), 1U);
    EXPECT_EQ(all->front().id, worker.id.str());
    EXPECT_EQ(all->front().kind, "instance");
    EXPECT_EQ(all->front().cluster, this->name);
    EXPECT_EQ(all->front().state, "running");
    EXPECT_TRUE(this->cloud().resources(model::ProjectName("nobody"))->empty());
}

REGISTER_TYPED_TEST_SUITE_P(CloudContract, ALaunchedMachineShowsUpWithAllThatWasAskedFor,
                            ATokenGivesTheSameMachineAgain, ATokenGivesTheSameMachineAgainAfterItHasEnded,
                            ATokenWithOtherParametersIsRefused, EightThreadsWithOneTokenLaunchOneMachine,
                            FindsWhatATokenLaunched, EndsOnlyWhatIsWhatItWasTakenFor,
                            RefusesSenselessLaunches, OffersTheIntentsTypesInItsZonesOnBothMarkets,
                            ListsWhatCostsMoney);

}  // namespace k3fleet::contract
