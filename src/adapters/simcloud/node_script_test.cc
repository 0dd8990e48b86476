// What a simulated machine understands of the start scripts that production renders.
#include "adapters/simcloud/node_script.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/ranges.h"
#include "core/bootstrap/test_boots.h"

namespace k3fleet::simcloud {
namespace {

using Kind = NodeScript::Kind;

TEST(NodeScript, TellsWhatAMachineIsToBecome) {
    const auto first = bootstrap::testing::a_master();
    const auto further = bootstrap::testing::a_further_master();
    const auto worker = bootstrap::testing::a_worker();
    struct Row {
        std::string user_data;
        Kind kind;
    };
    const Row rows[] = {
        {bootstrap::user_data(first).value(), Kind::FirstMaster},
        {bootstrap::script(first).value(), Kind::FirstMaster},
        {bootstrap::user_data(further).value(), Kind::FurtherMaster},
        {bootstrap::user_data(worker).value(), Kind::Worker},
        {bootstrap::user_data(bootstrap::NatBoot{.region = "ap-southeast-1", .vpc_cidr = "10.0.0.0/16"})
             .value(),
         Kind::Nat},
        {"#!/bin/sh\nexit 0\n", Kind::None},
        {"", Kind::None},
        {"#cloud-boothook\nrm -rf /\n", Kind::Broken},
        {"\x1f\x8b no archive", Kind::None}};
    for (const Row& row : rows)
        EXPECT_EQ(read_node_script(row.user_data).kind, row.kind) << row.user_data.substr(0, 40);
}

TEST(NodeScript, KnowsPlaceServersAndTypes) {
    const auto boot = bootstrap::testing::a_further_master();
    const NodeScript script = read_node_script(bootstrap::user_data(boot).value());
    EXPECT_EQ(script.prefix, bootstrap::name_prefix(boot));
    EXPECT_EQ(script.slot_address, boot.master->address);
    EXPECT_EQ(script.servers, boot.servers);
    ASSERT_EQ(script.types.size(), boot.types.size());
    for (const auto& [type, kept] : boot.types) EXPECT_TRUE(contains(script.types, type)) << type;
}

}  // namespace
}  // namespace k3fleet::simcloud
