#include "core/iam/policies.h"

#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::iam {

namespace {

using enum Principal;

constexpr std::string_view kSsmManagedInstanceCore = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

Value list_of(std::initializer_list<std::string_view> texts) {
    Value list = Value::array();
    for (const std::string_view text : texts) list.push(text);
    return list;
}

// Halves what is too large for any document, first by resources: it allows the same.
void cut(Statement statement, std::size_t limit, Principal who, const Site& site,
         std::vector<Statement>& out) {
    const auto size = [&](const Statement& s) {
        return size_of(document(Value::array({to_value(s, who, site)})));
    };
    std::vector<std::string> Statement::* longest =
        statement.resources.size() > 1 && statement.on == Statement::On::Only ? &Statement::resources
                                                                              : &Statement::actions;
    std::vector<std::string>& texts = statement.*longest;
    if (size(statement) <= limit || texts.size() < 2) {
        out.push_back(std::move(statement));
        return;
    }
    Statement rest = statement;
    const auto middle = static_cast<std::ptrdiff_t>(texts.size() / 2);
    (rest.*longest).erase((rest.*longest).begin(), (rest.*longest).begin() + middle);
    texts.resize(static_cast<std::size_t>(middle));
    rest.sid += "Rest";
    cut(std::move(statement), limit, who, site, out);
    cut(std::move(rest), limit, who, site, out);
}

// As few documents as filling them in order gives.
std::vector<Value> fill(const std::vector<Statement>& statements, std::size_t limit, Principal who,
                        const Site& site) {
    const std::size_t around = size_of(document(Value::array()));
    std::vector<Value> documents;
    Value open = Value::array();
    std::size_t size = around;
    for (const Statement& statement : statements) {
        Value value = to_value(statement, who, site);
        const std::size_t more = size_of(value) + 1;  // And a comma.
        if (!open.items().empty() && size + more > limit) {
            documents.push_back(document(std::exchange(open, Value::array())));
            size = around;
        }
        open.push(std::move(value));
        size += more;
    }
    if (!open.items().empty()) documents.push_back(document(std::move(open)));
    return documents;
}

Value trust(Value principal, Value tests) {
    Value statement = Value::object(
        {{"Effect", "Allow"}, {"Principal", std::move(principal)}, {"Action", "sts:AssumeRole"}});
    if (!tests.members().empty()) statement.set("Condition", std::move(tests));
    return document(Value::array({std::move(statement)}));
}

Value service(std::string_view name) { return Value::object({{"Service", name}}); }

// Lambda and EC2 do not say for which function or machine they take a role on, CloudTrail says in its guide
// ("Role policy document for CloudTrail to use CloudWatch Logs") that it does not: nothing to test.
Value for_service_of(std::string_view name) { return trust(service(name), Value::object()); }

Value for_service_of(std::string_view name, const Site& site, std::string_view source) {
    return trust(service(name),
                 Value::object({{"StringEquals", Value::object({{"aws:SourceAccount", site.scope.account}})},
                                {"ArnLike", Value::object({{"aws:SourceArn", source}})}}));
}

// People of the account whose second factor was asked for within the hour.
Value for_people(const Site& site) {
    return trust(
        Value::object({{"AWS", format("arn:aws:iam::{}:root", site.scope.account)}}),
        Value::object({{"Bool", Value::object({{"aws:MultiFactorAuthPresent", "true"}})},
                       {"NumericLessThanEquals", Value::object({{"aws:MultiFactorAuthAge", "3600"}})}}));
}

}  // namespace

std::vector<Document> identity_policies(Principal who, const Site& site) {
    const PrincipalFacts& facts = facts_of(who);
    K3F_CHECK(facts.reach == Reach::Project || !site.scope.cluster.empty(),
              "a cluster's role without a cluster");
    const std::string name = model::names::policy_of(role_name(who, site.scope));
    const std::vector<Statement> statements = statements_of(who, site);
    if (facts.form == Form::Inline) {
        Value list = Value::array();
        for (const Statement& statement : statements) list.push(to_value(statement, who, site));
        if (list.items().empty()) return {};
        return {{name, document(std::move(list))}};
    }
    std::vector<Statement> fitting;
    for (const Statement& statement : statements) cut(statement, kManagedLimit, who, site, fitting);
    std::vector<Document> documents;
    for (Value& policy : fill(fitting, kManagedLimit, who, site))
        documents.push_back({format("{}-{}", name, documents.size() + 1), std::move(policy)});
    return documents;
}

std::vector<std::string> attached_policies(Principal who) {
    if (who == Node || who == Master) return {std::string(kSsmManagedInstanceCore)};
    return {};
}

