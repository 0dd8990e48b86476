// Instances and nodes: what a launch, a boot, a termination, a spot notice and a loss look like from outside.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/sim_world.h"

namespace k3fleet::simcloud {
namespace {

using model::InstanceState;

using Machines = SimWorld;

TEST_F(Machines, BootJoinRunAndEnd) {
    const model::Instance master_instance = launch(master("m0"));
    EXPECT_EQ(master_instance.state, InstanceState::Pending);
    EXPECT_EQ(master_instance.id.str().size(), 19U);
    EXPECT_EQ(master_instance.launched_at, kStart);
    EXPECT_EQ(master_instance.launch_token, model::Token("m0"));
    EXPECT_GT(master_instance.offering.price.micro_usd, 0);
    EXPECT_EQ(master_instance.offering.cpu, Millicores{2000});
    EXPECT_EQ(kubernetes->nodes().error().code, ErrorCode::Unavailable) << "no API server yet";
    pass(minutes{1});
    EXPECT_EQ(seen(master_instance.id).state, InstanceState::Running);
    pass(minutes{2});
    ASSERT_EQ(kubernetes->nodes().value().size(), 1U);
    const model::Node node = kubernetes->nodes().value().front();
    EXPECT_TRUE(node.ready);
    EXPECT_EQ(node.instance, master_instance.id);
    EXPECT_GE(node.created_at - kStart, seconds{45});

    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(master_instance)));
    EXPECT_EQ(seen(master_instance.id).state, InstanceState::ShuttingDown);
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(master_instance))) << "a second time";
    pass(minutes{1});
    EXPECT_EQ(seen(master_instance.id).state, InstanceState::Terminated);
    pass(minutes{61});
    EXPECT_TRUE(sim->cloud().instances(demo).value().empty()) << "forgotten after an hour";
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(master_instance))) << "long gone is not an error";
}

TEST_F(Machines, BootTimesVaryAroundTheirMedian) {
    launch(master("m0"));
    pass(minutes{3});
    std::vector<double> to_ready;
    for (int i = 0; i < 60; ++i) launch(worker(format("w{}", i)));
    const Timestamp launched = sim->now();
    pass(minutes{5});
    for (const model::Node& node : workers()) {
        to_ready.push_back(static_cast<double>((node.created_at - launched).count()) / 1000);
    }
    ASSERT_EQ(to_ready.size(), 60U);
    std::ranges::sort(to_ready);
    EXPECT_GT(to_ready.front(), 50);
    EXPECT_LT(to_ready.back(), 120);
    EXPECT_NEAR(to_ready[30], 75, 8);
    EXPECT_GT(std::set<double>(to_ready.begin(), to_ready.end()).size(), 50U);
}

TEST_F(Machines, DescribeMissesSomeLaunchesForSeconds) {
    int missed = 0;
    for (int i = 0; i < 40; ++i) {
        const auto id = launch(worker(format("w{}", i))).id;
        const auto list = sim->cloud().instances(demo).value();
        const bool there = std::ranges::any_of(list, [&](const auto& instance) { return instance.id == id; });
        EXPECT_EQ(sim->cloud().launched_with(demo, model::Token(format("w{}", i))).value().size(),
                  there ? 1U : 0U);
        missed += there ? 0 : 1;
    }
    EXPECT_GT(missed, 10);
    EXPECT_LT(missed, 30);
    pass(seconds{5});
    const auto list = sim->cloud().instances(demo).value();
    EXPECT_EQ(list.size(), 40U);
    EXPECT_TRUE(std::ranges::is_sorted(list, {}, &model::Instance::id));
    EXPECT_EQ(sim->cloud().launched_with(demo, model::Token("w3")).value().size(), 1U);
    EXPECT_TRUE(sim->cloud().launched_with(demo, model::Token("never")).value().empty());
}

TEST_F(Machines, TheSameTokenNeverBuysTwice) {
    const model::Instance first = launch(worker("t"));
    EXPECT_EQ(launch(worker("t")).id, first.id);
    pass(minutes{2});
    EXPECT_EQ(launch(worker("t")).id, first.id);
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(first)));
    pass(hours{48});
    const auto again = sim->cloud().launch(worker("t"));
    ASSERT_FALSE(again) << "nothing is bought for a token that was used";
    EXPECT_EQ(again.error().code, ErrorCode::Conflict);
    EXPECT_NE(launch(worker("u")).id, first.id);
    EXPECT_EQ(sim->report(demo).value().totals.launches, 2);
}

