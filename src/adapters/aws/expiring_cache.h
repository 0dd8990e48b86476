// Answers that change seldom, kept for a while: what is looked up by tag before a launch, and prices.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace k3fleet::aws {

// Thread-safe. Two threads that miss at once both ask; the later answer stays.
template <typename Key, typename Value>
class ExpiringCache {
public:
    explicit ExpiringCache(Duration keep) : keep_(keep) {}

    // `fetch` gives a Result<Value>; an error is not kept.
    template <typename Fetch>
    Result<Value> get(const Key& key, Timestamp now, Fetch fetch) {
        {
            const std::scoped_lock lock(mutex_);
            const auto found = kept_.find(key);
            if (found != kept_.end() && now < found->second.until) return found->second.value;
        }
        Value value = K3F_TRY(fetch());
        const std::scoped_lock lock(mutex_);
        kept_.insert_or_assign(key, Kept{value, now + keep_});
        return value;
    }
    void clear() {
        const std::scoped_lock lock(mutex_);
        kept_.clear();
    }

private:
    struct Kept {
        Value value;
        Timestamp until;
    };
    Duration keep_;
    std::mutex mutex_;
    std::map<Key, Kept> kept_;
};

}  // namespace k3fleet::aws
