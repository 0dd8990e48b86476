#include "core/iam/principals.h"

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::iam {

namespace {

using enum Principal;

constexpr PrincipalFacts kPrincipals[] = {
    {Operator, "operator", "a person's command line", Form::Printed, Reach::Project, Principals(Operator)},
    {Controller, "controller", "the function that looks after infrastructure and masters", Form::Managed,
     Reach::Project, Principals(Controller)},
    {Autoscaler, "autoscaler", "the function that starts and ends a cluster's workers", Form::Inline,
     Reach::Cluster, Principals(Autoscaler)},
    {Notifier, "notifier", "the function that passes alerts on", Form::Inline, Reach::Project,
     Principals(Notifier)},
    {Auditor, "auditor", "the function that checks and only reads", Form::Managed, Reach::Project,
     Principals(Auditor)},
    {Fixer, "fixer", "whoever repairs what an audit found, with MFA", Form::Inline, Reach::Project,
     Principals(Fixer)},
    {Responder, "responder", "whoever handles an incident, with MFA", Form::Inline, Reach::Project,
     Principals(Responder)},
    {Node, "node", "a worker machine", Form::Inline, Reach::Cluster, Principals(Node)},
    {Master, "master", "a master machine", Form::Inline, Reach::Cluster, Principals(Master)},
    {Scheduler, "scheduler", "EventBridge Scheduler, which starts the functions", Form::Inline,
     Reach::Project, Principals(Scheduler)},
    {Trail, "trail", "CloudTrail, which delivers to a log group", Form::Inline, Reach::Project,
     Principals(Trail)},
    {FlowLogs, "flow-logs", "VPC Flow Logs, which deliver to log groups", Form::Inline, Reach::Project,
     Principals(FlowLogs)},
    {BreakGlass, "break-glass", "whoever must act when nothing else works, with MFA and an alarm",
     Form::Managed, Reach::Project, Operator | Fixer | Responder | BreakGlass},
};

}  // namespace

std::span<const PrincipalFacts> principals() { return kPrincipals; }

const PrincipalFacts& facts_of(Principal who) {
    const auto& facts = kPrincipals[static_cast<std::size_t>(who)];
    K3F_CHECK(facts.who == who, "principals out of order");
    return facts;
}

std::optional<Principal> parse_principal(std::string_view name) {
    for (const PrincipalFacts& facts : kPrincipals)
        if (facts.name == name) return facts.who;
    return std::nullopt;
}

std::string role_name(Principal who, const model::Scope& scope) {
    switch (who) {
        case Operator: return format("{}OperatorRole", scope.project.str());
        case Controller: return model::names::controller_role(scope);
        case Autoscaler: return model::names::autoscaler_role(scope);
        case Notifier: return model::names::notifier_role(scope);
        case Auditor: return model::names::auditor_role(scope);
        case Fixer: return model::names::fixer_role(scope);
        case Responder: return model::names::responder_role(scope);
        case Node: return model::names::node_role(scope);
        case Master: return model::names::master_role(scope);
        case Scheduler: return model::names::scheduler_role(scope);
        case Trail: return model::names::trail_role(scope);
        case FlowLogs: return model::names::flow_logs_role(scope);
        case BreakGlass: return model::names::break_glass_role(scope);
    }
    K3F_CHECK(false, "a principal without a role");
    return {};
}

}  // namespace k3fleet::iam
