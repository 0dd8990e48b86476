// A bounded pool of threads for the few places where the program does things side by side.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "ports/executor.h"

namespace k3fleet::local {

class ThreadExecutor final : public ports::Executor {
public:
    // `threads` >= 1 beside the caller's own, which always helps; so a job may call run_all again.
    explicit ThreadExecutor(int threads);
    ~ThreadExecutor() override;
    void run_all(std::vector<std::function<void()>> jobs) override;

private:
    struct Batch;
    void work(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<std::shared_ptr<Batch>> waiting_;  // Batches with jobs that nobody has begun.
    std::vector<std::jthread> threads_;           // Last, so that they end before what they use.
};

}  // namespace k3fleet::local
