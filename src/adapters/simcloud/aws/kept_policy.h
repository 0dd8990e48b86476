// Policies that queues, topics and buckets keep: what their services look at before they take one, and whom
// of AWS's own services it lets in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/aws/service.h"
#include "core/iam/evaluate.h"

namespace k3fleet::simcloud {

// Why AWS would not keep the text, whatever it stands on; empty: it would.
std::string wrong_kept_policy(const std::string& text);

// Does it name somebody of this account who is not there, or too new to be known?
bool names_strangers(const Call& call, const std::string& policy);

// Each action of each statement, and each resource: services refuse those that are not theirs.
std::vector<std::string> actions_in(const std::string& policy);
std::vector<std::string> resources_in(const std::string& policy);

// Does a statement let anyone in, without a condition?
bool is_public(const std::string& policy);

// May a service of AWS ("s3.amazonaws.com") do this there? Its request has what AWS says in its name:
// aws:SourceArn, aws:SourceAccount. No policy: it may not.
bool lets_service_in(const std::string& policy, std::string_view service, iam::Request request);

}  // namespace k3fleet::simcloud
