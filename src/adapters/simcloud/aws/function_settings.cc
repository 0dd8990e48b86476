#include "adapters/simcloud/aws/function_settings.h"

#include <algorithm>
#include <array>
#include <set>

#include "adapters/simcloud/aws/keys.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMaxVariables = 4'096;  // Of the variables as JSON.
constexpr std::size_t kMaxSubnets = 16;
constexpr std::size_t kMaxGroups = 5;
// Those that new functions may have.
constexpr std::array<std::string_view, 17> kRuntimes = {
    "nodejs20.x", "nodejs22.x", "nodejs24.x", "python3.10",   "python3.11",     "python3.12",
    "python3.13", "python3.14", "java11",     "java17",       "java21",         "java25",
    "dotnet8",    "ruby3.3",    "ruby3.4",    "provided.al2", "provided.al2023"};
constexpr std::array<std::string_view, 24> kReserved = {"_HANDLER",
                                                        "_X_AMZN_TRACE_ID",
                                                        "AWS_ACCESS_KEY",
                                                        "AWS_ACCESS_KEY_ID",
                                                        "AWS_DEFAULT_REGION",
                                                        "AWS_EXECUTION_ENV",
                                                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                        "AWS_LAMBDA_FUNCTION_NAME",
                                                        "AWS_LAMBDA_FUNCTION_VERSION",
                                                        "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                        "AWS_LAMBDA_LOG_GROUP_NAME",
                                                        "AWS_LAMBDA_LOG_STREAM_NAME",
                                                        "AWS_LAMBDA_METADATA_API",
                                                        "AWS_LAMBDA_METADATA_TOKEN",
                                                        "AWS_LAMBDA_RUNTIME_API",
                                                        "AWS_REGION",
                                                        "AWS_SECRET_ACCESS_KEY",
                                                        "AWS_SECRET_KEY",
                                                        "AWS_SECURITY_TOKEN",
                                                        "AWS_SESSION_TOKEN",
                                                        "AWS_XRAY_CONTEXT_MISSING",
                                                        "AWS_XRAY_DAEMON_ADDRESS",
                                                        "LAMBDA_RUNTIME_DIR",
                                                        "LAMBDA_TASK_ROOT"};

Status check_role(const Call& call, const std::string& arn) {
    const std::vector<std::string> parts = split(arn, ':');
    if (parts.size() != 6 || parts[2] != "iam" || !parts[5].starts_with("role/"))
        return constraint(arn, "role", "satisfy regular expression pattern of a role's ARN");
    if (parts[4] != call.account.number)
        return refuse("AccessDeniedException", "Cross-account pass role is not allowed.", 403);
    return {};
}

Status check_runtime(const std::string& runtime) {
    if (contains(kRuntimes, std::string_view(runtime))) return {};
    return bad_value(
        format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] "
               "or be a valid ARN",
               runtime, join({kRuntimes.begin(), kRuntimes.end()}, ", ")));
}

Status check_key(const Call& call, const std::string& key) {
    if (key.empty()) return {};  // Lambda's own.
    if (!key.starts_with("arn:aws:kms:"))
        return constraint(key, "kmsKeyArn", "satisfy regular expression pattern of a key's ARN");
    if (key_for(call, key).as == KeySeen::As::Usable) return {};
    return bad_value(
        "Lambda was unable to configure access to your environment variables because the KMS key provided is "
        "invalid. Please check your KMS key settings.");
}

Status check_texts(const FunctionSettings& settings) {
    if (settings.runtime) K3F_TRY(check_runtime(*settings.runtime));
    if (settings.handler && (settings.handler->empty() || settings.handler->size() > 128 ||
                             settings.handler->find(' ') != std::string::npos))
        return constraint(*settings.handler, "handler", "satisfy regular expression pattern: [^\\s]+");
    if (settings.description && settings.description->size() > 256)
        return constraint(*settings.description, "description", "have length less than or equal to 256");
    if (settings.tracing) {
        const std::string mode = settings.tracing->mode.value_or("");
        if (mode != "Active" && mode != "PassThrough")
            return constraint(mode, "tracingConfig.mode", "satisfy enum value set: [Active, PassThrough]");
    }
    return {};
}

