#include "core/backtest/fleet.h"

#include <algorithm>

#include "base/check.h"

namespace k3fleet::backtest {

using model::Market;

FleetNode* Fleet::find(int id) {
    // Ids ascend along the list.
    const auto at = std::lower_bound(nodes_.begin(), nodes_.end(), id,
                                     [](const FleetNode& node, int wanted) { return node.id < wanted; });
    return at != nodes_.end() && at->id == id ? &*at : nullptr;
}

void Fleet::note_size() {
    counts_.fewest = std::min(counts_.fewest, paid());
    counts_.most = std::max(counts_.most, paid());
}

int Fleet::add(Timestamp ready_at, Market market, double cores, UsdPerHour price) {
    nodes_.push_back(
        {.id = next_id_, .market = market, .ready_at = ready_at, .cores = cores, .price = price});
    price_ += price;
    ++booting_;
    return next_id_++;
}

int Fleet::launch(Timestamp now, Market market, double cores, UsdPerHour price) {
    while (!removed_at_.empty() && now - removed_at_.front() > capacity_->flap_window)
        removed_at_.pop_front();
    if (!removed_at_.empty()) {
        removed_at_.pop_front();
        ++counts_.flaps;
    }
    ++counts_.launches;
    const int id = add(now + capacity_->boot, market, cores, price);
    note_size();
    return id;
}

void Fleet::drain(int id) {
    FleetNode* node = find(id);
    K3F_CHECK(node);
    if (node->state == NodeState::Draining) return;
    if (node->state == NodeState::Booting) --booting_;
    if (node->state == NodeState::Serving) {
        --serving_;
        cores_ -= node->cores;
    }
    node->state = NodeState::Draining;
}

void Fleet::undrain(int id) {
    FleetNode* node = find(id);
    K3F_CHECK(node);
    if (node->state != NodeState::Draining) return;
    node->state = NodeState::Booting;  // Serves as soon as time passes, if it was ready before.
    ++booting_;
}

void Fleet::terminate(int id, Timestamp now) {
    drain(id);
    const FleetNode* node = find(id);
    price_.micro_usd -= node->price.micro_usd;
    nodes_.erase(nodes_.begin() + (node - nodes_.data()));
    removed_at_.push_back(now);
    ++counts_.removals;
    if (serving_ == 0) cores_ = 0;  // No dust of additions and subtractions.
    note_size();
}

Market Fleet::market_of_next() const {
    const auto spot = std::count_if(nodes_.begin(), nodes_.end(), [](const FleetNode& node) {
        return node.market == Market::Spot && node.state != NodeState::Draining;
    });
    const auto staying = std::count_if(nodes_.begin(), nodes_.end(), [](const FleetNode& node) {
        return node.state != NodeState::Draining;
    });
    return spot < capacity_->on_spot(static_cast<int>(staying) + 1) ? Market::Spot : Market::OnDemand;
}

int Fleet::launch_many(int count, Timestamp now) {
    const int room = std::max(0, capacity_->nodes_at_most() - paid());
    const int launched = std::clamp(count, 0, room);
    for (int i = 0; i < launched; ++i) {
        const Market market = market_of_next();
        launch(now, market, capacity_->cores_per_node(),
               market == Market::Spot ? capacity_->node.spot : capacity_->node.on_demand);
    }
    return launched;
}

int Fleet::remove_many(int count) {
    int removed = 0;
    for (; removed < count; ++removed) {
        int spot = 0;
        int staying = 0;
        int newest_of[2] = {-1, -1};
        for (const FleetNode& node : nodes_) {
            if (node.state == NodeState::Draining) continue;
            ++staying;
            if (node.market == Market::Spot) ++spot;
            newest_of[node.market == Market::Spot ? 1 : 0] = node.id;
        }
        if (staying == 0) break;
        const bool too_much_spot = spot > capacity_->on_spot(staying - 1);
        const int victim = too_much_spot || newest_of[0] < 0 ? newest_of[1] : newest_of[0];
        drain(victim);
    }
    return removed;
}

void Fleet::drain_done(Timestamp now) {
    for (std::size_t i = 0; i < nodes_.size();) {
        if (nodes_[i].state == NodeState::Draining) {
            terminate(nodes_[i].id, now);
        } else {
            ++i;
        }
    }
}

void Fleet::start_with(int count, Timestamp now) {
    for (int i = 0; i < count; ++i) {
        const Market market = market_of_next();
        add(now, market, capacity_->cores_per_node(),
            market == Market::Spot ? capacity_->node.spot : capacity_->node.on_demand);
    }
    advance(now);
    counts_ = {.fewest = paid(), .most = paid()};
}

void Fleet::advance(Timestamp to) {
    if (booting_ == 0) return;
    for (FleetNode& node : nodes_) {
        if (node.state != NodeState::Booting || node.ready_at > to) continue;
        node.state = NodeState::Serving;
        cores_ += node.cores;
        ++serving_;
        --booting_;
    }
}

std::optional<Timestamp> Fleet::next_ready() const {
    std::optional<Timestamp> first;
    if (booting_ == 0) return first;
    for (const FleetNode& node : nodes_)
        if (node.state == NodeState::Booting && (!first || node.ready_at < *first)) first = node.ready_at;
    return first;
}

}  // namespace k3fleet::backtest
