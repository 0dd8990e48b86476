// The gate of a process that lives on a machine of somebody else's: its calls take time, some go wrong, it
// may stand still in one of them, and it dies at its deadline or at any call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "adapters/simcloud/gate.h"

namespace k3fleet::simcloud {

class Mortal;

// The world around such processes.
class Surroundings {
public:
    virtual ~Surroundings() = default;
    virtual Timestamp world_time() = 0;
    // Returns at that time.
    virtual void let_pass(Mortal& process, Timestamp until) = 0;
    // What strikes this call: an error, and whether the call is done nevertheless. Empty: nothing.
    virtual std::optional<std::pair<Error, bool>> strike(Mortal& process, const Step& step) = 0;
    virtual Duration latency(Mortal& process, const Step& step) = 0;
    virtual bool stale(Mortal& process, const Step& step) = 0;
    virtual void distort(Mortal& process, const Step& step, model::Signals& signals) = 0;
    // A call was made and has changed something, whether or not its answer arrives.
    virtual void changed(Mortal& process, const Step& step) = 0;
    // The other side refused a call that no fault struck.
    virtual void refused(Mortal& process, const Step& step, const Error& error) = 0;
    virtual void note(const std::string& line) = 0;
    virtual bool telling() const = 0;  // Whether notes are wanted.
};

// What will become of a process while it runs once.
struct Fortune {
    std::optional<int> dies_at;  // Which of its calls; even: before it, odd: after it was done.
    std::optional<int> freezes_at;
    Duration freezes_for{};
    Duration skew{};  // Of its machine's clock.
};

class Mortal : public Gate {
public:
    Mortal(Surroundings& around, std::string name) : around_(around), name_(std::move(name)) {}

    // From now on, until the deadline.
    void begin_life(Timestamp deadline, Fortune fortune);

    bool dead() const { return dead_; }
    // Whether it died because its time was up, not in a call before that.
    bool overdue() const { return overdue_; }
    bool has_frozen() const { return frozen_; }  // In this life.
    const std::string& name() const { return name_; }
    // Since they were last asked for.
    std::int64_t take_calls() { return std::exchange(calls_, 0); }
    std::int64_t take_retries() { return std::exchange(retries_, 0); }

    Status before(const Step& step) override;
    Status after(const Step& step) override;
    void answered(const Step& step, const Status& status) override;
    bool stale(const Step& step) override;
    void distort(const Step& step, model::Signals& signals) override;
    Timestamp now() override;
    Duration clock_off() const override { return fortune_.skew; }
    Status wait(Timestamp until) override;

protected:
    // At once, whatever its fortune says; `how` is for the story. Its calls are answered with killed().
    void die(const std::string& how);
    Status killed() const;

private:
    Status stand_until(Timestamp until);

    Surroundings& around_;
    std::string name_;
    Timestamp deadline_;
    Fortune fortune_;
    int call_ = 0;  // Of this life.
    bool dead_ = false;
    bool overdue_ = false;
    bool frozen_ = false;
    std::optional<Error> lost_;  // Comes instead of the answer of the call that is under way.
    std::int64_t calls_ = 0;
    std::int64_t retries_ = 0;
};

}  // namespace k3fleet::simcloud