Value ssm_managed_instance_core() {
    const auto allow = [](Value actions) {
        return Value::object({{"Effect", "Allow"}, {"Action", std::move(actions)}, {"Resource", "*"}});
    };
    return document(Value::array({
        allow(list_of({"ssm:DescribeAssociation", "ssm:GetDeployablePatchSnapshotForInstance",
                       "ssm:GetDocument", "ssm:DescribeDocument", "ssm:GetManifest", "ssm:GetParameter",
                       "ssm:GetParameters", "ssm:ListAssociations", "ssm:ListInstanceAssociations",
                       "ssm:PutInventory", "ssm:PutComplianceItems", "ssm:PutConfigurePackageResult",
                       "ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus",
                       "ssm:UpdateInstanceInformation"})),
        allow(list_of({"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
                       "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"})),
        allow(
            list_of({"ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage",
                     "ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply"})),
    }));
}

Value trust_policy(Principal who, const Site& site) {
    switch (who) {
        case Operator: return {};
        case Controller:
        case Autoscaler:
        case Notifier:
        case Auditor: return for_service_of("lambda.amazonaws.com");
        case Node:
        case Master: return for_service_of("ec2.amazonaws.com");
        case Trail: return for_service_of("cloudtrail.amazonaws.com");
        case Scheduler:
            return for_service_of(
                "scheduler.amazonaws.com", site,
                model::arn(site.scope, "scheduler",
                           format("schedule-group/{}", model::names::schedule_group(site.scope))));
        case FlowLogs:
            return for_service_of("vpc-flow-logs.amazonaws.com", site,
                                  model::arn(site.scope, "ec2", "vpc-flow-log/*"));
        case Fixer:
        case Responder:
        case BreakGlass: return for_people(site);
    }
    K3F_CHECK(false, "a principal nobody may be");
    return {};
}

// The security checklist's policy denies by the first of these statements alone. With it
//   nobody can set a second factor up unless something else allows it: the two Allow statements;
//   a user who must change the password at the first sign-in never gets in: ChangePassword;
//   a virtual device that was made and not confirmed blocks its name for ever: DeleteVirtualMFADevice;
//   `aws` with mfa_serial cannot take a role on, as it calls AssumeRole with the long-term key and the code:
//   exempt for the roles that demand the second factor themselves.
// And whoever holds an administrator's stolen key could enable a device for somebody else: denied but for the
// user's own.
Value deny_without_mfa(const Site& site) {
    const std::string own = format("arn:aws:iam::{}:user/${{aws:username}}", site.scope.account);
    const std::string device = format("arn:aws:iam::{}:mfa/", site.scope.account);
    const Value without =
        Value::object({{"BoolIfExists", Value::object({{"aws:MultiFactorAuthPresent", "false"}})}});
    const auto statement = [](std::string_view sid, std::string_view effect, std::string_view what,
                              Value actions, std::string_view on, Value resources) {
        return Value::object(
            {{"Sid", sid}, {"Effect", effect}, {what, std::move(actions)}, {on, std::move(resources)}});
    };
    Value roles = Value::array();
    for (const Principal who : {Fixer, Responder, BreakGlass})
        roles.push(model::role_arn(site.scope, role_name(who, site.scope)));
    Value everything =
        statement("DenyAllExceptListingWhenNoMFA", "Deny", "NotAction",
                  list_of({"iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice",
                           "iam:EnableMFADevice", "iam:GetAccountPasswordPolicy", "iam:GetMFADevice",
                           "iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices",
                           "iam:ResyncMFADevice", "sts:AssumeRole", "sts:GetSessionToken"}),
                  "Resource", "*");
    Value others = statement("DenyDevicesOfOthersWhenNoMFA", "Deny", "Action",
                             list_of({"iam:EnableMFADevice", "iam:ResyncMFADevice"}), "NotResource", own);
    Value assume = statement("DenyRolesThatDoNotDemandMFA", "Deny", "Action", "sts:AssumeRole", "NotResource",
                             std::move(roles));
    for (Value* denial : {&everything, &others, &assume}) denial->set("Condition", without);
    return document(Value::array({
        std::move(everything),
        std::move(others),
        std::move(assume),
        statement("SeeWhatThereIs", "Allow", "Action",
                  list_of({"iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"}), "Resource", "*"),
        statement("MakeADevice", "Allow", "Action", "iam:CreateVirtualMFADevice", "Resource", device + "*"),
        statement("DropAnUnusedDevice", "Allow", "Action", "iam:DeleteVirtualMFADevice", "Resource",
                  device + "${aws:username}*"),
        statement("OwnSecondFactor", "Allow", "Action",
                  list_of({"iam:ChangePassword", "iam:EnableMFADevice", "iam:GetMFADevice", "iam:GetUser",
                           "iam:ListMFADevices", "iam:ResyncMFADevice"}),
                  "Resource", own),
    }));
}

}  // namespace k3fleet::iam
