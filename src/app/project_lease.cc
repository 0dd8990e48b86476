#include "app/project_lease.h"

namespace k3fleet::app {

namespace {

constexpr Duration kLease = std::chrono::minutes{5};
constexpr Duration kRenewAfter = std::chrono::minutes{1};

}  // namespace

ports::LoopKey project_lease() { return {.cluster = model::ClusterName(""), .loop = model::Loop::Infra}; }

Status ProjectLease::hold() {
    const Timestamp now = clock_.now();
    if (held_ && now - taken_ < kRenewAfter) return {};
    auto item = state_.acquire(project_lease(), holder_, kLease, now);
    if (!item && item.error().code == ErrorCode::NotFound) return {};  // No table yet, or no more.
    if (!item) return std::unexpected(std::move(item).error().with("taking the project's lease"));
    held_ = std::move(*item);
    taken_ = now;
    return {};
}

void ProjectLease::give_back() {
    if (held_) (void)state_.release(*held_);
    held_.reset();
}

}  // namespace k3fleet::app
