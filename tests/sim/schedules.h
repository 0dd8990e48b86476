// Orders in which several controllers may be at work: all of them with few preemptions, one after the other,
// and drawn ones beyond.
#pragma once

#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "tests/sim/scenario.h"

namespace k3fleet::sim {

// All orders with at most so many preemptions, depth first: who could go on is left waiting for another.
// Choosing who goes on after one has ended costs nothing. (Musuvathi and Qadeer, PLDI 2007.)
class AllSchedules final : public Scheduler {
public:
    explicit AllSchedules(int preemptions) : bound_(preemptions) {}

    std::size_t next(const std::vector<std::size_t>& able, std::optional<std::size_t> running) override;
    // After a run: turns to the next order. False: there is none.
    bool advance();
    // Back to the beginning of the same order.
    void again();
    std::int64_t decisions() const { return decided_; }  // Of the last run.

private:
    // Which of those that can be chosen here; the first is the one that costs nothing.
    struct Choice {
        std::size_t taken = 0;
        std::size_t options = 1;
        bool free = false;
    };
    int spent(std::size_t until) const;

    int bound_;
    std::vector<Choice> choices_;
    std::size_t at_ = 0;
    std::int64_t decided_ = 0;
};

// Probabilistic concurrency testing: the controller of the highest priority goes on, and at so many points of
// the run the one that goes on falls behind all others. Finds a defect that needs `depth` such points with a
// chance of at least 1 / (controllers * steps^(depth - 1)). (Burckhardt et al., ASPLOS 2010.)
class DrawnSchedule final : public Scheduler {
public:
    // `steps`: about how many decisions a run has.
    DrawnSchedule(Prng prng, std::size_t controllers, int depth, std::int64_t steps);

    std::size_t next(const std::vector<std::size_t>& able, std::optional<std::size_t> running) override;

private:
    std::vector<std::int64_t> priorities_;  // By controller.
    std::vector<std::int64_t> changes_;     // At which decisions, in order.
    std::int64_t at_ = 0;
    std::int64_t lowest_ = 0;
};

}  // namespace k3fleet::sim
