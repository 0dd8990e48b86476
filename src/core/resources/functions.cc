// Functions with all that belongs to them, and roles.
#include "base/text.h"
#include "core/resources/builder.h"

namespace k3fleet::resources {

namespace names = model::names;

void add_role(Builder& b, const RolePlan& plan) {
    Value properties = object({{"RoleName", plan.name}, {"AssumeRolePolicyDocument", plan.trust}});
    Value attached = Value::array();
    if (plan.ssm)  // Less what it over-grants: the role's own policy denies that (G-2).
        attached.push("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore");
    Value own = Value::array();
    int nth = 0;
    for (const NamedPolicy& policy : plan.policies.documents) {
        if (plan.policies.form == RolePolicies::Form::Inline) {
            own.push(object({{"PolicyName", policy.name}, {"PolicyDocument", policy.document}}));
            continue;
        }
        const std::string id = format("{}Policy{}", plan.id, ++nth);
        b.add(id, "AWS::IAM::ManagedPolicy", policy.name,
              object({{"ManagedPolicyName", policy.name}, {"PolicyDocument", policy.document}}));
        attached.push(ref_to(id));
    }
    properties.set("ManagedPolicyArns", std::move(attached));
    properties.set("Policies", std::move(own));
    b.add(plan.id, "AWS::IAM::Role", plan.name, std::move(properties));
}

namespace {

Value function_properties(const FunctionPlan& plan, const FunctionCode& code) {
    Value properties = object({{"FunctionName", plan.name},
                               {"Description", plan.what},
                               {"Role", att_of(format("{}Role", plan.id), "Arn")},
                               {"Runtime", "provided.al2023"},
                               {"Handler", "bootstrap"},
                               {"Architectures", list({code.architecture})},
                               {"Timeout", plan.timeout_seconds},
                               {"MemorySize", plan.memory_mib},
                               {"Environment", object({{"Variables", plan.environment}})}});
    if (!code.sha256.empty()) properties.set("Code", object({{"Sha256", code.sha256}}));
    if (!plan.key.is_null()) properties.set("KmsKeyArn", plan.key);
    if (!plan.vpc.is_null()) properties.set("VpcConfig", plan.vpc);
    return properties;
}

// The schedule's own role may start this function; nothing waits for it or tries again: the next tick sees
// the same world (B: no async retries).
Value schedule_properties(const Builder& b, const FunctionPlan& plan) {
    const std::string role = model::role_arn(b.scope(), plan.scheduler_role);
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
    add_role(b, {.id = id + "Role",
                 .name = plan.role,
                 .trust = trust("lambda.amazonaws.com"),
                 .policies = policy(plan.caller)});
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
