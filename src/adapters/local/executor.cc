// The pool: a batch is a list of jobs and the number of the next one; whoever has time takes that one.
#include "adapters/local/executor.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace k3fleet::local {

struct ThreadExecutor::Batch {
    std::vector<std::function<void()>> jobs;
    std::size_t next = 0;  // First job that nobody has begun.
    std::size_t done = 0;
    std::condition_variable_any finished;
};

ThreadExecutor::ThreadExecutor(int threads) {
    K3F_CHECK(threads >= 1);
    threads_.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
}

ThreadExecutor::~ThreadExecutor() {
    for (std::jthread& thread : threads_) thread.request_stop();
}

void ThreadExecutor::run_all(std::vector<std::function<void()>> jobs) {
    if (jobs.empty()) return;
    auto batch = std::make_shared<Batch>();
    batch->jobs = std::move(jobs);
    std::unique_lock lock(mutex_);
    if (batch->jobs.size() > 1) {
        waiting_.push_back(batch);
        wake_.notify_all();
    }
    while (batch->next < batch->jobs.size()) {
        const std::size_t mine = batch->next++;
        if (batch->next == batch->jobs.size()) std::erase(waiting_, batch);
        lock.unlock();
        batch->jobs[mine]();
        lock.lock();
        ++batch->done;
    }
    batch->finished.wait(lock, [&] { return batch->done == batch->jobs.size(); });
}

void ThreadExecutor::work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
        const std::shared_ptr<Batch> batch = waiting_.front();
        const std::size_t mine = batch->next++;
        if (batch->next == batch->jobs.size()) std::erase(waiting_, batch);
        lock.unlock();
        batch->jobs[mine]();
        lock.lock();
        if (++batch->done == batch->jobs.size()) batch->finished.notify_all();
    }
}

}  // namespace k3fleet::local
