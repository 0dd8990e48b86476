// AWS::Lambda::Function. Its code is the resource's content, told apart by its sha256, or lies in a bucket.
// Lambda takes one change at a time; what comes too early is refused and tried again by the caller.
//
// Code.Sha256 is ours: CloudFormation has no such property.
#include <algorithm>
#include <array>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/ec2.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/lambda.h"
#include "base/crypto.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace lambda = aws::lambda;

namespace {

constexpr auto kConfiguration = std::to_array<std::string_view>(
    {"Runtime", "Role", "Handler", "Timeout", "MemorySize", "Description", "VpcConfig", "Environment",
     "TracingConfig", "KMSKeyArn", "EphemeralStorage", "LoggingConfig", "DeadLetterConfig"});

Value named(const std::string& function) { return Value::object({{"FunctionName", function}}); }

// What is not set is known to be so, as far as it can be set here.
Value properties_of(const Value& configuration) {
    Value properties = take(configuration, kConfiguration);
    take(properties, configuration, {"FunctionName", "Architectures", "PackageType"});
    rename(properties, configuration, {{"KmsKeyArn", "KMSKeyArn"}});
    properties.set("Code", Value::object({{"Sha256", at(configuration, "CodeSha256")}}));
    properties.set("Description", configuration.string_at("Description"));
    Value variables = at(configuration, "Environment.Variables");
    if (variables.is_null()) variables = Value::object();
    properties.set("Environment", Value::object({{"Variables", variables}}));
    Value vpc = Value::object();
    for (const std::string_view list : {"SubnetIds", "SecurityGroupIds"})
        vpc.set(list, Value::array(at(configuration, "VpcConfig." + std::string(list)).items()));
    return properties.set("VpcConfig", vpc);
}

Result<std::optional<Value>> configuration_of(Context& context, const std::string& name) {
    auto answer = ask_shown(context, lambda::GetFunctionConfigurationRequest::operation(), named(name));
    if (answer) return std::optional(std::move(*answer));
    if (answer.error().code == ErrorCode::NotFound) return std::optional<Value>();
    return std::unexpected(std::move(answer).error());
}

bool busy(const Value& configuration) {
    return configuration.string_at("State") == "Pending" ||
           configuration.string_at("LastUpdateStatus") == "InProgress";
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto configuration = K3F_TRY(configuration_of(context, name));
    if (!configuration) return std::optional<Observed>();
    Observed observed;
    observed.physical_id = name;
    const std::string arn = configuration->string_at("FunctionArn");
    observed.attributes = Value::object({{"Arn", arn}});
    observed.properties = properties_of(*configuration);
    const Value reserved = K3F_TRY(ask<lambda::GetFunctionConcurrencyRequest>(context, named(name)));
    observed.properties.set("ReservedConcurrentExecutions", at(reserved, "ReservedConcurrentExecutions"));
    const Value tags = K3F_TRY(ask<lambda::ListTagsRequest>(context, Value::object({{"Resource", arn}})));
    observed.tags = tags_of(at(tags, "Tags"));
    observed.created_at = time_at(*configuration, "LastModified");
    observed.pending = busy(*configuration);
    if (observed.pending)
        observed.waiting_for = configuration->string_at("StateReason", "Lambda makes the function ready");
    return std::optional(std::move(observed));
}

// Where the code came from is nothing that Lambda remembers: what is wanted is taken for true.
Result<std::optional<Observed>> find(Context& context, const Resource& resource) {
    auto observed = K3F_TRY(observe(context, text(resource, "FunctionName")));
    if (!observed) return observed;
    Value code = at(resource.properties, "Code");
    if (code.is_null()) return observed;
    if (code.find("Sha256") != nullptr) code.set("Sha256", at(observed->properties, "Code.Sha256"));
    observed->properties.set("Code", code);
    return observed;
}

Value code_of(const Resource& resource) {
    if (resource.content != nullptr)
        return Value::object({{"ZipFile", crypto::to_base64(*resource.content)}});
    return take(at(resource.properties, "Code"), {"S3Bucket", "S3Key", "S3ObjectVersion"});
}

Value configuration_request(const Resource& resource) {
    Value request = take(resource.properties, kConfiguration);
    rename(request, resource.properties, {{"KMSKeyArn", "KmsKeyArn"}, {"FunctionName", "FunctionName"}});
    return request;
}

Status reserve(Context& context, const Observed& observed, const Resource& resource) {
    if (!differs(observed, resource, "ReservedConcurrentExecutions")) return {};
    Value request = named(observed.physical_id);
    take(request, resource.properties, {"ReservedConcurrentExecutions"});
    return tell<lambda::PutFunctionConcurrencyRequest>(context, request);
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second function of that name is refused.
    Value request = configuration_request(resource);
    take(request, resource.properties, {"Architectures", "PackageType"});
    request.set("Code", code_of(resource));
    request.set("Tags", tag_map(resource.tags));
    K3F_TRY(tell<lambda::CreateFunctionRequest>(context, request));
    Observed fresh;
    fresh.physical_id = text(resource, "FunctionName");
    K3F_TRY(reserve(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& before, const Resource& resource) {
    // A change that Lambda put off is tried again with what was seen then.
    const auto observed = K3F_TRY(find(context, resource));
    if (!observed) return fail(ErrorCode::NotFound, format("function {} is gone", before.physical_id));
    if (const Tags tags = tags_to_set(*observed, resource); !tags.empty())
        K3F_TRY(tell<lambda::TagResourceRequest>(
            context,
            Value::object({{"Resource", at(observed->attributes, "Arn")}, {"Tags", tag_map(tags)}})));
    K3F_TRY(reserve(context, *observed, resource));
    if (any_differs(*observed, resource, kConfiguration) || differs(*observed, resource, "KmsKeyArn"))
        K3F_TRY(tell<lambda::UpdateFunctionConfigurationRequest>(context, configuration_request(resource)));
    if (any_differs(*observed, resource, {"Code", "Architectures"})) {
        Value request = code_of(resource);
        take(request, resource.properties, {"Architectures"});
        K3F_TRY(tell<lambda::UpdateFunctionCodeRequest>(context,
                                                        request.set("FunctionName", observed->physical_id)));
    }
    return {};
}

Status leave_vpc(Context& context, const std::string& name) {
    const Value nowhere =
        Value::object({{"SubnetIds", Value::array()}, {"SecurityGroupIds", Value::array()}});
    return tell<lambda::UpdateFunctionConfigurationRequest>(context, named(name).set("VpcConfig", nowhere));
}

// A deleted function's interfaces would hold subnets and groups for up to 45 minutes,
// with nothing to ask about.
Result<Removal> remove(Context& context, const Observed& observed) {
    const std::string& name = observed.physical_id;
    const auto configuration = K3F_TRY(configuration_of(context, name));
    if (!configuration) return Removal{};
    if (busy(*configuration)) return going("Lambda is changing the function");
    if (!at(*configuration, "VpcConfig.SubnetIds").items().empty()) {
        K3F_TRY(leave_vpc(context, name));
        return going("the function leaves its VPC");
    }
    const std::string held =
        interfaces_holding(context, "description", format("AWS Lambda VPC ENI-{}-*", name));
    if (!held.empty()) return going("Lambda deletes its " + held);
    return removed(tell<lambda::DeleteFunctionRequest>(context, named(name)));
}

}  // namespace

constinit const Implementation kFunction = {
    .type = "AWS::Lambda::Function",
    .observe = observe,
    .find = find,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