bool is_variable(std::string_view name) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_'; };
    return name.size() >= 2 && is_letter_or_digit(name[0]) && (name[0] < '0' || name[0] > '9') &&
           std::ranges::all_of(name, allowed);
}

Result<std::map<std::string, std::string>> variables_of(const lambda::Environment& environment) {
    std::map<std::string, std::string> variables;
    Value measured = Value::object();
    std::vector<std::string> reserved;
    for (const auto& [name, value] : environment.variables) {
        if (contains(kReserved, std::string_view(name)))
            reserved.push_back(name);
        else if (!is_variable(name))
            return constraint(name, "environment.variables",
                              "satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+");
        variables[name] = value.reveal();
        measured.set(name, value.reveal());
    }
    if (!reserved.empty())
        return bad_value(
            format("Lambda was unable to configure your environment variables because the environment "
                   "variables you have provided contains reserved keys that are currently not supported for "
                   "modification. Reserved keys used in this request: {}",
                   join(reserved, ", ")));
    if (json::write(measured).size() > kMaxVariables)
        return bad_value(
            "Lambda was unable to configure your environment variables because the environment variables you "
            "have provided exceeded the 4KB limit.");
    return variables;
}

struct Network {
    std::string vpc;
    std::vector<std::string> subnets;
    std::vector<std::string> groups;
};

Result<Network> network_of(const Call& call, const lambda::VpcConfig& config) {
    const Ec2State& ec2 = call.account.ec2;
    if (config.ipv6_allowed_for_dual_stack.value_or(false))
        return refuse("InvalidParameterCombination", "Ipv6AllowedForDualStack is not simulated");
    if (config.subnet_ids.size() > kMaxSubnets)
        return constraint("[…]", "vpcConfig.subnetIds", "have length less than or equal to 16");
    if (config.security_group_ids.size() > kMaxGroups)
        return constraint("[…]", "vpcConfig.securityGroupIds", "have length less than or equal to 5");
    if (config.subnet_ids.empty() != config.security_group_ids.empty())
        return bad_value("SubnetIds and SecurityIds must coexist or be both empty list.");
    Network network{.vpc = {},
                    .subnets = {config.subnet_ids.begin(), config.subnet_ids.end()},
                    .groups = {config.security_group_ids.begin(), config.security_group_ids.end()}};
    for (const std::string& id : network.subnets) {
        const auto found = ec2.subnets.find(id);
        if (found == ec2.subnets.end())
            return bad_value(
                format("Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 "
                       "Error Message: The subnet ID '{}' does not exist",
                       id));
        if (!network.vpc.empty() && found->second.vpc != network.vpc)
            return bad_value("Subnets are required to be in the same VPC.");
        network.vpc = found->second.vpc;
    }
    for (const std::string& id : network.groups) {
        const auto found = ec2.groups.find(id);
        if (found == ec2.groups.end())
            return bad_value(
                format("Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. "
                       "EC2 Error Message: The security group '{}' does not exist",
                       id));
        if (found->second.vpc != network.vpc)
            return bad_value("Security Groups are required to be in the same VPC.");
    }
    return network;
}

Result<std::string> dead_letters_of(const Call& call, const lambda::DeadLetterConfig& config) {
    const std::string arn = config.target_arn.value_or("");
    if (arn.empty() || arn.starts_with(call.arn("sqs", "")) || arn.starts_with(call.arn("sns", "")))
        return arn;
    return bad_value(format(
        "The provided dead letter config TargetArn {} is invalid: it must be a queue or a topic", arn));
}

Result<FunctionLogging> logging_of(const lambda::LoggingConfig& config, const std::string& function) {
    constexpr std::array<std::string_view, 6> kLevels = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
    FunctionLogging logging{.format = config.log_format.value_or("Text")};
    if (logging.format != "Text" && logging.format != "JSON")
        return constraint(logging.format, "loggingConfig.logFormat", "satisfy enum value set: [JSON, Text]");
    const bool levels = config.application_log_level || config.system_log_level;
    if (levels && logging.format == "Text") return bad_value("To set log level, use JSON as log format.");
    if (logging.format == "JSON") {
        logging.application_level = config.application_log_level.value_or("INFO");
        logging.system_level = config.system_log_level.value_or("INFO");
        for (const std::string& level : {logging.application_level, logging.system_level})
            if (!contains(kLevels, std::string_view(level)))
                return constraint(level, "loggingConfig", "satisfy enum value set of levels");
    }
    logging.group = config.log_group.value_or("/aws/lambda/" + function);
    return logging;
}

