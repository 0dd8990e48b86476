// Load as a fluid: what does not fit waits in one queue, first come first served, and gives up in the end.
//
// In a stretch of constant demand d and constant capacity C (cores):
//   short        grows by max(0, d - C) a minute: work that came and found no room;
//   the queue    grows or drains by d - C, never below 0; it is served oldest first at rate C;
//   wait W(t)    of work that came at t is the time until everything that came before it was served: the
//                smallest w with served(t + w) >= arrived(t). Both curves are straight within a stretch,
//                so the waits of one piece of work are spread evenly between those of its first and its
//                last drop; they are summed exactly, in bins of one second;
//   giving up    work that has waited for the patience leaves unserved, its wait counted as the patience.
//                This is looked at once a stretch, so a wait can exceed the patience by at most one
//                stretch.
// Waiting work is not more demand: pods that found no room are counted from d - C, the backlog only keeps the
// nodes at 100 %.
#pragma once

#include <deque>
#include <vector>

#include "base/time.h"

namespace k3fleet::backtest {

class Flow {
public:
    explicit Flow(Duration patience);

    // Time goes on with this demand and capacity, in cores. Gives the work that was served, in core-minutes.
    double run(double minutes, double demand, double capacity);
    // The load is not known from here on: what waits is lost sight of, having waited until now.
    void lose_sight();

    double short_core_minutes() const { return short_; }
    double abandoned_core_minutes() const { return abandoned_; }
    double served_core_minutes() const { return served_; }
    double waiting_core_minutes() const { return waiting_; }
    // The wait below which this share (0-1) of all work stayed, in seconds, interpolated within the bin.
    // Work that still waits counts with its wait so far.
    double wait_quantile(double share) const;

private:
    struct Piece {  // Work that came evenly between two minutes.
        double first, last, amount;
    };
    void count_wait(double from_minutes, double to_minutes, double amount);
    double serve_queue(double until, double capacity);
    double serve_arrivals(const Piece& fresh, double from, double until, double capacity);
    void give_up(double now);

    double patience_;  // Minutes.
    double now_ = 0;   // Minutes.
    std::deque<Piece> queue_;
    double waiting_ = 0;
    double short_ = 0;
    double abandoned_ = 0;
    double served_ = 0;
    double at_once_ = 0;          // Work that did not wait at all.
    std::vector<double> waited_;  // Core-minutes by whole seconds of wait; the last bin is open.
};

}  // namespace k3fleet::backtest
