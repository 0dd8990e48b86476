#include "core/iam/evaluate.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::iam {

namespace {

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::InvalidArgument, std::move(message));
}

// A text, number or truth value, or a list of them, as texts.
Result<std::vector<std::string>> texts_of(const Value& value, std::string_view what) {
    std::vector<std::string> texts;
    const Value one = value.is_array() ? value : Value::array({value});
    for (const Value& item : one.items()) {
        if (const std::string* text = item.as_string()) {
            texts.push_back(*text);
        } else if (const auto truth = item.as_bool()) {
            texts.emplace_back(*truth ? "true" : "false");
        } else if (const auto whole = item.as_int()) {
            texts.push_back(std::to_string(*whole));
        } else if (const auto number = item.as_double()) {
            texts.push_back(format("{}", *number));
        } else {
            return invalid(format("{} is {}, must be a text or a list of texts", what, item.kind_name()));
        }
    }
    if (texts.empty()) return invalid(format("{} is empty", what));
    return texts;
}

// The patterns of exactly one of two elements; true if it was the second, the negated one.
Result<std::pair<std::vector<Pattern>, bool>> either(const Value& statement, std::string_view element,
                                                     std::string_view negated, Meaning meaning) {
    const Value* plain = statement.find(element);
    const Value* other = statement.find(negated);
    if ((plain == nullptr) == (other == nullptr))
        return invalid(format("needs either {} or {}", element, negated));
    std::vector<Pattern> patterns;
    const std::vector<std::string> texts =
        K3F_TRY(texts_of(plain != nullptr ? *plain : *other, plain != nullptr ? element : negated));
    for (const std::string& text : texts) patterns.push_back(K3F_TRY(Pattern::parse(text, meaning)));
    return std::pair{std::move(patterns), other != nullptr};
}

Status only(const Value& object, std::initializer_list<std::string_view> known) {
    for (const Member& member : object.members())
        if (!contains(known, std::string_view(member.key)))
            return invalid(format("has an element {} that identity policies do not have", member.key));
    return {};
}

}  // namespace

std::string Decision::describe() const {
    const std::string by =
        sid.empty() ? format("statement {} of {}", statement + 1, policy) : format("{} of {}", sid, policy);
    switch (verdict) {
        case Verdict::Allowed: return "allowed by " + by;
        case Verdict::Denied: return "denied by " + by;
        case Verdict::NotAllowed: break;
    }
    return misses.empty() ? "no statement allows the action" : "allowed by none: " + join(misses, "; ");
}

Status IdentityPolicies::parse_conditions(const Value& value, ConditionTest::Variables variables,
                                          Statement& out) {
    if (!value.is_object()) return invalid(format("Condition is {}, must be an object", value.kind_name()));
    for (const Member& op : value.members()) {
        if (!op.value.is_object()) return invalid(format("{} must be an object of keys", op.key));
        for (const Member& key : op.value.members()) {
            const std::vector<std::string> values = K3F_TRY(texts_of(key.value, key.key));
            out.tests.push_back(K3F_TRY(ConditionTest::parse(op.key, key.key, values, variables)));
        }
    }
    return {};
}

Result<IdentityPolicies::Statement> IdentityPolicies::parse(const Value& value,
                                                            ConditionTest::Variables variables) {
    if (!value.is_object()) return invalid("is no object");
    K3F_TRY(only(value, {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}));
    Statement out;
    out.sid = value.string_at("Sid");
    const std::string effect = value.string_at("Effect");
    if (effect != "Allow" && effect != "Deny") return invalid("Effect must be Allow or Deny");
    out.effect = effect == "Allow" ? Effect::Allow : Effect::Deny;
    std::tie(out.actions, out.all_actions_but) =
        K3F_TRY(either(value, "Action", "NotAction", Meaning::Wildcards));
    const bool filled = variables == ConditionTest::Variables::Yes;
    std::tie(out.resources, out.all_resources_but) =
        K3F_TRY(either(value, "Resource", "NotResource", filled ? Meaning::All : Meaning::Wildcards));
    for (const Pattern& action : out.actions)
        if (action.text() != "*" && action.text().find(':') == std::string::npos)
            return invalid(format("'{}' is no action, such as ec2:RunInstances", action.text()));
    if (const Value* condition = value.find("Condition"))
        K3F_TRY(parse_conditions(*condition, variables, out));
    return out;
}

