#include "core/draft.h"

#include "base/crypto.h"
#include "base/text.h"
#include "core/model/names.h"

namespace k3fleet::core {
namespace {

constexpr Duration kRemindAfter = std::chrono::hours{24};
constexpr Duration kForgetAfter = std::chrono::hours{48};

// Token of a call = hash(cluster uid, loop, version, ordinal, attempt). 128 bits in hexadecimal: within EC2's
// limit of 64 ASCII characters for a ClientToken
// (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html).
model::Token make_token(const model::Memory& memory, model::Loop loop, std::size_t ordinal,
                        std::size_t attempt) {
    const std::string text = format("{}/{}/{}/{}/{}", memory.cluster_uid, model::to_string(loop),
                                    memory.version, ordinal, attempt);
    return model::Token(crypto::sha256_hex(text).substr(0, 32));
}

Timestamp next_slot(Timestamp now, Duration interval) {
    const auto slot = now.time_since_epoch() / interval;
    return Timestamp{(slot + 1) * interval};
}

}  // namespace

Draft::Draft(model::Loop the_loop, const model::ClusterIntent& the_intent, const model::World& the_world,
             const model::Memory& memory, Timestamp the_now)
    : loop(the_loop), intent(the_intent), world(the_world), now(the_now) {
    plan_.memory = memory;
    plan_.memory.version = memory.version + 1;
    plan_.next_tick = next_slot(now, intent.autoscaling.interval);
}

void Draft::add(decltype(model::Action::what) what, std::string reason, std::vector<std::string> facts) {
    plan_.actions.push_back(
        {.what = std::move(what), .reason = std::move(reason), .facts = std::move(facts)});
}

void Draft::add(model::Action action) { plan_.actions.push_back(std::move(action)); }

void Draft::add_launch(model::Launch launch, std::string reason, std::vector<std::string> facts) {
    for (std::size_t i = 0; i < launch.attempts.size(); ++i)
        launch.attempts[i].token = make_token(plan_.memory, loop, plan_.actions.size(), i);
    const model::Token token = launch.attempts.front().token;
    plan_.actions.push_back(
        {.what = std::move(launch), .reason = std::move(reason), .facts = std::move(facts), .token = token});
}

void Draft::block(std::string what, std::string by, std::string why) {
    plan_.blocked.push_back({std::move(what), std::move(by), std::move(why)});
}

void Draft::note(std::string text) { plan_.notes.push_back(std::move(text)); }

void Draft::notify_once(const std::string& key, model::Notify message, std::string reason) {
    auto& told = plan_.memory.notified;
    if (const auto last = told.find(key); last != told.end() && now - last->second < kRemindAfter) return;
    told[key] = now;
    add(std::move(message), std::move(reason));
}

void Draft::wake_at(Timestamp at) { plan_.next_tick = std::min(plan_.next_tick, at); }

model::Plan Draft::finish() && {
    std::erase_if(plan_.memory.notified, [&](const auto& told) { return now - told.second > kForgetAfter; });
    return std::move(plan_);
}

}  // namespace k3fleet::core
