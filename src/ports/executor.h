// Runs independent jobs side by side. Ports are synchronous; only app fans out, and only through this.
#pragma once

#include <functional>
#include <vector>

namespace k3fleet::ports {

class Executor {
public:
    virtual ~Executor() = default;
    // Runs every job and returns when all are done. Jobs must not throw. Order and overlap are up to the
    // executor.
    virtual void run_all(std::vector<std::function<void()>> jobs) = 0;
};

}  // namespace k3fleet::ports
