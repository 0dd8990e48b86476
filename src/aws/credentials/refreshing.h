// Credentials that stay valid: fetched when first needed, refreshed before they expire, by one caller at a
// time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "aws/credentials/credentials.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace k3fleet::credentials {

// Asks the provider 15 minutes before the end and up to two minutes earlier still, by chance, so that many
// processes do not ask in one moment; credentials that live for less than 45 minutes are renewed after two
// thirds of their life. Who calls while somebody else refreshes gets the old ones as long as they are valid,
// and waits otherwise. If a refresh fails, valid ones stay in use and the next try is a minute later.
class RefreshingCredentials final : public CredentialSource {
public:
    // Clock and random must outlive this.
    RefreshingCredentials(std::unique_ptr<Provider> provider, ports::Clock& clock, ports::Random& random)
        : provider_(std::move(provider)), clock_(clock), random_(random) {}

    std::string describe() const override { return provider_->describe(); }
    Result<Credentials> get() override;
    bool reject(const Credentials& used) override;

private:
    struct Held {
        Credentials credentials;
        std::optional<Timestamp> refresh_at;  // Empty: never.
    };
    bool usable(Timestamp now) const;
    Result<Credentials> refresh(std::unique_lock<std::mutex>& lock);
    Timestamp refresh_time(Timestamp now, Timestamp expires);
    Duration jitter(Duration most);

    std::unique_ptr<Provider> provider_;
    ports::Clock& clock_;
    ports::Random& random_;
    std::mutex mutex_;
    std::condition_variable done_;
    bool refreshing_ = false;
    std::uint64_t refreshes_ = 0;      // Finished ones.
    std::optional<Error> last_error_;  // Of the last refresh, if it failed.
    std::optional<Held> held_;
};

}  // namespace k3fleet::credentials
