#include "core/scheduling/placement.h"

#include <gtest/gtest.h>

namespace k3fleet::scheduling {
namespace {

Room room(std::int64_t cpu, std::int64_t memory, int pods = 110) {
    return {.cpu = {cpu}, .memory = {memory}, .pods = pods, .all_cpu = {2000}, .all_memory = {4000}};
}
Ask ask(std::int64_t cpu, std::int64_t memory) { return {.cpu = {cpu}, .memory = {memory}}; }

TEST(Placement, FindsRoomOnOneNodeForEachPod) {
    EXPECT_TRUE(all_find_a_place({room(1000, 1000), room(500, 500)}, {ask(600, 500), ask(300, 100)}));
    EXPECT_TRUE(all_find_a_place({}, {}));
    EXPECT_FALSE(all_find_a_place({}, {ask(1, 1)}));
}

// Found by the simulator (seed 123): the sums had room, no node had, and a worker was ended and bought again
// every twenty minutes.
TEST(Placement, DoesNotAddUpWhatIsLeftOnSeveralNodes) {
    EXPECT_FALSE(all_find_a_place({room(600, 4000), room(600, 4000)}, {ask(1000, 100)}));
}

TEST(Placement, CountsMemoryAndSlotsToo) {
    EXPECT_FALSE(all_find_a_place({room(2000, 100)}, {ask(100, 200)}));
    EXPECT_FALSE(all_find_a_place({room(2000, 4000, 1)}, {ask(100, 100), ask(100, 100)}));
    EXPECT_TRUE(all_find_a_place({room(2000, 4000, 2)}, {ask(100, 100), ask(100, 100)}));
}

// Spread out, small ones leave no whole place for a large one that comes last.
TEST(Placement, SaysNoWhereAnUnluckyOrderLeavesOneOver) {
    const std::vector<Room> rooms{room(1000, 4000), room(1000, 4000)};
    EXPECT_FALSE(all_find_a_place(rooms, {ask(300, 10), ask(300, 10), ask(900, 10)}));
    EXPECT_TRUE(all_find_a_place(rooms, {ask(300, 10), ask(900, 10)}));
}

}  // namespace
}  // namespace k3fleet::scheduling