TEST_F(Machines, ATokenNeverMeetsOtherParameters) {
    launch(worker("t"));
    using Change = std::function<void(ports::LaunchRequest&)>;
    const std::vector<std::pair<std::string, Change>> changes{
        {"type", [](auto& r) { r.offering.instance_type = "t3.large"; }},
        {"zone", [](auto& r) { r.offering.zone = "ap-southeast-1b"; }},
        {"market", [](auto& r) { r.offering.market = model::Market::Spot; }},
        {"pool", [](auto& r) { r.pool = model::PoolName("batch"); }},
        {"role", [](auto& r) { r = master("t"); }},
        {"cluster", [](auto& r) { r.cluster = model::ClusterName("second"); }},
    };
    ASSERT_TRUE(sim->add_cluster(small_cluster("second")));
    for (const auto& [what, change] : changes) {
        ports::LaunchRequest request = worker("t");
        change(request);
        const auto refused = sim->cloud().launch(request);
        ASSERT_FALSE(refused) << what;
        EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument) << what;
        EXPECT_NE(refused.error().message.find("other parameters"), std::string::npos) << what;
    }
    EXPECT_EQ(sim->report(demo).value().totals.launches, 1);
}

TEST_F(Machines, NonsenseIsRefused) {
    using Change = std::function<void(ports::LaunchRequest&)>;
    const std::vector<std::tuple<std::string, ErrorCode, Change>> changes{
        {"no token", ErrorCode::InvalidArgument, [](auto& r) { r.token = {}; }},
        {"unknown cluster", ErrorCode::NotFound, [](auto& r) { r.cluster = model::ClusterName("nowhere"); }},
        {"foreign project", ErrorCode::InvalidArgument,
         [](auto& r) { r.project = model::ProjectName("other"); }},
        {"foreign zone", ErrorCode::NotFound, [](auto& r) { r.offering.zone = "eu-west-1a"; }},
        {"unknown type", ErrorCode::InvalidArgument, [](auto& r) { r.offering.instance_type = "t9.huge"; }},
        {"worker without pool", ErrorCode::InvalidArgument, [](auto& r) { r.pool = {}; }},
        {"worker with slot", ErrorCode::InvalidArgument, [](auto& r) { r.slot = 1; }},
        {"master without slot", ErrorCode::InvalidArgument, [](auto& r) { r = master("t", -1); }},
        {"fourth master", ErrorCode::InvalidArgument, [](auto& r) { r = master("t", 3); }},
    };
    for (const auto& [what, code, change] : changes) {
        ports::LaunchRequest request = worker("t");
        change(request);
        const auto refused = sim->cloud().launch(request);
        ASSERT_FALSE(refused) << what;
        EXPECT_EQ(refused.error().code, code) << what << ": " << refused.error().message;
    }
    launch(worker("t"));
    EXPECT_EQ(sim->cloud().instances(model::ClusterName("nowhere")).error().code, ErrorCode::NotFound);
}

TEST_F(Machines, TerminateRefusesWhatIsNotMeant) {
    ASSERT_TRUE(sim->add_cluster(small_cluster("second")));
    const model::Instance instance = launch(worker("t"));
    pass(seconds{10});  // What lists do not show yet cannot be judged.
    model::Terminate target = end_of(instance);
    EXPECT_EQ(sim->cloud().terminate(model::ClusterName("second"), target).error().code, ErrorCode::Refused);
    target.pool = model::PoolName("batch");
    EXPECT_EQ(sim->cloud().terminate(demo, target).error().code, ErrorCode::Refused);
    target = end_of(instance);
    target.role = model::Role::Master;
    EXPECT_EQ(sim->cloud().terminate(demo, target).error().code, ErrorCode::Refused);
    target = end_of(instance);
    target.instance = model::InstanceId("i-00000000000000000");
    EXPECT_TRUE(sim->cloud().terminate(demo, target)) << "what is not there is gone";
    EXPECT_TRUE(seen(instance.id).alive());
}

