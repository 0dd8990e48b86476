#include "core/iam/statements.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/iam/principals.h"

namespace k3fleet::iam {

namespace {

// What one action may be done on under the same conditions.
struct Right {
    std::string action;
    Effect effect = Effect::Allow;
    Statement::On on = Statement::On::Only;
    std::vector<std::uint16_t> conditions;
    std::vector<std::string> resources;  // Sorted.
    std::vector<std::uint16_t> targets;  // What they are called.
};

// Rights that AWS's own policy for Session Manager gives, which machines have attached:
// see attached_policies().
constexpr std::string_view kInAttachedPolicy = "ssm-agent";
constexpr std::string_view kWithCustomerKeys[] = {"customer-keys", "encrypted-volumes"};

bool applies(const Permission& row, const Grant& grant, Principal who, const Site& site) {
    if (!grant.callers.intersects(facts_of(who).rights)) return false;
    const std::string_view source = sources()[grant.source].name;
    if (source == kInAttachedPolicy) return false;
    if (site.keys == Keys::Aws && contains(kWithCustomerKeys, source)) return false;
    // Breaking the glass must not lead to rights that last.
    const bool identities = row.service == "iam" || row.service == "sts";
    return who != Principal::BreakGlass || !identities || row.operation == "PassRole";
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

std::vector<std::string> expand_all(std::span<const std::string_view> patterns, Principal who,
                                    const Site& site) {
    std::vector<std::string> found;
    for (const std::string_view pattern : patterns)
        for (std::string& text : expand(pattern, who, site))
            if (!contains(found, text)) found.push_back(std::move(text));
    return found;
}

class Rights {
public:
    Rights(Principal who, const Site& site) : who_(who), site_(site) {}

    void add(const Permission& row, const Grant& grant) {
        for (const std::string_view action : row.actions)
            add(action, grant.effect, Statement::On::Only, grant.targets, grant.conditions);
    }
    void add(const Denial& denial) {
        const auto on = denial.on == Denial::On::AllBut ? Statement::On::AllBut : Statement::On::Only;
        for (const std::string_view action : denial.actions)
            add(action, Effect::Deny, on, denial.targets, denial.conditions);
    }
    std::vector<Right> take() {
        for (Right& right : rights_) {
            std::ranges::sort(right.resources);
            if (contains(right.resources, "*")) right.resources = {"*"};
        }
        drop_what_is_had_anyway();
        return std::move(rights_);
    }

private:
    void add(std::string_view action, Effect effect, Statement::On on, std::span<const std::uint16_t> numbers,
             std::span<const std::uint16_t> tests) {
        std::vector<std::uint16_t> conditions(tests.begin(), tests.end());
        std::ranges::sort(conditions);
        auto at = std::ranges::find_if(rights_, [&](const Right& right) {
            return right.action == action && right.effect == effect && right.on == on &&
                   right.conditions == conditions;
        });
        if (at == rights_.end())
            at = rights_.insert(at, {std::string(action), effect, on, std::move(conditions), {}, {}});
        for (const std::uint16_t number : numbers) {
            if (!contains(at->targets, number)) at->targets.push_back(number);
            for (std::string& text : expand_all(targets()[number].patterns, who_, site_))
                if (!contains(at->resources, text)) at->resources.push_back(std::move(text));
        }
    }

    // A conditional right to what is granted without condition says nothing.
    void drop_what_is_had_anyway() {
        for (Right& right : rights_) {
            if (right.conditions.empty() || right.on == Statement::On::AllBut) continue;
            const auto free = std::ranges::find_if(rights_, [&](const Right& other) {
                return other.action == right.action && other.effect == right.effect && other.on == right.on &&
                       other.conditions.empty();
            });
            if (free == rights_.end()) continue;
            std::erase_if(right.resources, [&](const std::string& resource) {
                return contains(free->resources, "*") || contains(free->resources, resource);
            });
        }
        std::erase_if(rights_, [](const Right& right) { return right.resources.empty(); });
    }

    Principal who_;
    const Site& site_;
    std::vector<Right> rights_;
};

// "new-worker" → "NewWorker", "network-interface" → "NetworkInterface".
std::string camel(std::string_view words) {
    std::string out;
    bool start = true;
    for (const char c : words) {
        const bool letter = is_letter_or_digit(c);
        if (letter) out += start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        start = !letter;
    }
    return out;
}

bool reads(std::string_view action) {
    const std::string_view name = action.substr(action.find(':') + 1);
    constexpr std::string_view kReads[] = {"Describe", "Get", "List", "Lookup", "Filter", "Query"};
    return std::ranges::any_of(kReads, [&](std::string_view word) { return name.starts_with(word); });
}

// The list's name, or of a pattern in a row the type of resource: "network-interface".
std::string object_name(const Target& target) {
    if (!target.name.empty()) return camel(target.name);
    std::string_view pattern = target.patterns.front();
    if (pattern == "*") return "Any";
    pattern = pattern.substr(pattern.rfind(':') + 1);
    return camel(pattern.substr(0, pattern.find('/')));
}

bool names(std::string_view action, std::string_view object) {
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    return !std::ranges::search(action, object, same).empty();
}

// "ReadAny", "Ec2CreateVpcIfNew", "S3PutObjectJournalIfOwnAccount": service, what, on what unless that says
// it already, under which condition.
std::string sid_of(const Statement& statement, const std::vector<std::uint16_t>& numbers) {
    std::set<std::string_view> services;
    for (const std::string& action : statement.actions)
        services.insert(std::string_view(action).substr(0, action.find(':')));
    const std::string& first = statement.actions.front();
    std::string what = std::ranges::all_of(statement.actions, reads) ? "Read" : "Use";
    if (statement.actions.size() == 1) what = camel(std::string_view(first).substr(first.find(':') + 1));
    std::string sid = statement.effect == Effect::Deny ? "Never" : "";
    if (services.size() == 1) sid += camel(*services.begin());
    sid += what;
    if (statement.on == Statement::On::AllBut) sid += "But";
    for (std::size_t i = 0; i < numbers.size() && i < 2; ++i) {
        const std::string object = object_name(targets()[numbers[i]]);
        if (numbers.size() > 1 || !names(what, object)) sid += object;
    }
    if (numbers.size() > 2) sid += "And" + std::to_string(numbers.size() - 2);
    for (const std::uint16_t number : statement.conditions)
        sid += (number == statement.conditions.front() ? "If" : "") + camel(conditions()[number].name);
    return sid;
}

Value one_or_all(const std::vector<std::string>& texts) {
    if (texts.size() == 1) return texts.front();
    Value list = Value::array();
    for (const std::string& text : texts) list.push(text);
    return list;
}

}  // namespace

std::vector<std::string> expand(std::string_view pattern, Principal who, const Site& site) {
    const bool of_cluster = pattern.find("{cluster}") != std::string_view::npos ||
                            pattern.find("{prefix}") != std::string_view::npos;
    model::Scope scope = site.scope;
    std::string text(pattern);
    replace_all(text, "{project}", scope.project.str());
    replace_all(text, "{account}", scope.account);
    replace_all(text, "{region}", scope.region);
    const bool abroad = !scope.home_region.empty() && scope.home_region != scope.region;
    replace_all(text, "{abroad}", abroad ? "-" + scope.region : "");
    if (!of_cluster) return {text};
    std::vector<model::ClusterName> clusters = site.clusters;
    if (facts_of(who).reach == Reach::Cluster) clusters = {scope.cluster};
    std::vector<std::string> found;
    for (const model::ClusterName& cluster : clusters) {
        scope.cluster = cluster;
        found.push_back(text);
        replace_all(found.back(), "{cluster}", cluster.str());
        replace_all(found.back(), "{prefix}", model::prefix(scope));
    }
    return found;
}

std::vector<Statement> statements_of(Principal who, const Site& site) {
    Rights rights(who, site);
    for (const Permission& row : permissions())
        for (const Grant& grant : row.grants)
            if (applies(row, grant, who, site)) rights.add(row, grant);
    for (const Denial& denial : denials())
        if (denial.callers.contains(who)) rights.add(denial);

    std::vector<Statement> found;
    std::vector<std::vector<std::uint16_t>> named;
    for (Right& right : rights.take()) {
        auto at = std::ranges::find_if(found, [&](const Statement& statement) {
            return statement.effect == right.effect && statement.on == right.on &&
                   statement.conditions == right.conditions && statement.resources == right.resources;
        });
        if (at == found.end()) {
            found.push_back({"", right.effect, {}, right.on, right.resources, right.conditions});
            named.push_back(right.targets);
            at = std::prev(found.end());
        }
        at->actions.push_back(std::move(right.action));
    }
    std::map<std::string, int> seen;
    for (std::size_t i = 0; i < found.size(); ++i) {
        found[i].sid = sid_of(found[i], named[i]);
        if (const int times = ++seen[found[i].sid]; times > 1) found[i].sid += std::to_string(times);
    }
    return found;
}

Value to_value(const Statement& statement, Principal who, const Site& site) {
    Value value = Value::object({{"Sid", statement.sid},
                                 {"Effect", statement.effect == Effect::Allow ? "Allow" : "Deny"},
                                 {"Action", one_or_all(statement.actions)}});
    value.set(statement.on == Statement::On::AllBut ? "NotResource" : "Resource",
              one_or_all(statement.resources));
    Value tests = Value::object();
    for (const std::uint16_t number : statement.conditions) {
        for (const Test& test : conditions()[number].tests) {
            Value keys = Value::object();
            if (const Value* had = tests.find(test.op)) keys = *had;
            keys.set(test.key, one_or_all(expand_all(test.values, who, site)));
            tests.set(test.op, std::move(keys));
        }
    }
    if (!tests.members().empty()) value.set("Condition", std::move(tests));
    return value;
}

Value document(Value statements) {
    return Value::object({{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

std::size_t size_of(const Value& document) {
    const std::string text = json::write(document);
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(
                             text, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }));
}

}  // namespace k3fleet::iam
