// Graphs for tests: a project and clusters as users would make them.
#pragma once

#include "base/text.h"
#include "core/remote/documents.h"
#include "core/resources/graph.h"

namespace k3fleet::resources::test {

// The controller's in two policies of its own, as a large one is.
inline RolePolicies some_policies(std::string_view caller) {
    const Value document =
        Value::object({{"Version", "2012-10-17"},
                       {"Statement", Value::array({Value::object({{"Sid", "Some"},
                                                                  {"Effect", "Allow"},
                                                                  {"Action", "sts:GetCallerIdentity"},
                                                                  {"Resource", "*"}})})}});
    if (caller == "controller")
        return {.documents = {{"controller-1", document}, {"controller-2", document}},
                .form = RolePolicies::Form::Managed};
    return {.documents = {{format("{}-policy", caller), document}}};
}

inline model::Scope scope(std::string_view cluster = "") {
    return {.project = model::ProjectName("shop"),
            .cluster = model::ClusterName(std::string(cluster)),
            .account = "123456789012",
            .region = "ap-southeast-1",
            .home_region = "ap-southeast-1"};
}

inline AccountInput account() {
    AccountInput input{.scope = scope(), .policy = some_policies, .code = {.sha256 = "c29tZQ=="}};
    input.intent.name = input.scope.project;
    input.intent.allowed_regions = {"ap-southeast-1"};
    input.intent.alerts.emails = {"ops@example.com"};
    input.documents = remote::documents(input.scope);
    return input;
}

inline ClusterInput cluster(model::ClusterMode mode = model::ClusterMode::Dev,
                            model::Egress egress = model::Egress::NatInstance) {
    ClusterInput input{.scope = scope("test"),
                       .zones = {"ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"},
                       .policy = some_policies,
                       .code = {.sha256 = "c29tZQ=="}};
    input.intent.project = input.scope.project;
    input.intent.name = input.scope.cluster;
    input.intent.region = "ap-southeast-1";
    input.intent.mode = mode;
    input.intent.network.egress = egress;
    return input;
}

}  // namespace k3fleet::resources::test