TEST_F(Machines, NoCapacityOnlyWhereItIsSaid) {
    ASSERT_TRUE(sim->add_fault({.at = kStart + minutes{1},
                                .kind = FaultKind::NoCapacity,
                                .duration = minutes{10},
                                .argument = "*/ap-southeast-1a/spot"}));
    EXPECT_EQ(
        sim->add_fault({.at = kStart, .kind = FaultKind::NoCapacity, .argument = "t3.medium"}).error().code,
        ErrorCode::InvalidArgument);
    const auto try_launch = [&](const std::string& token, model::Market market, const std::string& zone) {
        ports::LaunchRequest request = worker(token);
        request.offering = offering("t3.medium", market, zone);
        return sim->cloud().launch(request);
    };
    EXPECT_TRUE(try_launch("before", model::Market::Spot, "ap-southeast-1a"));
    pass(minutes{1});
    const auto none = try_launch("a", model::Market::Spot, "ap-southeast-1a");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::NoCapacity);
    EXPECT_TRUE(try_launch("b", model::Market::Spot, "ap-southeast-1b"));
    EXPECT_TRUE(try_launch("c", model::Market::OnDemand, "ap-southeast-1a"));
    pass(minutes{10});
    EXPECT_TRUE(try_launch("a", model::Market::Spot, "ap-southeast-1a")) << "a refused token was not used up";
}

TEST_F(Machines, SpotNoticeComesTwoMinutesAhead) {
    launch(master("m0"));
    ports::LaunchRequest request = worker("s0");
    request.offering.market = model::Market::Spot;
    const model::Instance spot = launch(request);
    const model::Instance steady_one = launch(worker("w0"));
    ASSERT_TRUE(sim->add_fault({.at = kStart + minutes{10}, .kind = FaultKind::SpotInterruption}));
    pass(minutes{10} - Duration{1});
    EXPECT_FALSE(seen(spot.id).interruption_at.has_value());
    pass(Duration{1});
    EXPECT_EQ(seen(spot.id).interruption_at, kStart + minutes{12});
    EXPECT_FALSE(seen(steady_one.id).interruption_at.has_value());
    pass(minutes{2} - Duration{1});
    EXPECT_EQ(seen(spot.id).state, InstanceState::Running);
    pass(Duration{1});
    EXPECT_EQ(seen(spot.id).state, InstanceState::ShuttingDown);
    EXPECT_EQ(seen(steady_one.id).state, InstanceState::Running);
    EXPECT_EQ(sim->report(demo).value().totals.reclaimed, 1);
    EXPECT_EQ(sim->report(demo).value().totals.terminations, 0);
}

TEST_F(Machines, SpotNoticeWaitsForAVictim) {
    ASSERT_TRUE(sim->add_fault({.at = kStart, .kind = FaultKind::SpotInterruption, .duration = minutes{10}}));
    pass(minutes{2});
    ports::LaunchRequest request = worker("s0");
    request.offering.market = model::Market::Spot;
    const model::Instance spot = launch(request);
    pass(minutes{2});
    EXPECT_TRUE(seen(spot.id).interruption_at.has_value());
}

TEST_F(Machines, WorkersWaitForAMaster) {
    launch(worker("w0"));
    pass(minutes{30});
    EXPECT_EQ(kubernetes->nodes().error().code, ErrorCode::Unavailable);
    launch(master("m0"));
    pass(minutes{3});
    EXPECT_EQ(ready_workers(), 1);
}

TEST_F(Machines, ThreeMastersBearTheLossOfOneButNotOfTwo) {
    std::vector<model::Instance> masters;
    for (int slot = 0; slot < 3; ++slot) {
        masters.push_back(launch(master(format("m{}", slot), slot)));
        pass(minutes{3});
    }
    ASSERT_EQ(kubernetes->nodes().value().size(), 3U);
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(masters[0])));
    EXPECT_TRUE(kubernetes->nodes());
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(masters[1])));
    EXPECT_EQ(kubernetes->nodes().error().code, ErrorCode::Unavailable);
}

