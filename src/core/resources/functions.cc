// Functions with all that belongs to them, and roles.
#include "base/text.h"
#include "core/iam/policies.h"
#include "core/resources/builder.h"

namespace k3fleet::resources {

namespace names = model::names;

void add_role(Builder& b, const std::string& id, iam::Principal who, const PolicyOf& policy) {
    const std::string name = iam::role_name(who, b.scope());
    Value properties = object(
        {{"RoleName", name}, {"AssumeRolePolicyDocument", iam::trust_policy(who, {.scope = b.scope()})}});
    Value attached = Value::array();
    for (const std::string& arn : iam::attached_policies(who)) attached.push(arn);
    Value own = Value::array();
    int nth = 0;
    const RolePolicies policies = policy(iam::facts_of(who).name);
    for (const NamedPolicy& each : policies.documents) {
        if (policies.form == RolePolicies::Form::Inline) {
            own.push(object({{"PolicyName", each.name}, {"PolicyDocument", each.document}}));
            continue;
        }
        const std::string part = format("{}Policy{}", id, ++nth);
        b.add(part, "AWS::IAM::ManagedPolicy", each.name,
              object({{"ManagedPolicyName", each.name}, {"PolicyDocument", each.document}}));
        attached.push(ref_to(part));
    }
    properties.set("ManagedPolicyArns", std::move(attached));
    properties.set("Policies", std::move(own));
    b.add(id, "AWS::IAM::Role", name, std::move(properties));
}

namespace {

Value function_properties(const FunctionPlan& plan, const FunctionCode& code) {
    Value properties = object({{"FunctionName", plan.name},
                               {"Description", plan.what},
                               {"Role", att_of(format("{}Role", plan.id), "Arn")},
                               {"Runtime", "provided.al2023"},
                               {"Handler", "bootstrap"},
                               {"Timeout", plan.timeout_seconds},
                               {"MemorySize", plan.memory_mib},
                               {"Environment", object({{"Variables", plan.environment}})}});
    if (!code.architecture.empty()) properties.set("Architectures", list({code.architecture}));
    if (!code.sha256.empty()) properties.set("Code", object({{"Sha256", code.sha256}}));
    if (!plan.key.is_null()) properties.set("KmsKeyArn", plan.key);
    if (!plan.vpc.is_null()) properties.set("VpcConfig", plan.vpc);
    return properties;
}

// The schedule's own role may start this function; nothing waits for it or tries again: the next tick sees
// the same world (B: no async retries).
Value schedule_properties(const Builder& b, const FunctionPlan& plan) {
    const std::string role = model::role_arn(b.scope(), iam::role_name(iam::Principal::Scheduler, b.scope()));
    return object({{"Name", names::schedule(plan.name)},
                   {"GroupName", names::schedule_group(b.scope())},
                   {"ScheduleExpression", plan.schedule},
                   {"FlexibleTimeWindow", object({{"Mode", "OFF"}})},
                   {"State", "ENABLED"},
                   {"Target", object({{"Arn", att_of(std::string(plan.id) + "Function", "Arn")},
                                      {"RoleArn", role},
                                      {"Input", R"({"source":"k3fleet.schedule"})"},
                                      {"RetryPolicy", object({{"MaximumRetryAttempts", 0},
                                                              {"MaximumEventAgeInSeconds", 60}})}})}});
}

}  // namespace

void add_function(Builder& b, const FunctionPlan& plan, const PolicyOf& policy, const FunctionCode& code) {
    const std::string id(plan.id);
    Value log =
        object({{"LogGroupName", names::function_log(plan.name)}, {"RetentionInDays", plan.log_days}});
    if (!plan.key.is_null()) log.set("KmsKeyId", plan.key);
    b.add(id + "Log", "AWS::Logs::LogGroup", names::function_log(plan.name), std::move(log));
    // G-1: its own least-privilege role.
    add_role(b, id + "Role", plan.who, policy);
    Resource& function =
        b.add(id + "Function", "AWS::Lambda::Function", plan.name, function_properties(plan, code));
    function.content = code.zip;
    function.after = {LogicalId(id + "Log")};  // Else Lambda makes it, without an end to what it keeps.
    // No retries of asynchronous events, and none older than a minute: a tick decides on what is now.
    b.add(id + "Invoke", "AWS::Lambda::EventInvokeConfig",
          object({{"FunctionName", ref_to(id + "Function")},
                  {"Qualifier", "$LATEST"},
                  {"MaximumRetryAttempts", 0},
                  {"MaximumEventAgeInSeconds", 60}}));
    if (!plan.schedule.empty())
        b.add(id + "Schedule", "AWS::Scheduler::Schedule", schedule_properties(b, plan));
}

void add_event_source(Builder& b, std::string_view id, std::string_view function, std::string_view queue) {
    b.add(id, "AWS::Lambda::EventSourceMapping",
          object({{"FunctionName", ref_to(function)},
                  {"EventSourceArn", att_of(queue, "Arn")},
                  {"BatchSize", 10},
                  {"Enabled", true},
                  {"FunctionResponseTypes", list({"ReportBatchItemFailures"})},
                  // The least that Lambda takes. It needs no reserved concurrency, which new accounts (10 in
                  // all) cannot give.
                  {"ScalingConfig", object({{"MaximumConcurrency", 2}})}}));
}

}  // namespace k3fleet::resources
