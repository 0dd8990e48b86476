#include "tests/sim/fiber.h"

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <utility>

#include "base/check.h"

namespace k3fleet::sim {
namespace {

namespace context = boost::context;

constexpr std::size_t kStack = 512UL << 10;

// Stacks are used again: making one is a system call.
context::pooled_fixedsize_stack& stacks() {
    static context::pooled_fixedsize_stack pool(kStack);
    return pool;
}

}  // namespace

struct Fiber::State {
    std::function<void()> body;
    context::fiber inside;  // Where the body stopped.
    context::fiber outside;
    bool begun = false;
    bool ended = false;

    static State*& current() {
        static State* running = nullptr;
        return running;
    }
};

Fiber::Fiber(std::function<void()> body) : state_(std::make_unique<State>()) {
    state_->body = std::move(body);
}

Fiber::~Fiber() {
    K3F_CHECK(!state_->begun || state_->ended, "a fiber is destroyed in the middle of its work");
}

void Fiber::resume() {
    State& state = *state_;
    K3F_CHECK(!state.ended, "a fiber that has ended is resumed");
    State* const before = std::exchange(State::current(), &state);
    if (!state.begun) {
        state.begun = true;
        state.inside = context::fiber(std::allocator_arg, stacks(), [&state](context::fiber&& outside) {
            state.outside = std::move(outside);
            state.body();
            state.ended = true;
            return std::move(state.outside);
        });
    }
    state.inside = std::move(state.inside).resume();
    State::current() = before;
}

bool Fiber::ended() const { return state_->ended; }

void Fiber::yield() {
    State& state = *State::current();
    state.outside = std::move(state.outside).resume();
}

}  // namespace k3fleet::sim
