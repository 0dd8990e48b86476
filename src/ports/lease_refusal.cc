#include "ports/lease_refusal.h"

#include <algorithm>

#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::ports {

std::string describe(const LoopKey& key) {
    if (key.cluster.empty()) return "the set-up of the project";
    return format("the {} loop of cluster {}", model::to_string(key.loop), key.cluster.str());
}

Status check_lease(const model::HolderId& holder, Duration lease) {
    if (holder.empty()) return fail(ErrorCode::InvalidArgument, "a lease needs the name of its holder");
    if (lease <= Duration::zero())
        return fail(ErrorCode::InvalidArgument, format("a lease of {} ms cannot be held", lease.count()));
    return {};
}

std::unexpected<Error> lease_held(const LoopItem& item, Timestamp now) {
    Error held{.code = ErrorCode::Conflict,
               .message = format("{} is held by {} until {}", describe(item.key), item.holder.str(),
                                 to_rfc3339(item.lease_until))};
    held.retry_after = std::max(item.lease_until - now, Duration::zero());
    return std::unexpected(std::move(held));
}

std::unexpected<Error> lease_lost(const LoopItem& held, const std::optional<LoopItem>& stored) {
    if (!stored)
        return fail(ErrorCode::Conflict,
                    format("{} was removed meanwhile: nothing was written", describe(held.key)));
    if (stored->fence == held.fence && stored->holder == held.holder)
        return fail(ErrorCode::Conflict,
                    format("{} is at version {}, not {}: nothing was written; read it again",
                           describe(held.key), stored->version, held.version));
    const std::string now_held =
        stored->holder.empty() ? "nobody holds it now" : format("{} holds it now", stored->holder.str());
    return fail(ErrorCode::Conflict, format("the lease of {} was lost by {} ({}): nothing was written",
                                            describe(held.key), held.holder.str(), now_held));
}

}  // namespace k3fleet::ports
