#include "adapters/aws/remembering_objects.h"

#include <algorithm>

namespace k3fleet::aws {

Result<std::optional<ports::Object>> RememberingObjects::get(const std::string& key) {
    if (!is_fixed(key)) return inner_.get(key);
    {
        const std::scoped_lock lock(mutex_);
        const auto found = std::ranges::find(kept_, key, &Kept::key);
        if (found != kept_.end()) {
            kept_.splice(kept_.begin(), kept_, found);
            return found->object;
        }
    }
    auto object = K3F_TRY(inner_.get(key));
    if (object) keep(key, *object);
    return object;
}

Result<std::string> RememberingObjects::put(const std::string& key, std::string_view data,
                                            const ports::Condition& condition) {
    auto etag = K3F_TRY(inner_.put(key, data, condition));
    if (is_fixed(key)) keep(key, {.data = std::string(data), .etag = etag});
    return etag;
}

Result<std::vector<std::string>> RememberingObjects::list(const std::string& prefix, const std::string& after,
                                                          int limit) {
    return inner_.list(prefix, after, limit);
}

Status RememberingObjects::remove(const std::string& key) {
    {
        const std::scoped_lock lock(mutex_);
        forget(key);
    }
    return inner_.remove(key);
}

void RememberingObjects::keep(const std::string& key, ports::Object object) {
    const std::scoped_lock lock(mutex_);
    forget(key);
    bytes_ += object.data.size();
    kept_.push_front({.key = key, .object = std::move(object)});
    while (bytes_ > max_bytes_) forget(std::string(kept_.back().key));
}

void RememberingObjects::forget(const std::string& key) {
    const auto found = std::ranges::find(kept_, key, &Kept::key);
    if (found == kept_.end()) return;
    bytes_ -= found->object.data.size();
    kept_.erase(found);
}

}  // namespace k3fleet::aws
