// Runs independent jobs side by side. Ports are synchronous; only app fans out, and only through this.
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace k3fleet::ports {

class Executor {
public:
    virtual ~Executor() = default;
    // Runs every job and returns when all are done. Jobs must not throw. Order and overlap are up to the
    // executor.
    virtual void run_all(std::vector<std::function<void()>> jobs) = 0;
};

// What fetch(0) to fetch(count - 1) return, in that order, fetched side by side.
template <typename Fetch>
auto gather(Executor& executor, std::size_t count, const Fetch& fetch) {
    std::vector<std::invoke_result_t<Fetch, std::size_t>> found(count);
    std::vector<std::function<void()>> jobs;
    jobs.reserve(count);
    for (std::size_t i = 0; i < count; ++i) jobs.push_back([&, i] { found[i] = fetch(i); });
    executor.run_all(std::move(jobs));
    return found;
}

}  // namespace k3fleet::ports
