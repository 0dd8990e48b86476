#include "adapters/simcloud/gate.h"

#include <array>
#include <utility>

#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/engine_ports.h"

namespace k3fleet::simcloud {
bool changes(std::string_view operation) {
    constexpr std::array kLooks{"Describe", "Get", "List", "Head", "Query", "Lookup", "Receive"};
    for (const std::string_view look : kLooks)
        if (operation.starts_with(look)) return false;
    return true;
}

namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (RequestTimeTooSkewed), and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
constexpr Duration kSignedWithin = std::chrono::minutes{5};
constexpr Duration kSignedWithinForS3 = std::chrono::minutes{15};

Error signed_at_a_wrong_time(std::string_view service) {
    if (service == "s3")
        return refuse("RequestTimeTooSkewed",
                      "The difference between the request time and the current time is too large.", 403)
            .error();
    if (service == "ec2") return refuse("RequestExpired", "Request has expired.", 400).error();
    return refuse("InvalidSignatureException", "Signature expired", 403).error();
}

}  // namespace

Status GatedApi::pass(const aws::Operation& operation, const void* request, void* response,
                      const aws::CallOptions& options) {
    const std::string_view service = operation.service->id;
    const Duration off = gate_.clock_off();
    const Duration within = service == "s3" ? kSignedWithinForS3 : kSignedWithin;
    if (std::chrono::abs(off - learnt_) <= within)
        return inner_.invoke(operation, request, response, options);
    learnt_ = off;
    if (options.report != nullptr)
        *options.report = {
            .applied = aws::CallReport::Applied::No, .corrected = true, .tries = 1, .status = 403};
    return std::unexpected(signed_at_a_wrong_time(service));
}

Status GatedApi::invoke(const aws::Operation& operation, const void* request, void* response,
                        const aws::CallOptions& options) {
    using Applied = aws::CallReport::Applied;
    const Step step{
        .service = operation.service->id, .operation = operation.name, .changes = changes(operation.name)};
    const Timestamp sent = gate_.now();
    if (const Status refused = gate_.before(step); !refused) {
        if (options.report != nullptr) *options.report = {.applied = Applied::No, .tries = 1};
        return refused;
    }
    const Status done = pass(operation, request, response, options);
    if (options.report != nullptr) {
        const auto theirs = std::chrono::floor<std::chrono::seconds>(gate_.now() - gate_.clock_off());
        options.report->clock = aws::read_clock(theirs, sent, gate_.now());
    }
    gate_.answered(step, done);
    if (const Status lost = gate_.after(step); !lost) {
        if (options.report != nullptr) *options.report = {.applied = Applied::Maybe, .tries = 1};
        return lost;
    }
    return done;
}

template <typename Call>
auto GatedKubernetes::pass(const Step& step, Call call) -> decltype(call()) {
    if (const Status refused = gate_.before(step); !refused) return std::unexpected(refused.error());
    auto answer = call();
    if (const Status lost = gate_.after(step); !lost) return std::unexpected(lost.error());
    return answer;
}

// A stale answer is the one before, if that is not older than a minute: API servers fall behind each other by
// seconds, not by hours.
template <typename List, typename Call>
Result<List> GatedKubernetes::look(const Step& step, std::optional<Last<List>>& last, Call call) {
    Result<List> fresh = pass(step, call);
    if (!fresh) return fresh;
    const Timestamp now = gate_.now();
    const bool behind = last && now - last->at <= std::chrono::minutes{1} && gate_.stale(step);
    auto before = std::exchange(last, Last<List>{.list = *fresh, .at = now});
    if (behind) return std::move(before->list);
    return fresh;
}

Result<std::vector<model::Node>> GatedKubernetes::nodes() {
    return look({"kubernetes", "nodes"}, nodes_, [&] { return inner_.nodes(); });
}
Result<std::vector<model::Pod>> GatedKubernetes::pods() {
    return look({"kubernetes", "pods"}, pods_, [&] { return inner_.pods(); });
}
Result<std::vector<model::DisruptionBudget>> GatedKubernetes::disruption_budgets() {
    return look({"kubernetes", "budgets"}, budgets_, [&] { return inner_.disruption_budgets(); });
}
Status GatedKubernetes::cordon(const model::Cordon& request) {
    const bool back = request.to == model::Cordon::To::Schedulable;
    return pass({"kubernetes", back ? "uncordon" : "cordon", true, request.node.str()},
                [&] { return inner_.cordon(request); });
}
Result<ports::EvictionAnswer> GatedKubernetes::evict(const model::Evict& request) {
    return pass({"kubernetes", "evict", true, request.pod}, [&] { return inner_.evict(request); });
}
Status GatedKubernetes::delete_node(const model::DeleteNode& request) {
    return pass({"kubernetes", "delete-node", true, request.node.str()},
                [&] { return inner_.delete_node(request); });
}

model::Signals GatedMetrics::signals(const std::vector<model::CustomMetric>& custom, Timestamp at) {
    const Step step{"prometheus", "signals"};
    if (const Status refused = gate_.before(step); !refused)
        return ports::all_unknown(custom, refused.error().describe());
    model::Signals signals = inner_.signals(custom, at);
    if (const Status lost = gate_.after(step); !lost)
        return ports::all_unknown(custom, lost.error().describe());
    // One that is missing among others: a scrape that failed.
    if (gate_.stale(step)) signals.cpu = model::Unknown{"the last sample is too old"};
    gate_.distort(step, signals);
    return signals;
}

}  // namespace k3fleet::simcloud
