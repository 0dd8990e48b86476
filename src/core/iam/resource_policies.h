// Policies that stand on things instead of roles: buckets, queues, topics, functions, keys (G-7, G-24).
//
// Services are let in for this account and for the one thing they act for (aws:SourceAccount, aws:SourceArn).
// People and roles of the account need no mention: their own policies let them in, and what these policies
// say to them is no. Log groups have none: what delivers to them (Lambda, CloudTrail, VPC Flow Logs) does so
// by a role, whose trust policy names the source where the service says it.
#pragma once

#include <string>
#include <vector>

#include "base/value.h"
#include "core/iam/statements.h"

namespace k3fleet::iam {

// TLS 1.2 at least, own account only. `clusters/` and `binaries/` are written by people alone, since whoever
// writes them runs code on machines; an entry of `journal/chain/` is written once and deleted by nobody.
// To empty the bucket, take the policy away first.
Value state_bucket_policy(const Site& site);
// Each cluster's masters write below its name, and nobody else; functions and machines read nothing.
Value snapshots_bucket_policy(const Site& site);
// CloudTrail writes for our trail; nobody deletes before the bucket's lifecycle does. To empty it, take the
// policy away first.
Value trail_bucket_policy(const Site& site);

// Wake-ups from S3 (cluster files) and EventBridge (our rules).
Value queue_policy(const Site& site);
// Nothing is let in but by own policies: SQS itself moves what failed.
Value failed_queue_policy(const Site& site);
// Of site.scope.cluster: the same.
Value worker_queue_policy(const Site& site);

// Alarms of the clusters' autoscalers.
Value alerts_topic_policy(const Site& site);
// The three alarms of the account and the rule on broken glass. No function publishes to it (N-21).
Value security_topic_policy(const Site& site);

// Who may start a function: AWS::Lambda::Permission.
struct FunctionPermission {
    std::string function;   // Its name.
    std::string id;         // Of the statement.
    std::string principal;  // The service.
    std::string source_arn;
    std::string source_account;
};
// The notifier for both topics. The schedules' role and the queues' mappings need none.
std::vector<FunctionPermission> function_permissions(const Site& site);

// Of the customer-managed keys (G-19): the account by its policies, and the services that use the key for us.
Value key_policy(const Site& site);
Value snapshots_key_policy(const Site& site);

}  // namespace k3fleet::iam
