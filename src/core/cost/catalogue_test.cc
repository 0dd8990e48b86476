// The catalogue against figures read from its sources, and against damaged data.
#include "core/cost/catalogue.h"

#include <gtest/gtest.h>

namespace k3fleet::cost {
namespace {

constexpr std::string_view kHeader =
    "instance_type,vcpu,memory_mib,arch,current_gen,burstable,gpu_count,offered_in,"
    "usd_h_us_east_1_20250528,usd_h_ap_southeast_1_20250529\n";

Result<Catalogue> with_rows(std::string_view rows) {
    return Catalogue::parse(std::string(kHeader).append(rows));
}

TEST(Catalogue, KnowsSizeArchitectureAndPriceOfCommonTypes) {
    const auto& catalogue = Catalogue::builtin();
    EXPECT_EQ(catalogue.size(), 1241U);
    const auto* small = catalogue.find("t4g.small");
    ASSERT_NE(small, nullptr);
    EXPECT_EQ(small->cpu, Millicores{2000});
    EXPECT_EQ(small->memory, Mebibytes{2048});
    EXPECT_EQ(small->architecture, Architecture::Arm64);
    EXPECT_TRUE(small->burstable);
    EXPECT_EQ(small->max_pods, 110);
    EXPECT_EQ(catalogue.find("m5.large")->architecture, Architecture::Amd64);
    EXPECT_GT(catalogue.find("g4ad.xlarge")->gpus, 0);
    EXPECT_EQ(catalogue.price("t4g.small", "ap-southeast-1").value(), UsdPerHour{21200});
    EXPECT_EQ(catalogue.price("t4g.small", "us-east-1").value(), UsdPerHour{16800});
    EXPECT_EQ(to_rfc3339(catalogue.price("t4g.small", "us-east-1").as_of()), "2025-05-28T00:00:00Z");
    EXPECT_EQ(catalogue.priced_regions(),
              (std::vector<std::string>{"us-east-1", "eu-west-1", "ap-southeast-1"}));
}

TEST(Catalogue, SaysUnknownInsteadOfFree) {
    const auto& catalogue = Catalogue::builtin();
    EXPECT_EQ(
        catalogue.price("t4g.small", "eu-central-1").why(),
        "the price of t4g.small in eu-central-1 is not known: prices are there for us-east-1, eu-west-1, "
        "ap-southeast-1");
    EXPECT_EQ(catalogue.price("t4g.tiny", "us-east-1").why(), "t4g.tiny is no instance type k3fleet knows");
    EXPECT_EQ(catalogue.find("t4g.tiny"), nullptr);
    auto parsed = with_rows("a.b,2,4096,arm64,1,1,0,u,0.5,\n");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->price("a.b", "ap-southeast-1").why(),
              "the price of a.b in ap-southeast-1 is not known");
}

TEST(Catalogue, KnowsWhereATypeIsSold) {
    auto parsed = with_rows("a.b,2,4096,arm64,1,1,0,u,0.5,\n");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->offered("a.b", "us-east-1"), Offered::Yes);
    EXPECT_EQ(parsed->offered("a.b", "ap-southeast-1"), Offered::No);
    EXPECT_EQ(parsed->offered("a.b", "eu-north-1"), Offered::Unknown);
    EXPECT_EQ(parsed->offered("c.d", "us-east-1"), Offered::Unknown);
}

TEST(Catalogue, RefusesDamagedDataWithTheLine) {
    struct Case {
        std::string_view rows, message;
    };
    for (auto [rows, message] : {
             Case{"", "the list of instance types is empty"},
             Case{"a.b,2\n", "2 cells, expected 10 (while reading line 2 of the instance types)"},
             Case{"a.b,x,1,arm64,1,1,0,u,1,1\n",
                  "\"x\" is no number (column vcpu) (while reading line 2 of the instance types)"},
             Case{"a.b,1,1,mips,1,1,0,u,1,1\n",
                  "architecture mips is not known (while reading line 2 of the instance types)"},
             Case{"a.b,1,1,arm64,1,1,0,u,1,1\na.b,1,1,arm64,1,1,0,u,1,1\n",
                  "a.b appears twice (while reading line 3 of the instance types)"},
             Case{"a.b,1,1,arm64,1,1,0,u,cheap,1\n",
                  "\"cheap\" is no number (column usd_h_us_east_1_20250528) "
                  "(while reading line 2 of the instance types)"},
         }) {
        auto parsed = with_rows(rows);
        ASSERT_FALSE(parsed) << rows;
        EXPECT_EQ(parsed.error().code, ErrorCode::Corrupt);
        EXPECT_EQ(parsed.error().describe(), message);
    }
    EXPECT_FALSE(Catalogue::parse("instance_type,vcpu\na.b,2\n"));
}

}  // namespace
}  // namespace k3fleet::cost
