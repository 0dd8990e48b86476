#include "tests/sim/schedules.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace k3fleet::sim {

int AllSchedules::spent(std::size_t until) const {
    int sum = 0;
    for (std::size_t i = 0; i < until; ++i) sum += !choices_[i].free && choices_[i].taken > 0 ? 1 : 0;
    return sum;
}

std::size_t AllSchedules::next(const std::vector<std::size_t>& able, std::optional<std::size_t> running) {
    std::vector<std::size_t> order = able;
    if (running) {
        const auto self = std::ranges::find(order, *running);
        K3F_CHECK(self != order.end(), "who made the last call can go on");
        std::rotate(order.begin(), self, self + 1);
    }
    if (at_ == choices_.size()) choices_.push_back({.options = order.size(), .free = !running});
    const Choice& choice = choices_[at_++];
    K3F_CHECK(choice.taken < order.size(), "the same order leads to the same choices");
    decided_ = static_cast<std::int64_t>(at_);
    return order[choice.taken];
}

bool AllSchedules::advance() {
    choices_.resize(at_);
    while (!choices_.empty()) {
        Choice& last = choices_.back();
        const bool affordable = last.free || last.taken > 0 || spent(choices_.size() - 1) < bound_;
        if (last.taken + 1 < last.options && affordable) {
            ++last.taken;
            at_ = 0;
            return true;
        }
        choices_.pop_back();
    }
    return false;
}

void AllSchedules::again() { at_ = 0; }

DrawnSchedule::DrawnSchedule(Prng prng, std::size_t controllers, int depth, std::int64_t steps) {
    for (std::size_t i = 0; i < controllers; ++i) priorities_.push_back(static_cast<std::int64_t>(i) + 1);
    for (std::size_t left = controllers; left > 1; --left)
        std::swap(priorities_[left - 1], priorities_[prng.below(left)]);
    for (int i = 1; i < depth; ++i)
        changes_.push_back(static_cast<std::int64_t>(
            prng.below(static_cast<std::uint64_t>(std::max<std::int64_t>(1, steps)))));
    std::ranges::sort(changes_);
}

std::size_t DrawnSchedule::next(const std::vector<std::size_t>& able, std::optional<std::size_t> running) {
    for (const std::int64_t change : changes_)
        if (change == at_ && running) priorities_[*running] = --lowest_;
    ++at_;
    return *std::ranges::max_element(able, {}, [&](std::size_t each) { return priorities_[each]; });
}

}  // namespace k3fleet::sim
