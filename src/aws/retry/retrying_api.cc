#include "aws/retry/retrying_api.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace k3fleet::retry {
namespace {

using Applied = aws::CallReport::Applied;

constexpr Duration kLongestAskedWait = std::chrono::seconds{20};

// In [0, 1).
double draw(ports::Random& random) {
    const std::string digits = random.hex(4);
    std::uint32_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    return static_cast<double>(number) / 4294967296.0;
}

bool cancelled(const aws::CallOptions& options) { return options.cancel && options.cancel->cancelled(); }

}  // namespace

std::string make_token(ports::Random& random) {
    const std::string hex = random.hex(16);
    const std::string_view digits = hex;
    constexpr std::string_view kVariant = "89ab";
    const char variant = kVariant[static_cast<unsigned char>(digits[16]) % 4];
    return format("{}-{}-4{}-{}{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(13, 3),
                  variant, digits.substr(17, 3), digits.substr(20, 12));
}

struct RetryingApi::Round {
    aws::CallReport report;
    Timestamp end;
    int tries = 0;
    int cost = 0;            // Of the last retry.
    bool corrected = false;  // Once a call.
    bool perhaps = false;    // A former try may have been applied, whatever became of those after it.
};

// Of all tries together.
void RetryingApi::tell(const Round& round, const aws::CallOptions& options) {
    if (options.report == nullptr) return;
    *options.report = round.report;
    if (round.perhaps && round.report.applied == Applied::No) options.report->applied = Applied::Maybe;
}

Duration RetryingApi::time_of_try(const aws::Operation& operation, const Round& round) {
    const bool another = operation.repeat != aws::Repeat::Never && round.tries + 1 < options_.max_tries;
    const Duration left = round.end - clock_.now();
    return std::clamp(another ? left / 2 : left, Duration{1}, options_.try_timeout);
}

Status RetryingApi::wait(Duration span, const aws::CallOptions& options) {
    if (cancelled(options)) return fail(ErrorCode::Cancelled, "interrupted between two tries");
    if (span <= Duration::zero()) return {};
    return clock_.sleep_until(clock_.now() + span);
}

std::optional<Duration> RetryingApi::pause(const aws::Operation& operation, const Error& error,
                                           Round& round) {
    const Failure failure = classify(error, round.report);
    if (failure == Failure::Final || !may_repeat(operation, round.report)) return std::nullopt;
    if (failure == Failure::Corrected) {
        if (round.corrected) return std::nullopt;
        round.corrected = true;
        return Duration::zero();
    }
    if (round.tries >= options_.max_tries) return std::nullopt;
    Duration span = backoff(round.tries, draw(random_));
    if (error.retry_after) span = std::max(span, std::min<Duration>(*error.retry_after, kLongestAskedWait));
    if (clock_.now() + span >= round.end) return std::nullopt;
    const auto cost = tokens_.take(error.code == ErrorCode::DeadlineExceeded);
    if (!cost) return std::nullopt;
    round.cost = *cost;
    return span;
}

Status RetryingApi::invoke(const aws::Operation& operation, const void* request, void* response,
                           const aws::CallOptions& options) {
    aws::CallOptions each = options;
    if (each.idempotency_token.empty() && operation.repeat == aws::Repeat::Token)
        each.idempotency_token = make_token(random_);
    Round round;
    round.end = clock_.now() + options.timeout.value_or(options_.timeout);
    each.report = &round.report;
    while (true) {
        round.report = {};
        each.timeout = time_of_try(operation, round);
        Status done = inner_.invoke(operation, request, response, each);
        ++round.tries;
        round.report.tries = round.tries;
        tell(round, options);
        if (done) {
            tokens_.give_back(round.cost);
            return done;
        }
        round.perhaps = round.perhaps || round.report.applied == Applied::Maybe;
        const auto span = pause(operation, done.error(), round);
        if (!span) {
            if (round.tries > 1)
                done.error().trail.push_back(format("giving up after {} tries", round.tries));
            return done;
        }
        K3F_TRY(wait(*span, options));
    }
}

}  // namespace k3fleet::retry