TEST_F(Machines, ALostNodeTurnsNotReadyAndStaysUntilItIsDeleted) {
    bring_up(2);
    const model::Node lost = workers().front();
    const model::Instance machine = seen(lost.instance);
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(machine)));
    pass(seconds{39});
    EXPECT_EQ(ready_workers(), 2) << "not noticed yet";
    pass(seconds{2});
    EXPECT_EQ(ready_workers(), 1);
    pass(hours{3});
    EXPECT_EQ(workers().size(), 2U) << "nobody else deletes it on K3s";

    model::DeleteNode request{.node = lost.name, .node_uid = model::Uid("another")};
    ASSERT_TRUE(kubernetes->delete_node(request)) << "another of its name is not touched";
    EXPECT_EQ(workers().size(), 2U);
    request.node_uid = lost.uid;
    ASSERT_TRUE(kubernetes->delete_node(request));
    ASSERT_TRUE(kubernetes->delete_node(request)) << "a second time";
    EXPECT_EQ(workers().size(), 1U);
}

TEST_F(Machines, ResourcesListsWhatExistsAndNothingAfterwards) {
    bring_up(2);
    const auto list = sim->cloud().resources(model::ProjectName("shop")).value();
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[0].kind, "instance");
    EXPECT_EQ(list[0].cluster, demo);
    EXPECT_EQ(std::ranges::count(list, "shop-demo-master-1", &ports::Resource::name), 1);
    EXPECT_TRUE(sim->cloud().resources(model::ProjectName("other")).value().empty());
    EXPECT_EQ(sim->remove_cluster(demo).error().code, ErrorCode::Refused);
    for (const model::Instance& instance : instances()) {
        ASSERT_TRUE(sim->cloud().terminate(demo, end_of(instance)));
    }
    pass(minutes{1});
    EXPECT_TRUE(sim->cloud().resources(model::ProjectName("shop")).value().empty());
    ASSERT_TRUE(sim->remove_cluster(demo));
    ASSERT_TRUE(sim->remove_cluster(demo)) << "a second time";
    EXPECT_TRUE(sim->cloud().instances(demo)) << "what has ended is still listed";
    EXPECT_EQ(sim->cloud().launch(worker("late")).error().code, ErrorCode::NotFound);
    ASSERT_TRUE(sim->add_cluster(small_cluster()));
    pass(minutes{11});  // The adapter remembers where machines are put for ten minutes.
    EXPECT_TRUE(sim->cloud().launch(worker("anew")));
}

TEST_F(Machines, CostsWhatTheCatalogueSays) {
    const model::Instance instance = launch(worker("w0"));
    pass(hours{10});
    ASSERT_TRUE(sim->cloud().terminate(demo, end_of(instance)));
    pass(hours{10});
    const double usd = sim->report(demo).value().totals.usd;
    EXPECT_NEAR(usd, instance.offering.price.dollars() * 10, instance.offering.price.dollars() * 0.02);

    ports::LaunchRequest request = worker("s0");
    request.offering.market = model::Market::Spot;
    launch(request);
    pass(hours{10});
    const double on_spot = sim->report(demo).value().totals.usd - usd;
    EXPECT_GT(on_spot, usd * kCheapestSpot * 0.98);
    EXPECT_LT(on_spot, usd * kDearestSpot);
}

TEST_F(Machines, OffersEachTypeInEachZoneOnBothMarketsInOrder) {
    model::ClusterIntent intent{
        .project = model::ProjectName("shop"), .name = demo, .region = "ap-southeast-1"};
    intent.zones = {"ap-southeast-1b", "ap-southeast-1a"};
    intent.pools = {
        {.name = model::PoolName("a"), .instance_types = {"t3.medium", "m5.large"}},
        {.name = model::PoolName("b"), .instance_types = {"t3.medium"}, .zones = {"ap-southeast-1c"}}};
    const auto list = sim->cloud().offerings(intent).value();
    EXPECT_EQ(list.size(), 2U * (2 + 2 + 2 + 1 + 2)) << "masters, pools and the NAT instance";
    const auto key = [](const model::Offering& o) { return std::tuple(o.instance_type, o.zone, o.market); };
    EXPECT_TRUE(std::ranges::is_sorted(list, {}, key));
    intent.pools[0].instance_types = {"t3.medum"};
    const auto refused = sim->cloud().offerings(intent);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("did you mean t3.medium?"), std::string::npos)
        << refused.error().message;
    EXPECT_EQ(setup_for(intent, {}).zones,
              (std::vector<std::string>{"ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"}));
}

}  // namespace
}  // namespace k3fleet::simcloud
