#include "adapters/simcloud/aws/resource_policy.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::InvalidArgument, std::move(message));
}

// "*", or an object of types with one name or a list of them.
Result<std::vector<PolicyPrincipal>> read_principals(const Value& value) {
    std::vector<PolicyPrincipal> whom;
    if (const std::string* text = value.as_string()) {
        if (*text != "*") return invalid(format("Invalid principal in policy: \"{}\"", *text));
        whom.push_back({"*", "*"});
        return whom;
    }
    for (const Member& type : value.members()) {
        if (!contains(std::vector<std::string>{"AWS", "Service", "Federated", "CanonicalUser"}, type.key))
            return invalid(format("Invalid principal in policy: \"{}\"", type.key));
        const Value list = type.value.is_array() ? type.value : Value::array({type.value});
        for (const Value& one : list.items()) {
            const std::string* id = one.as_string();
            if (id == nullptr || id->empty())
                return invalid(format("Invalid principal in policy: \"{}\" without a name", type.key));
            whom.push_back({type.key, *id});
        }
    }
    if (whom.empty()) return invalid("Missing required field Principal");
    return whom;
}

bool is_whole_account(std::string_view id) {
    return id.find(':') == std::string_view::npos || id.ends_with(":root");
}

// "*" and {"AWS": "*"} are the same ("AWS JSON policy elements: Principal").
bool means(const PolicyPrincipal& named, const PolicyPrincipal& who) {
    if (named.id == "*" && (named.type == "*" || named.type == "AWS")) return true;
    if (named.type != who.type) return false;
    if (named.id == who.id) return true;
    return who.type == "AWS" && is_whole_account(named.id) && account_of(named.id) == account_of(who.id);
}

}  // namespace

std::string account_of(std::string_view arn_or_number) {
    if (arn_or_number.find(':') == std::string_view::npos) return std::string(arn_or_number);
    const std::vector<std::string> parts = split(arn_or_number, ':');
    return parts.size() > 4 ? parts[4] : std::string();
}

Result<ResourcePolicy::Statement> ResourcePolicy::parse_statement(const Value& policy, const Value& statement,
                                                                  On on) {
    Statement out;
    const bool named = statement.find("Principal") != nullptr;
    out.all_but = statement.find("NotPrincipal") != nullptr;
    if (named == out.all_but) return invalid("Missing required field Principal");
    out.whom = K3F_TRY(read_principals(*statement.find(named ? "Principal" : "NotPrincipal")));
    Value rest = Value::object();
    for (const Member& member : statement.members())
        if (member.key != "Principal" && member.key != "NotPrincipal") rest.set(member.key, member.value);
    if (on == On::Role) {
        for (const std::string_view field : {"Resource", "NotResource"})
            if (rest.find(field) != nullptr) return invalid(format("Has prohibited field {}", field));
        rest.set("Resource", "*");
    }
    Value one = Value::object();
    for (const Member& member : policy.members())
        if (member.key != "Statement") one.set(member.key, member.value);
    one.set("Statement", Value::array({std::move(rest)}));
    K3F_TRY(out.says.add("of the resource", one));
    return out;
}

Result<ResourcePolicy> ResourcePolicy::parse(std::string_view text, On on) {
    auto policy = json::parse(text);
    if (!policy || !policy->is_object()) return invalid("This policy contains invalid Json");
    const Value* list = policy->find("Statement");
    if (list == nullptr) return invalid("Missing required field Statement");
    const Value all = list->is_array() ? *list : Value::array({*list});
    if (all.items().empty()) return invalid("The policy has no statement");
    ResourcePolicy out;
    std::set<std::string> sids;
    for (const Value& statement : all.items()) {
        if (!statement.is_object()) return invalid("A statement is no object");
        const std::string sid = statement.string_at("Sid");
        if (!sid.empty() && !sids.insert(sid).second)
            return invalid("Statement IDs (SID) in a single policy must be unique");
        out.statements_.push_back(K3F_TRY(parse_statement(*policy, statement, on)));
    }
    return out;
}

std::vector<PolicyPrincipal> ResourcePolicy::principals() const {
    std::vector<PolicyPrincipal> all;
    for (const Statement& statement : statements_)
        all.insert(all.end(), statement.whom.begin(), statement.whom.end());
    return all;
}

bool ResourcePolicy::allows(const PolicyPrincipal& who, const iam::Request& request) const {
    bool allowed = false;
    for (const Statement& statement : statements_) {
        const bool meant = std::ranges::any_of(
            statement.whom, [&](const PolicyPrincipal& named) { return means(named, who); });
        if (meant == statement.all_but) continue;
        const iam::Verdict verdict = statement.says.evaluate(request).verdict;
        if (verdict == iam::Verdict::Denied) return false;
        allowed = allowed || verdict == iam::Verdict::Allowed;
    }
    return allowed;
}

}  // namespace k3fleet::simcloud
