#include "aws/credentials/refreshing.h"

#include <algorithm>
#include <charconv>

#include "base/log.h"

namespace k3fleet::credentials {
namespace {

constexpr Duration kEarly = std::chrono::minutes{15};
constexpr Duration kMostJitter = std::chrono::minutes{2};
constexpr Duration kAfterFailure = std::chrono::minutes{1};

}  // namespace

Duration RefreshingCredentials::jitter(Duration most) {
    const std::string digits = random_.hex(4);
    std::uint32_t drawn = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), drawn, 16);
    return Duration{most.count() * static_cast<std::int64_t>(drawn) / (std::int64_t{1} << 32)};
}

Timestamp RefreshingCredentials::refresh_time(Timestamp now, Timestamp expires) {
    const Duration left = std::max(expires - now, Duration::zero());
    if (left <= 3 * kEarly) return now + left * 2 / 3;
    return expires - kEarly - jitter(kMostJitter);
}

bool RefreshingCredentials::usable(Timestamp now) const {
    return held_ && (!held_->credentials.expires || now < *held_->credentials.expires);
}

Result<Credentials> RefreshingCredentials::get() {
    std::unique_lock lock(mutex_);
    const Timestamp now = clock_.now();
    const bool due = !usable(now) || (held_->refresh_at && now >= *held_->refresh_at);
    if (!due) return held_->credentials;
    while (refreshing_) {
        if (usable(now)) return held_->credentials;
        // The outcome of the one that runs is the outcome of everybody who waited for it.
        const std::uint64_t seen = refreshes_;
        done_.wait(lock, [&] { return refreshes_ != seen; });
        if (held_) return held_->credentials;
        if (last_error_) return std::unexpected(*last_error_);
    }
    return refresh(lock);
}

Result<Credentials> RefreshingCredentials::refresh(std::unique_lock<std::mutex>& lock) {
    refreshing_ = true;
    lock.unlock();
    auto fetched = provider_->fetch();
    lock.lock();
    refreshing_ = false;
    ++refreshes_;
    const Timestamp now = clock_.now();
    if (fetched) {
        last_error_.reset();
        held_ = Held{*fetched, std::nullopt};
        if (fetched->expires) held_->refresh_at = refresh_time(now, *fetched->expires);
    } else {
        last_error_ = fetched.error();
        if (usable(now)) {
            log::warn(
                "AWS credentials could not be renewed yet; those at hand are valid for longer",
                {{"until", to_rfc3339(*held_->credentials.expires)}, {"why", fetched.error().describe()}});
            held_->refresh_at = now + kAfterFailure;
            fetched = held_->credentials;
        } else {
            held_.reset();
        }
    }
    done_.notify_all();
    return fetched;
}

bool RefreshingCredentials::reject(const Credentials& used) {
    const std::scoped_lock lock(mutex_);
    if (!held_) return true;
    if (held_->credentials.access_key_id != used.access_key_id ||
        held_->credentials.session_token.reveal() != used.session_token.reveal())
        return true;  // Somebody else has fetched new ones meanwhile.
    if (!held_->credentials.expires) return false;
    held_.reset();
    return true;
}

}  // namespace k3fleet::credentials