Status IdentityPolicies::add(std::string_view name, const Value& policy) {
    const std::string doing = format("reading policy {}", name);
    if (!policy.is_object()) return invalid(format("policy {} is no object", name));
    K3F_TRY_WHILE(doing, only(policy, {"Version", "Id", "Statement"}));
    const std::string version = policy.string_at("Version", "2008-10-17");
    if (version != "2012-10-17" && version != "2008-10-17")
        return invalid(format("policy {}: there is no version {} of the language", name, version));
    const auto variables =
        version == "2012-10-17" ? ConditionTest::Variables::Yes : ConditionTest::Variables::No;
    const Value* list = policy.find("Statement");
    if (list == nullptr) return invalid(format("policy {} has no Statement", name));
    const Value all = list->is_array() ? *list : Value::array({*list});
    std::vector<Statement> parsed;
    std::set<std::string> sids;
    for (const Value& item : all.items()) {
        const int number = static_cast<int>(parsed.size());
        Statement statement = K3F_TRY_WHILE(format("reading statement {} of policy {}", number + 1, name),
                                            parse(item, variables));
        if (!statement.sid.empty() && !sids.insert(statement.sid).second)
            return invalid(format("policy {}: two statements are called {}", name, statement.sid));
        statement.policy = name;
        statement.number = number;
        parsed.push_back(std::move(statement));
    }
    std::ranges::move(parsed, std::back_inserter(statements_));
    return {};
}

bool IdentityPolicies::acts(const Statement& statement, const Request& request) {
    const bool named = std::ranges::any_of(statement.actions, [&](const Pattern& pattern) {
        return pattern.matches(request.action, request.context, Pattern::Case::Insensitive);
    });
    return named != statement.all_actions_but;
}

bool IdentityPolicies::reaches(const Statement& statement, const Request& request) {
    const bool named = std::ranges::any_of(statement.resources, [&](const Pattern& pattern) {
        return pattern.matches_arn(request.resource, request.context);
    });
    return named != statement.all_resources_but;
}

IdentityPolicies IdentityPolicies::about(const std::string& action) const {
    IdentityPolicies some;
    std::ranges::copy_if(statements_, std::back_inserter(some.statements_),
                         [&](const Statement& statement) { return acts(statement, {.action = action}); });
    return some;
}

Decision IdentityPolicies::evaluate(const Request& request) const {
    Decision decision;
    const auto decide = [&](const Statement& statement, Verdict verdict) {
        decision.verdict = verdict;
        decision.policy = statement.policy;
        decision.sid = statement.sid;
        decision.statement = statement.number;
        decision.misses.clear();
    };
    for (const Statement& statement : statements_) {
        if (!acts(statement, request)) continue;
        const bool reached = reaches(statement, request);
        const auto failed = std::ranges::find_if(
            statement.tests, [&](const ConditionTest& test) { return !test.holds(request.context); });
        if (reached && failed == statement.tests.end()) {
            if (statement.effect == Effect::Deny) {
                decide(statement, Verdict::Denied);
                return decision;
            }
            if (!decision.allowed()) decide(statement, Verdict::Allowed);
        } else if (statement.effect == Effect::Allow && !decision.allowed()) {
            decision.misses.push_back(
                format("{}: {}",
                       statement.sid.empty() ? format("statement {}", statement.number + 1) : statement.sid,
                       reached ? failed->explain(request.context) : format("not on {}", request.resource)));
        }
    }
    return decision;
}

}  // namespace k3fleet::iam