template <typename To, typename From>
void take_over(To& to, const std::optional<From>& from) {
    if (from) to = *from;
}

}  // namespace

Status apply_settings(Call& call, const FunctionSettings& settings, LambdaFunction& function) {
    LambdaFunction changed = function;
    if (settings.role) K3F_TRY(check_role(call, *settings.role));
    K3F_TRY(check_texts(settings));
    if (settings.key) K3F_TRY(check_key(call, *settings.key));
    K3F_TRY(in_range(settings.timeout, "timeout", 1, 900));
    K3F_TRY(in_range(settings.memory, "memorySize", 128, 10'240));
    if (settings.storage) {
        K3F_TRY(in_range(settings.storage->size, "ephemeralStorage.size", 512, 10'240));
        take_over(changed.storage, settings.storage->size);
    }
    if (settings.environment) changed.variables = K3F_TRY(variables_of(*settings.environment));
    if (settings.vpc) {
        Network network = K3F_TRY(network_of(call, *settings.vpc));
        changed.vpc = std::move(network.vpc);
        changed.subnets = std::move(network.subnets);
        changed.groups = std::move(network.groups);
    }
    if (settings.dead_letters) changed.dead_letters = K3F_TRY(dead_letters_of(call, *settings.dead_letters));
    if (settings.logging) changed.logging = K3F_TRY(logging_of(*settings.logging, function.name));
    if (settings.tracing) take_over(changed.tracing, settings.tracing->mode);
    take_over(changed.role, settings.role);
    take_over(changed.runtime, settings.runtime);
    take_over(changed.handler, settings.handler);
    take_over(changed.description, settings.description);
    take_over(changed.key, settings.key);
    take_over(changed.timeout, settings.timeout);
    take_over(changed.memory, settings.memory);
    if (settings.role) K3F_TRY(check_role_use(call, changed.role));
    if (settings.vpc && !changed.vpc.empty())
        K3F_TRY(check_role_may(
            call, changed.role, "ec2",
            {"CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"}, "*"));
    function = std::move(changed);
    return {};
}

Status check_architectures(const aws::List<std::string>& given) {
    if (given.size() > 1)
        return constraint(format("[{}]", join({given.begin(), given.end()}, ", ")), "architectures",
                          "have length less than or equal to 1");
    for (const std::string& one : given)
        if (one != "x86_64" && one != "arm64")
            return constraint(format("[{}]", one), "architectures",
                              "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]");
    return {};
}

Result<FunctionPackage> package_of(Call& call, const CodeSource& source) {
    if (source.zip && (source.bucket || source.key || source.version))
        return bad_value("Please do not provide other FunctionCode parameters when providing a ZipFile.");
    if (source.zip) return read_package(source.zip->reveal());
    if (!source.bucket || !source.key) return bad_value("Please provide a source for function code.");
    const auto failed = [](std::string_view code, std::string_view message) {
        return bad_value(
            format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}", code, message));
    };
    const auto bucket = call.account.s3.buckets.find(*source.bucket);
    if (bucket == call.account.s3.buckets.end())
        return failed("NoSuchBucket", "The specified bucket does not exist");
    const auto object = bucket->second.objects.find(*source.key);
    if (object == bucket->second.objects.end() || (!source.version && object->second.back().marker))
        return failed("NoSuchKey", "The specified key does not exist.");
    if (!source.version) return read_package(object->second.back().body);
    const auto version = std::ranges::find(object->second, *source.version, &S3Version::id);
    if (version == object->second.end() || version->marker)
        return failed("NoSuchVersion", "The specified version does not exist.");
    return read_package(version->body);
}

}  // namespace k3fleet::simcloud
