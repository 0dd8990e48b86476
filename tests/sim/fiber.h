// A piece of work with a stack of its own that can stop in the middle and go on later, on the same thread.
#pragma once

#include <functional>
#include <memory>

namespace k3fleet::sim {

class Fiber {
public:
    // Begins at the first resume().
    explicit Fiber(std::function<void()> body);
    // One that has begun must have ended: nothing is unwound from outside.
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // Runs until the body yields or ends.
    void resume();
    bool ended() const;

    // From inside: stops here until the next resume().
    static void yield();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace k3fleet::sim
