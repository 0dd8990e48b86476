// The numbers of the table were worked out by hand from the formula in reservation.h.
#include "core/bootstrap/reservation.h"

#include <gtest/gtest.h>

#include "core/cost/catalogue.h"

namespace k3fleet::bootstrap {
namespace {

TEST(Reservation, FollowsTheFormula) {
    struct Row {
        const char* what;
        model::Role role;
        std::int64_t cpu, memory;
        const char *kube, *system;
    };
    const Row rows[] = {
        {"t4g.nano", model::Role::Worker, 2000, 512, "cpu=60m,memory=170Mi", "cpu=10m,memory=85Mi"},
        {"t4g.micro", model::Role::Worker, 2000, 1024, "cpu=60m,memory=171Mi", "cpu=10m,memory=85Mi"},
        {"t4g.small", model::Role::Worker, 2000, 2048, "cpu=60m,memory=384Mi", "cpu=10m,memory=128Mi"},
        {"t4g.small as master", model::Role::Master, 2000, 2048, "cpu=260m,memory=1152Mi",
         "cpu=10m,memory=128Mi"},
        {"t4g.medium", model::Role::Worker, 2000, 4096, "cpu=60m,memory=896Mi", "cpu=10m,memory=128Mi"},
        {"t4g.large", model::Role::Worker, 2000, 8192, "cpu=60m,memory=1716Mi", "cpu=10m,memory=128Mi"},
        {"m7g.xlarge", model::Role::Worker, 4000, 16384, "cpu=70m,memory=2535Mi", "cpu=10m,memory=128Mi"},
        {"m7g.8xlarge", model::Role::Worker, 32000, 131072, "cpu=140m,memory=9416Mi", "cpu=10m,memory=128Mi"},
    };
    for (const Row& row : rows) {
        const Reservation kept = reserve(row.role, Millicores{row.cpu}, Mebibytes{row.memory});
        EXPECT_EQ(kept.kube(), row.kube) << row.what;
        EXPECT_EQ(kept.system(), row.system) << row.what;
        EXPECT_EQ(kept.eviction, Mebibytes{100}) << row.what;
    }
}

TEST(Reservation, LeavesSomethingOnEveryTypeThatK3sRunsOn) {
    const auto& catalogue = cost::Catalogue::builtin();
    for (const auto& name : catalogue.names()) {
        const auto& type = *catalogue.find(name);
        const Reservation kept = reserve(model::Role::Worker, type.cpu, type.memory);
        const Mebibytes all = kept.kube_memory + kept.system_memory + kept.eviction;
        EXPECT_LT(all.count, type.memory.count * 3 / 4) << name;
        EXPECT_LT((kept.kube_cpu + kept.system_cpu).count, type.cpu.count / 10) << name;
        EXPECT_GT(kept.kube_memory.count, 0) << name;
    }
}

}  // namespace
}  // namespace k3fleet::bootstrap
