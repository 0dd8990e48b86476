// What the operations of the simulated IAM share: names, documents, tags, pages, rights, and refusals in
// IAM's words. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html has the limits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/simcloud/aws/roles_state.h"
#include "adapters/simcloud/aws/service.h"
#include "aws/gen/iam.h"
#include "base/text.h"

namespace k3fleet::simcloud {

namespace idm = aws::iam;

inline constexpr std::size_t kMostPolicies = 10;  // Managed ones, of a role or a group.

std::unexpected<Error> no_such(std::string message);        // NoSuchEntity
std::unexpected<Error> invalid_value(std::string message);  // ValidationError
std::unexpected<Error> in_use(std::string message);         // DeleteConflict
std::unexpected<Error> over_limit(std::string message);     // LimitExceeded

std::string iam_arn(const Call& call, std::string_view kind, std::string_view path, std::string_view name);
// "AROA" and the like with seventeen more characters, drawn for the account's next one.
std::string iam_id(Call& call, std::string_view prefix);
// When other services learn of what is done now.
Timestamp known_later(const Call& call, std::string_view what);

// Names and paths as IAM takes them. `what` is the member: "roleName".
Status check_name(const std::string& name, std::string_view what, std::size_t longest);
Status check_path(const std::string& path);
Status check_description(const std::optional<std::string>& text);
// Of what may not differ from a name that is there in the case of letters alone.
template <typename Map>
bool is_taken(const Map& map, std::string_view name);

// MalformedPolicyDocument or LimitExceeded in AWS's words; `limit` counts no white space.
Status check_identity_document(const std::string& text);
Status check_trust_document(const Call& call, const std::string& text);
std::size_t size_without_space(std::string_view text);
// As IAM's answers have documents: percent-encoded.
std::string shown_document(std::string_view text);

// InvalidInput, ValidationError or LimitExceeded.
Result<Tags> given_tags(const aws::List<idm::Tag>& tags);
Status add_given_tags(const aws::List<idm::Tag>& given, Tags& tags);
aws::List<idm::Tag> listed_tags(const Tags& tags);

// Contexts of rights: the tags that a request gives, those of what is there.
void add_request_tags(iam::Context& context, const aws::List<idm::Tag>& tags);
iam::Context context_of_tags(const Tags& tags);
// Making something with tags takes the right to make it and the right to tag it.
void needs_made(const Call& call, Needs& needs, const std::string& arn, const aws::List<idm::Tag>& tags,
                std::string_view tagging, iam::Context context = {});

Result<IamRole*> find_role(Call& call, const std::optional<std::string>& name);
// The same for changing it: what is linked to a service is that service's.
Result<IamRole*> find_own_role(Call& call, const std::optional<std::string>& name);
Result<InstanceProfile*> find_profile(Call& call, const std::optional<std::string>& name);
Result<IamGroup*> find_group(Call& call, const std::optional<std::string>& name);

// What is shown of things.
idm::Role show_role(const Call& call, const IamRole& role);
idm::InstanceProfile show_profile(const Call& call, const InstanceProfile& profile);
std::string profile_arn(const Call& call, const InstanceProfile& profile);
aws::List<idm::AttachedPolicy> show_attached(const std::vector<std::string>& arns);
std::vector<std::string> attached_arns(const IamRole& role);

// Rights on a role or a group: its ARN and tags, whether it is there or not.
std::string named_role(const Call& call, const std::optional<std::string>& name);
std::string named_group(const Call& call, const std::optional<std::string>& name);
iam::Context role_context(const Call& call, const std::optional<std::string>& name);

template <typename Request>
Status needs_role(const Call& call, const Request& request, Needs& needs) {
    needs.add("iam:" + std::string(call.operation.name), named_role(call, request.role_name),
              role_context(call, request.role_name));
    return {};
}

// One page: what comes behind the marker, in the order of the keys, at most as much as asked for.
struct IamPage {
    std::string after;
    std::size_t limit = 0;
};
Result<IamPage> iam_page(const Call& call, const std::optional<std::string>& marker,
                         const std::optional<std::int32_t>& most);

// Puts one page of `all`, {key, item} in the order of keys, into `list` of the answer.
template <typename Request, typename Response, typename Item>
Status put_page(const Call& call, const Request& request, std::vector<std::pair<std::string, Item>> all,
                aws::List<Item>& list, Response& answer) {
    const IamPage page = K3F_TRY(iam_page(call, request.marker, request.max_items));
    answer.is_truncated = false;
    const std::string* last = nullptr;
    for (auto& [key, item] : all) {
        if (!page.after.empty() && key <= page.after) continue;
        if (list.size() == page.limit) {
            answer.is_truncated = true;
            answer.marker = *last;
            break;
        }
        list.push_back(std::move(item));
        last = &key;
    }
    return {};
}

template <typename Map>
bool is_taken(const Map& map, std::string_view name) {
    const auto equal = [](char a, char b) { return lower(a) == lower(b); };
    return std::ranges::any_of(
        map, [&](const auto& entry) { return std::ranges::equal(entry.second.name, name, equal); });
}

// Managed policies: ours, and AWS's own as far as we attach them. Null: there is none.
struct PolicySeen {
    std::string arn;
    std::string name;
    std::string document;  // Of the default version.
};
std::optional<PolicySeen> find_policy(const Account& home, const std::string& arn);
// Users are not simulated: groups and roles.
std::int32_t attachments(const Account& home, const std::string& arn);

// The rest of IAM's operations, each in a file of its own; add_roles() and add_policies() call them.
void add_role_policies(Handlers& handlers);
void add_profiles(Handlers& handlers);
void add_groups(Handlers& handlers);
void add_account_details(Handlers& handlers);

}  // namespace k3fleet::simcloud
