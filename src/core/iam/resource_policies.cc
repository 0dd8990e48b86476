#include "core/iam/resource_policies.h"

#include <string_view>
#include <utility>

#include "base/text.h"
#include "core/iam/principals.h"

namespace k3fleet::iam {

namespace {

namespace names = model::names;
using enum Principal;

using Members = std::initializer_list<std::pair<std::string_view, Value>>;

Value object(Members members) { return Value::object(members); }

Value list(const std::vector<std::string>& texts) {
    Value out = Value::array();
    for (const std::string& text : texts) out.push(text);
    return out;
}

struct Rule {
    std::string_view sid;
    std::string_view effect;
    Value principal;
    Value action;
    Value resource;
    Value condition;
};

Value statement(Rule rule) {
    Value out = object({{"Sid", rule.sid},
                        {"Effect", rule.effect},
                        {"Principal", std::move(rule.principal)},
                        {"Action", std::move(rule.action)},
                        {"Resource", std::move(rule.resource)}});
    if (!rule.condition.is_null()) out.set("Condition", std::move(rule.condition));
    return out;
}

Value deny(std::string_view sid, Value action, Value resource, Value condition) {
    return statement({sid, "Deny", "*", std::move(action), std::move(resource), std::move(condition)});
}

Value from(const Site& site, const std::vector<std::string>& sources) {
    return object({{"StringEquals", object({{"aws:SourceAccount", site.scope.account}})},
                   {"ArnLike", object({{"aws:SourceArn", list(sources)}})}});
}

// A service for this account, on behalf of these things of ours (G-24).
Value let_in(std::string_view sid, std::string_view service, Value action, Value resource, const Site& site,
             const std::vector<std::string>& sources) {
    return statement({sid, "Allow", object({{"Service", service}}), std::move(action), std::move(resource),
                      from(site, sources)});
}

// Roles of ours as principals. Of clusters: one for each.
std::vector<std::string> roles(const Site& site, std::initializer_list<Principal> whose) {
    std::vector<std::string> arns;
    for (const Principal who : whose) {
        if (facts_of(who).reach == Reach::Project) {
            arns.push_back(model::role_arn(site.scope, role_name(who, site.scope)));
            continue;
        }
        for (const model::ClusterName& cluster : site.clusters) {
            model::Scope scope = site.scope;
            scope.cluster = cluster;
            arns.push_back(model::role_arn(scope, role_name(who, scope)));
        }
    }
    return arns;
}

Value machines_and_functions(const Site& site) {
    return object(
        {{"ArnEquals", object({{"aws:PrincipalArn", list(roles(site, {Controller, Autoscaler, Notifier,
                                                                      Auditor, Node, Master}))}})}});
}

Value everything_in(const std::string& bucket) {
    return list({model::bucket_arn(bucket), model::bucket_arn(bucket) + "/*"});
}

// What every bucket has (G-7, N-15, G-14). Services of AWS are not of our account, but do nothing here that
// an Allow of the same policy does not let them.
std::vector<Value> closed(const std::string& bucket, const Site& site) {
    return {
        deny("TlsOnly", "s3:*", everything_in(bucket),
             object({{"Bool", object({{"aws:SecureTransport", "false"}})}})),
        deny("Tls12", "s3:*", everything_in(bucket),
             object({{"NumericLessThan", object({{"s3:TlsVersion", "1.2"}})}})),
        deny("OwnAccount", "s3:*", everything_in(bucket),
             object({{"StringNotEquals", object({{"aws:PrincipalAccount", site.scope.account}})},
                     {"BoolIfExists", object({{"aws:PrincipalIsAWSService", "false"}})}})),
    };
}

Value of(std::vector<Value> statements) { return document(Value::array(std::move(statements))); }

Value below(const std::string& bucket, std::string_view prefix) {
    return format("{}/{}*", model::bucket_arn(bucket), prefix);
}

Value list_of(std::initializer_list<std::string_view> texts) {
    Value out = Value::array();
    for (const std::string_view text : texts) out.push(text);
    return out;
}

Value plain(std::string_view action, const std::string& arn) {
    return deny("TlsOnly", action, arn, object({{"Bool", object({{"aws:SecureTransport", "false"}})}}));
}

std::string rule_arn(const Site& site, const std::string& rule) {
    return model::arn(site.scope, "events", "rule/" + rule);
}

std::vector<std::string> patterns_of(std::string_view list_name, const Site& site) {
    std::vector<std::string> found;
    for (const Target& target : targets())
        if (target.name == list_name)
            for (const std::string_view pattern : target.patterns)
                for (std::string& text : expand(pattern, Operator, site)) found.push_back(std::move(text));
    return found;
}

}  // namespace

Value state_bucket_policy(const Site& site) {
    const std::string bucket = names::state_bucket(site.scope);
    const Value changes =
        list_of({"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectTagging"});
    std::vector<Value> statements = closed(bucket, site);
    statements.push_back(deny("OnlyPeopleSayWhatRuns", changes,
                              Value::array({below(bucket, "clusters/"), below(bucket, "binaries/")}),
                              machines_and_functions(site)));
    statements.push_back(deny("TheJournalIsKept", list_of({"s3:DeleteObject", "s3:DeleteObjectVersion"}),
                              below(bucket, "journal/chain/"), nullptr));
    // s3:if-none-match is there when the request says so: put only if there is no such entry yet.
    statements.push_back(deny("TheJournalIsWrittenOnce", "s3:PutObject", below(bucket, "journal/chain/"),
                              object({{"Null", object({{"s3:if-none-match", "true"}})}})));
    return of(std::move(statements));
}

Value snapshots_bucket_policy(const Site& site) {
    const std::string bucket = names::snapshots_bucket(site.scope);
    std::vector<Value> statements = closed(bucket, site);
    Value known = Value::array();
    for (const model::ClusterName& cluster : site.clusters) {
        Site one = site;
        one.clusters = {cluster};
        const std::string prefix = format("{}/", cluster.str());
        std::string sid = "WrittenByMastersOf";
        for (const char c : cluster.str())
            if (c != '-') sid += c;
        known.push(below(bucket, prefix));
        statements.push_back(
            deny(format("{}{}", sid, statements.size()), "s3:PutObject", below(bucket, prefix),
                 object({{"ArnNotEquals", object({{"aws:PrincipalArn", list(roles(one, {Master}))}})}})));
    }
    Value elsewhere = deny("WrittenNowhereElse", "s3:PutObject", below(bucket, ""), nullptr);
    if (!known.items().empty()) {
        elsewhere = object({{"Sid", "WrittenNowhereElse"},
                            {"Effect", "Deny"},
                            {"Principal", "*"},
                            {"Action", "s3:PutObject"},
                            {"NotResource", std::move(known)}});
    }
    statements.push_back(std::move(elsewhere));
    statements.push_back(
        deny("ReadByPeopleAlone",
             list_of({"s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion"}),
             below(bucket, ""), machines_and_functions(site)));
    return of(std::move(statements));
}

Value trail_bucket_policy(const Site& site) {
    const std::string bucket = names::trail_bucket(site.scope);
    const std::vector<std::string> trail{
        model::arn(site.scope, "cloudtrail", format("trail/{}", names::trail(site.scope)))};
    Value write = let_in("TrailWrites", "cloudtrail.amazonaws.com", "s3:PutObject",
                         below(bucket, format("AWSLogs/{}/", site.scope.account)), site, trail);
    Value condition = *write.find("Condition");
    Value equal = *condition.find("StringEquals");
    equal.set("s3:x-amz-acl", "bucket-owner-full-control");
    condition.set("StringEquals", std::move(equal));
    write.set("Condition", std::move(condition));
    std::vector<Value> statements = closed(bucket, site);
    statements.push_back(let_in("TrailLooks", "cloudtrail.amazonaws.com", "s3:GetBucketAcl",
                                model::bucket_arn(bucket), site, trail));
    statements.push_back(std::move(write));
    statements.push_back(deny("TheTrailIsKept", list_of({"s3:DeleteObject", "s3:DeleteObjectVersion"}),
                              below(bucket, ""), nullptr));
    return of(std::move(statements));
}

Value queue_policy(const Site& site) {
    const model::Scope& s = site.scope;
    const std::string arn = model::arn(s, "sqs", names::queue(s));
    return of({plain("sqs:*", arn),
               let_in("ClusterFiles", "s3.amazonaws.com", "sqs:SendMessage", arn, site,
                      {model::bucket_arn(names::state_bucket(s))}),
               let_in("Events", "events.amazonaws.com", "sqs:SendMessage", arn, site,
                      {rule_arn(site, names::instances_rule(s)), rule_arn(site, names::spot_rule(s)),
                       rule_arn(site, names::foreign_launch_rule(s))})});
}

Value failed_queue_policy(const Site& site) {
    return of({plain("sqs:*", model::arn(site.scope, "sqs", names::failed_queue(site.scope)))});
}

Value worker_queue_policy(const Site& site) {
    return of({plain("sqs:*", model::arn(site.scope, "sqs", names::worker_queue(site.scope)))});
}

// A topic's policy takes single actions only, no "sns:*".
Value alerts_topic_policy(const Site& site) {
    const std::string arn = model::arn(site.scope, "sns", names::alerts_topic(site.scope));
    std::vector<std::string> alarms;
    for (const model::ClusterName& cluster : site.clusters) {
        model::Scope scope = site.scope;
        scope.cluster = cluster;
        alarms.push_back(model::arn(scope, "cloudwatch", "alarm:" + names::autoscaler_alarm(scope, "*")));
    }
    std::vector<Value> statements{plain("sns:Publish", arn)};
    if (!alarms.empty())
        statements.push_back(let_in("Alarms", "cloudwatch.amazonaws.com", "sns:Publish", arn, site, alarms));
    return of(std::move(statements));
}

Value security_topic_policy(const Site& site) {
    const model::Scope& s = site.scope;
    const std::string arn = model::arn(s, "sns", names::security_topic());
    std::vector<std::string> alarms;
    for (const std::string& pattern : patterns_of("alarms", site))
        if (pattern.find('*') == std::string::npos) alarms.push_back(pattern);  // The account's three.
    return of({plain("sns:Publish", arn),
               deny("NoFunctionOfOurs", "sns:Publish", arn, machines_and_functions(site)),
               let_in("Alarms", "cloudwatch.amazonaws.com", "sns:Publish", arn, site, alarms),
               let_in("BrokenGlass", "events.amazonaws.com", "sns:Publish", arn, site,
                      {rule_arn(site, names::break_glass_rule(s)),
                       rule_arn(site, names::foreign_launch_rule(s))})});
}

std::vector<FunctionPermission> function_permissions(const Site& site) {
    const model::Scope& s = site.scope;
    const std::string notifier = names::notifier_function(s);
    const auto topic = [&](std::string id, const std::string& name) {
        return FunctionPermission{notifier, std::move(id), "sns.amazonaws.com", model::arn(s, "sns", name),
                                  s.account};
    };
    return {topic("alerts", names::alerts_topic(s)), topic("security-alerts", names::security_topic())};
}

namespace {

// Without this nobody could administer the key, and no identity policy would count.
Value account_administers(const Site& site) {
    return statement({"TheAccountByItsPolicies", "Allow",
                      object({{"AWS", format("arn:aws:iam::{}:root", site.scope.account)}}), "kms:*", "*",
                      nullptr});
}

}  // namespace

Value key_policy(const Site& site) {
    const model::Scope& s = site.scope;
    const Value use = list_of({"kms:Decrypt", "kms:GenerateDataKey*"});
    std::vector<std::string> rules, service_roles;
    for (const std::string& name : {names::instances_rule(s), names::spot_rule(s),
                                    names::foreign_launch_rule(s), names::break_glass_rule(s)})
        rules.push_back(rule_arn(site, name));
    for (const std::string& role : patterns_of("service-linked-roles", site)) service_roles.push_back(role);
    // CloudWatch Logs names the log group in the context of each call, not as the source.
    const Value logs = statement(
        {"LogGroups", "Allow", object({{"Service", format("logs.{}.amazonaws.com", s.region)}}),
         list_of({"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}),
         "*",
         object({{"ArnEquals", object({{"kms:EncryptionContext:aws:logs:arn",
                                        list(patterns_of("log-groups", site))}})}})});
    // EC2 User Guide, "Grant access to KMS keys for use with encrypted AMIs and EBS snapshots" (Spot, Fleet).
    Value machines = statement(
        {"SpotAndFleetVolumes", "Allow", object({{"AWS", list(service_roles)}}),
         list_of({"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}),
         "*", nullptr});
    Value grants =
        statement({"SpotAndFleetGrants", "Allow", object({{"AWS", list(service_roles)}}), "kms:CreateGrant",
                   "*", object({{"Bool", object({{"kms:GrantIsForAWSResource", "true"}})}})});
    return of(
        {account_administers(site), logs,
         let_in("EventsToQueuesAndTopics", "events.amazonaws.com", use, "*", site, rules),
         let_in("ClusterFilesToTheQueue", "s3.amazonaws.com", use, "*", site,
                {model::bucket_arn(names::state_bucket(s))}),
         let_in("AlarmsToTopics", "cloudwatch.amazonaws.com", use, "*", site, patterns_of("alarms", site)),
         let_in("TopicsToTheNotifier", "sns.amazonaws.com", use, "*", site, patterns_of("topics", site)),
         std::move(machines), std::move(grants)});
}

Value snapshots_key_policy(const Site& site) { return of({account_administers(site)}); }

}  // namespace k3fleet::iam
