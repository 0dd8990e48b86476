// The schemas are those of AWS's user guide: "Schemas, features, and examples" (2.2 of commands) and "Session
// document schema" (1.0).
#include "core/remote/documents.h"

#include "base/text.h"
#include "core/intent/rules.h"

namespace k3fleet::remote {

namespace names = model::names;

namespace {

Value parameter(std::string_view what, std::string_view pattern, std::string_view otherwise = "") {
    Value value = Value::object({{"type", "String"}, {"description", what}, {"allowedPattern", pattern}});
    if (!otherwise.empty()) value.set("default", otherwise);
    return value;
}

// A script as SSM takes it: a list of lines. The first says which shell reads it.
Value command(std::string_view what, Value parameters, std::string_view step, std::string_view script) {
    Value lines = Value::array();
    for (const std::string& line : split(trim(script), '\n')) lines.push(line);
    const Value inputs = Value::object({{"timeoutSeconds", "120"}, {"runCommand", lines}});
    return Value::object(
        {{"schemaVersion", "2.2"},
         {"description", what},
         {"parameters", std::move(parameters)},
         {"mainSteps", Value::array({Value::object(
                           {{"action", "aws:runShellScript"}, {"name", step}, {"inputs", inputs}})})}});
}

}  // namespace

resources::SsmDocument sign_document(const model::Scope& scope) {
    Value parameters = Value::object(
        {{"runId", parameter("Names this run: a second one of that name does nothing", "^[0-9a-f]{16,32}$")},
         {"cluster", parameter("Which cluster the master must be of", intent::kClusterName.pattern)},
         {"hours", parameter("How long the certificate is good for", format("^[1-{}]$", kMaxHours),
                             std::to_string(kMaxHours))},
         {"csr", parameter("The certificate request, PEM, in base64", "^[A-Za-z0-9+/]{100,4000}={0,2}$")}});
    return {.name = names::sign_document(scope, "kubeconfig"),
            .type = "Command",
            .content = command("Signs a person's certificate request for the cluster's API",
                               std::move(parameters), "sign", sign_sh)};
}

// Run As: with a user that every machine has, since Session Manager makes its own "ssm-user" only without.
resources::SsmDocument shell_document(const model::Scope& scope) {
    return {.name = names::session_document(scope, "shell"),
            .type = "Session",
            .content = Value::object(
                {{"schemaVersion", "1.0"},
                 {"description", "A shell on one machine of the project"},
                 {"sessionType", "Standard_Stream"},
                 {"inputs", Value::object({{"idleSessionTimeout", "20"},
                                           {"maxSessionDuration", "480"},
                                           {"runAsEnabled", true},
                                           {"runAsDefaultUser", "ec2-user"},
                                           {"shellProfile", Value::object({{"linux", "exec bash -l"}})}})}})};
}

resources::SsmDocument tunnel_document(const model::Scope& scope) {
    // 0 lets the plugin choose.
    constexpr std::string_view kPort =
        "^(0|[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$";
    return {.name = names::session_document(scope, "tunnel"),
            .type = "Session",
            .content = Value::object(
                {{"schemaVersion", "1.0"},
                 {"description", "A way to the API server of the master it is started on"},
                 {"sessionType", "Port"},
                 {"parameters",
                  Value::object({{"localPortNumber", parameter("The port on this side", kPort, "0")}})},
                 {"properties", Value::object({{"portNumber", std::to_string(kApiPort)},
                                               {"type", "LocalPortForwarding"},
                                               {"localPortNumber", "{{ localPortNumber }}"}})}})};
}

std::vector<resources::SsmDocument> documents(const model::Scope& scope) {
    return {sign_document(scope), shell_document(scope), tunnel_document(scope)};
}

}  // namespace k3fleet::remote
