#include "adapters/simcloud/aws/rights.h"

#include <utility>

#include "base/text.h"
#include "core/iam/principals.h"

namespace k3fleet::simcloud {
namespace {

// What each service answers to who may not; S3's is the oldest form.
std::string_view refusal_code(std::string_view service) {
    if (service == "ec2") return "UnauthorizedOperation";
    if (service == "s3" || service == "iam" || service == "sts") return "AccessDenied";
    if (service == "sns") return "AuthorizationError";
    return "AccessDeniedException";
}

}  // namespace

Result<std::unique_ptr<Rights>> Rights::of(iam::Principal who, const iam::Site& site) {
    std::unique_ptr<Rights> rights(new Rights);
    const std::string role = iam::role_name(who, site.scope);
    rights->arn_ = format("arn:aws:sts::{}:assumed-role/{}/session", site.scope.account, role);
    rights->general_ = {{"aws:RequestedRegion", {site.scope.region}},
                        {"aws:PrincipalAccount", {site.scope.account}},
                        {"aws:PrincipalArn", {format("arn:aws:iam::{}:role/{}", site.scope.account, role)}},
                        {"aws:SecureTransport", {"true"}}};
    for (const auto& document : iam::identity_policies(who, site))
        K3F_TRY(rights->policies_.add(document.name, document.policy));
    for (const std::string& name : iam::attached_policies(who))
        K3F_TRY(rights->policies_.add(name, iam::ssm_managed_instance_core()));
    return rights;
}

Status Rights::check(std::vector<iam::Request>& requests, std::string_view service) const {
    for (iam::Request& request : requests) {
        const std::string about = describe(request);
        auto known = decided_.find(about);
        if (known == decided_.end()) {
            if (decided_.size() >= kRemembered) decided_.clear();
            for (const auto& [key, values] : general_) request.context.set(key, values);
            auto some = by_action_.find(request.action);
            if (some == by_action_.end())
                some = by_action_.emplace(request.action, policies_.about(request.action)).first;
            const iam::Decision decision = some->second.evaluate(request);
            known = decided_
                        .emplace(about, decision.allowed()
                                            ? std::string()
                                            : format("{} may not {} on {}: {}", arn_, request.action,
                                                     request.resource, decision.describe()))
                        .first;
        }
        if (known->second.empty()) continue;
        const std::string_view code = refusal_code(service);
        Error error{.code = ErrorCode::PermissionDenied, .message = known->second};
        error.provider_code = code;
        return std::unexpected(std::move(error));
    }
    return {};
}

// What a decision rests on, besides what is the same in every call.
std::string Rights::describe(const iam::Request& request) {
    std::string text = request.action + '\n' + request.resource;
    request.context.each([&](const std::string& key, const std::vector<std::string>& values) {
        text += '\n' + key;
        for (const std::string& value : values) text += '\t' + value;
    });
    return text;
}

}  // namespace k3fleet::simcloud
