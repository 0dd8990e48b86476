#include "ports/cloud.h"

namespace k3fleet::ports {

Status check_place(const LaunchRequest& request) {
    const auto wrong = [](std::string message) {
        return fail(ErrorCode::InvalidArgument, std::move(message));
    };
    const bool pool = !request.pool.empty();
    switch (request.role) {
        case model::Role::Master:
            if (request.slot >= 0 && request.slot <= 2 && !pool) return {};
            return wrong("a master has a slot from 0 to 2 and no pool");
        case model::Role::Worker:
            if (request.slot == -1 && pool) return {};
            return wrong("a worker has a pool and no slot");
        case model::Role::Nat:
            if (request.slot == -1 && !pool) return {};
            return wrong("a NAT instance has neither slot nor pool");
    }
    return wrong("a machine without a role");
}

}  // namespace k3fleet::ports
