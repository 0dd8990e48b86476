#include "core/backtest/flow.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace k3fleet::backtest {
namespace {

constexpr double kDust = 1e-9;  // Core-minutes: less than this is rounding, not work.
constexpr double kSecondsPerMinute = 60;

}  // namespace

Flow::Flow(Duration patience) : patience_(static_cast<double>(patience.count()) / 60'000) {
    constexpr std::size_t kSlackSeconds = 3600;
    waited_.resize(static_cast<std::size_t>(patience_ * kSecondsPerMinute) + kSlackSeconds);
}

double Flow::run(double minutes, double demand, double capacity) {
    K3F_CHECK(minutes >= 0 && demand >= 0 && capacity >= 0);
    const double until = now_ + minutes;
    const double before = served_;
    if (queue_.empty() && demand <= capacity) {
        at_once_ += demand * minutes;
        served_ += demand * minutes;
        now_ = until;
        return served_ - before;
    }
    short_ += std::max(0.0, demand - capacity) * minutes;
    const double free_from = serve_queue(until, capacity);
    const Piece fresh{now_, until, demand * minutes};
    waiting_ += fresh.amount;
    const double taken = serve_arrivals(fresh, free_from, until, capacity);
    waiting_ -= taken;
    served_ += taken;
    const double left = fresh.amount - taken;
    if (left > kDust) {
        const double first = fresh.first + (fresh.last - fresh.first) * taken / fresh.amount;
        queue_.push_back({first, fresh.last, left});
    }
    now_ = until;
    give_up(now_);
    if (queue_.empty()) waiting_ = 0;
    return served_ - before;
}

// Serves what waited before this stretch; gives the minute from which capacity is free for what comes in it.
double Flow::serve_queue(double until, double capacity) {
    if (capacity <= 0) return queue_.empty() ? now_ : until;
    double clock = now_;
    while (!queue_.empty() && clock < until) {
        Piece& head = queue_.front();
        const double taken = std::min(head.amount, (until - clock) * capacity);
        const double served_until = clock + taken / capacity;
        const double split = head.first + (head.last - head.first) * taken / head.amount;
        count_wait(clock - head.first, served_until - split, taken);
        served_ += taken;
        waiting_ -= taken;
        clock = served_until;
        if (taken >= head.amount - kDust) {
            queue_.pop_front();
        } else {
            head = {split, head.last, head.amount - taken};
        }
    }
    return queue_.empty() ? std::min(clock, until) : until;
}

// Serves what comes in the stretch with the capacity that is free from `from` on; gives the amount served.
double Flow::serve_arrivals(const Piece& fresh, double from, double until, double capacity) {
    if (fresh.amount <= 0 || capacity <= 0 || from >= until) return 0;
    const double rate = fresh.amount / (fresh.last - fresh.first);
    const double lag = from - fresh.first;
    const double caught_up =
        rate < capacity ? (capacity * from - rate * fresh.first) / (capacity - rate) : until + 1;
    if (caught_up <= until) {  // Service meets the arrivals: from then on nothing waits.
        const double waited = rate * (caught_up - fresh.first);
        count_wait(lag, 0, waited);
        at_once_ += fresh.amount - waited;
        return fresh.amount;
    }
    const double taken = std::min(fresh.amount, capacity * (until - from));
    count_wait(lag, until - (fresh.first + taken / rate), taken);
    return taken;
}

void Flow::give_up(double now) {
    const double oldest = now - patience_;
    while (!queue_.empty() && queue_.front().first < oldest) {
        Piece& head = queue_.front();
        const double share =
            head.last <= oldest ? 1 : (oldest - head.first) / std::max(head.last - head.first, 1e-12);
        const double gone = head.amount * share;
        count_wait(patience_, patience_, gone);
        abandoned_ += gone;
        waiting_ -= gone;
        if (head.last <= oldest) {
            queue_.pop_front();
        } else {
            head = {oldest, head.last, head.amount - gone};
        }
    }
}

void Flow::lose_sight() {
    for (const Piece& piece : queue_) count_wait(now_ - piece.first, now_ - piece.last, piece.amount);
    queue_.clear();
    waiting_ = 0;
}

// Spreads the amount evenly over the waits between the two bounds.
void Flow::count_wait(double from_minutes, double to_minutes, double amount) {
    if (amount <= 0) return;
    const double low = std::max(0.0, std::min(from_minutes, to_minutes)) * kSecondsPerMinute;
    const double high = std::max(0.0, std::max(from_minutes, to_minutes)) * kSecondsPerMinute;
    const auto last_bin = waited_.size() - 1;
    const auto first = std::min(static_cast<std::size_t>(low), last_bin);
    const auto last = std::min(static_cast<std::size_t>(high), last_bin);
    if (first == last || high - low < 1e-9) {
        waited_[first] += amount;
        return;
    }
    for (std::size_t bin = first; bin <= last; ++bin) {
        const double begin = std::max(low, static_cast<double>(bin));
        const double end = bin == last_bin ? high : std::min(high, static_cast<double>(bin) + 1);
        waited_[bin] += amount * std::max(0.0, end - begin) / (high - low);
    }
}

double Flow::wait_quantile(double share) const {
    Flow all = *this;
    all.lose_sight();
    double total = all.at_once_;
    for (const double amount : all.waited_) total += amount;
    const double wanted = share * total;
    double seen = all.at_once_;
    if (total <= 0 || wanted <= seen + kDust) return 0;
    for (std::size_t bin = 0; bin < all.waited_.size(); ++bin) {
        if (seen + all.waited_[bin] >= wanted)
            return static_cast<double>(bin) + (wanted - seen) / all.waited_[bin];
        seen += all.waited_[bin];
    }
    return static_cast<double>(all.waited_.size());
}

}  // namespace k3fleet::backtest
