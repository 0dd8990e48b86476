// Lambda's part of a simulated account: functions, and which queues they are woken by.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

// A statement of a function's policy.
struct FunctionPermission {
    std::string id;
    std::string action;
    std::string principal;
    std::string source_arn;      // Empty: any.
    std::string source_account;  // Empty: any.
};

// How calls are dealt with for which nobody waits. Unset: Lambda's own way.
struct InvokeSettings {
    std::optional<std::int32_t> retries;
    std::optional<std::int32_t> oldest_seconds;
    std::string on_success;  // ARNs; empty: nothing is told.
    std::string on_failure;
    Timestamp changed_at;
};

struct FunctionLogging {
    std::string format = "Text";
    std::string application_level;  // Of JSON only.
    std::string system_level;
    std::string group;
};

// Of the code only its digest is kept: nobody runs it.
struct LambdaFunction {
    std::string name;
    std::string role;
    std::string runtime;
    std::string handler;
    std::string description;
    std::string architecture;
    std::string key;
    std::string tracing;
    std::string dead_letters;  // ARN of a queue or a topic.
    FunctionLogging logging;
    std::int32_t timeout = 3;  // Seconds.
    std::int32_t memory = 128;
    std::int32_t storage = 512;
    std::map<std::string, std::string> variables;
    std::string vpc;  // Empty: in none.
    std::vector<std::string> subnets;
    std::vector<std::string> groups;
    std::string code_digest;  // SHA-256, base64.
    std::int64_t code_size = 0;
    Timestamp changed_at;
    Timestamp ready_at;    // Pending before.
    Timestamp settled_at;  // An update is in progress before.
    std::string failure;   // Why the last of the two came to nothing: Lambda's code.
    std::uint64_t revision = 0;
    std::uint64_t policy_revision = 0;
    std::optional<std::int32_t> reserved;
    std::vector<FunctionPermission> permissions;
    std::optional<InvokeSettings> invoke;
    std::map<std::string, std::string> tags;
};

struct EventSource {
    std::string id;
    std::string queue;  // Names.
    std::string function;
    std::int32_t batch = 10;
    std::int32_t window = 0;  // Seconds.
    std::optional<std::int32_t> concurrency;
    std::vector<std::string> response_types;
    std::vector<std::string> filters;
    Timestamp changed_at;
    bool enabled = true;
    std::string changing;  // "Creating", "Updating", "Enabling", "Disabling", "Deleting" …
    Timestamp done_at;     // … until then.
};

// An interface that no function uses any more.
struct LeavingInterface {
    std::string id;
    Timestamp gone_at;
};

struct FunctionsState {
    std::uint64_t made = 0;           // Functions, event sources, revisions: what is drawn for each differs.
    std::int32_t concurrency = 1000;  // Quota.
    std::map<std::string, LambdaFunction> functions;  // By name.
    std::map<std::string, EventSource> sources;       // By id.
    std::vector<LeavingInterface> leaving;
};

template <typename Archive>
void fields(Archive& archive, FunctionPermission& permission) {
    archive(permission.id, permission.action, permission.principal, permission.source_arn,
            permission.source_account);
}
template <typename Archive>
void fields(Archive& archive, InvokeSettings& settings) {
    archive(settings.retries, settings.oldest_seconds, settings.on_success, settings.on_failure,
            settings.changed_at);
}
template <typename Archive>
void fields(Archive& archive, FunctionLogging& logging) {
    archive(logging.format, logging.application_level, logging.system_level, logging.group);
}
template <typename Archive>
void fields(Archive& archive, LambdaFunction& f) {
    archive(f.name, f.role, f.runtime, f.handler, f.description, f.architecture, f.key, f.tracing,
            f.dead_letters, f.logging, f.timeout, f.memory, f.storage, f.variables, f.vpc, f.subnets,
            f.groups, f.code_digest, f.code_size, f.changed_at, f.ready_at, f.settled_at, f.failure,
            f.revision, f.policy_revision, f.reserved, f.permissions, f.invoke, f.tags);
}
template <typename Archive>
void fields(Archive& archive, EventSource& source) {
    archive(source.id, source.queue, source.function, source.batch, source.window, source.concurrency,
            source.response_types, source.filters, source.changed_at, source.enabled, source.changing,
            source.done_at);
}
template <typename Archive>
void fields(Archive& archive, LeavingInterface& interface) {
    archive(interface.id, interface.gone_at);
}
template <typename Archive>
void fields(Archive& archive, FunctionsState& state) {
    archive(state.made, state.concurrency, state.functions, state.sources, state.leaving);
}

}  // namespace k3fleet::simcloud
