#include "adapters/simcloud/aws/kept_policy.h"

#include <algorithm>
#include <utility>

#include "adapters/simcloud/aws/resource_policy.h"
#include "adapters/simcloud/aws/roles.h"
#include "base/json.h"

namespace k3fleet::simcloud {
namespace {

Value list_of(const Value* value) {
    if (value == nullptr) return Value::array();
    return value->is_array() ? *value : Value::array({*value});
}

std::vector<std::string> texts_of(const Value* value) {
    std::vector<std::string> texts;
    const Value all = list_of(value);
    for (const Value& item : all.items())
        if (const std::string* text = item.as_string()) texts.push_back(*text);
    return texts;
}

std::vector<std::string> of_statements(const std::string& policy, std::string_view plain,
                                       std::string_view negated) {
    std::vector<std::string> found;
    const auto read = json::parse(policy);
    if (!read) return found;
    const Value statements = list_of(read->find("Statement"));
    for (const Value& statement : statements.items())
        for (const std::string_view element : {plain, negated})
            for (std::string& text : texts_of(statement.find(element))) found.push_back(std::move(text));
    return found;
}

bool is_anyone(const Value& principal) {
    if (const std::string* all = principal.as_string()) return *all == "*";
    const auto named = texts_of(principal.find("AWS"));
    return std::ranges::find(named, "*") != named.end();
}

}  // namespace

std::string wrong_kept_policy(const std::string& text) {
    const auto read = ResourcePolicy::parse(text, ResourcePolicy::On::Resources);
    return read ? "" : read.error().message;
}

bool names_strangers(const Call& call, const std::string& policy) {
    const auto read = ResourcePolicy::parse(policy, ResourcePolicy::On::Resources);
    if (!read) return false;
    const auto named = read->principals();
    return std::ranges::any_of(
        named, [&](const PolicyPrincipal& one) { return !is_principal(call, one.type, one.id); });
}

std::vector<std::string> actions_in(const std::string& policy) {
    return of_statements(policy, "Action", "NotAction");
}

std::vector<std::string> resources_in(const std::string& policy) {
    return of_statements(policy, "Resource", "NotResource");
}

bool is_public(const std::string& policy) {
    const auto read = json::parse(policy);
    if (!read) return false;
    const Value statements = list_of(read->find("Statement"));
    return std::ranges::any_of(statements.items(), [](const Value& statement) {
        const Value* principal = statement.find("Principal");
        return statement.string_at("Effect") == "Allow" && principal != nullptr && is_anyone(*principal) &&
               statement.find("Condition") == nullptr;
    });
}

bool lets_service_in(const std::string& policy, std::string_view service, iam::Request request) {
    const auto read = ResourcePolicy::parse(policy, ResourcePolicy::On::Resources);
    if (!read) return false;
    request.context.set("aws:PrincipalIsAWSService", {"true"});
    request.context.set("aws:SecureTransport", {"true"});
    return read->allows({"Service", std::string(service)}, request);
}

}  // namespace k3fleet::simcloud
