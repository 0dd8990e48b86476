// What a function is told when it is made and changed: checked as Lambda does, and taken over.
#pragma once

#include <optional>
#include <string>

#include "adapters/simcloud/aws/function_common.h"
#include "adapters/simcloud/aws/function_package.h"

namespace k3fleet::simcloud {

// Those members that making and changing have in common; what is absent stays. Nothing is taken over if one
// of them is wrong.
struct FunctionSettings {
    const std::optional<std::string>& role;
    const std::optional<std::string>& runtime;
    const std::optional<std::string>& handler;
    const std::optional<std::string>& description;
    const std::optional<std::string>& key;
    const std::optional<std::int32_t>& timeout;
    const std::optional<std::int32_t>& memory;
    const aws::Boxed<lambda::VpcConfig>& vpc;
    const aws::Boxed<lambda::Environment>& environment;
    const aws::Boxed<lambda::DeadLetterConfig>& dead_letters;
    const aws::Boxed<lambda::TracingConfig>& tracing;
    const aws::Boxed<lambda::EphemeralStorage>& storage;
    const aws::Boxed<lambda::LoggingConfig>& logging;
};
template <typename Request>
FunctionSettings settings_of(const Request& request) {
    return {request.role,           request.runtime,
            request.handler,        request.description,
            request.kms_key_arn,    request.timeout,
            request.memory_size,    request.vpc_config,
            request.environment,    request.dead_letter_config,
            request.tracing_config, request.ephemeral_storage,
            request.logging_config};
}
Status apply_settings(Call& call, const FunctionSettings& settings, LambdaFunction& function);

Status check_architectures(const aws::List<std::string>& given);

// Where the code comes from: the request itself, or a bucket.
struct CodeSource {
    const std::optional<Secret>& zip;
    const std::optional<std::string>& bucket;
    const std::optional<std::string>& key;
    const std::optional<std::string>& version;
};
Result<FunctionPackage> package_of(Call& call, const CodeSource& source);

}  // namespace k3fleet::simcloud
