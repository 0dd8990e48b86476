// What the operations of the simulated KMS share: finding keys, pages, rights.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/simcloud/aws/keys.h"
#include "aws/gen/kms.h"

namespace k3fleet::simcloud {

namespace kms = aws::kms;

std::string key_arn(const Call& call, std::string_view id);
std::string make_key_id(Call& call);
// Keys whose time to think it over has passed are gone, and their aliases with them.
void forget_gone_keys(Call& call);

std::unexpected<Error> no_key(const Call& call, std::string_view name);
// A customer's key by id or ARN; most operations take no alias.
Result<KmsKey*> find_key(Call& call, const std::optional<std::string>& name);

// Rights on one key: its ARN, or what stands for one that is not there; its tags.
std::string named_key(const Call& call, const std::optional<std::string>& name);
iam::Context key_context(const Call& call, const std::optional<std::string>& name);

template <typename Request>
Status needs_key(const Call& call, const Request& request, Needs& needs) {
    needs.add("kms:" + std::string(call.operation.name), named_key(call, request.key_id),
              key_context(call, request.key_id));
    return {};
}

// How many of a page; ValidationException if the limit is none.
Result<std::size_t> page_limit(const Call& call, const std::optional<std::int32_t>& limit);

// Puts one page of `all`, {key, item} in the order of keys, into `list` of the answer.
template <typename Request, typename Response, typename Item>
Status put_page(const Call& call, const Request& request, std::vector<std::pair<std::string, Item>> all,
                aws::List<Item>& list, Response& answer) {
    const std::size_t limit = K3F_TRY(page_limit(call, request.limit));
    const std::string after = request.marker.value_or("");
    answer.truncated = false;
    const std::string* last = nullptr;
    for (auto& [key, item] : all) {
        if (!after.empty() && key <= after) continue;
        if (list.size() == limit) {
            answer.truncated = true;
            answer.next_marker = *last;
            break;
        }
        list.push_back(std::move(item));
        last = &key;
    }
    return {};
}

void add_key_aliases(Handlers& handlers);

}  // namespace k3fleet::simcloud
