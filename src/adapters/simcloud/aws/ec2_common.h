// What the operations of EC2 share: tags, filters, pages, ids, and how rights see them.
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/aws/service.h"
#include "aws/gen/ec2.h"

namespace k3fleet::simcloud {

namespace ec2 = aws::ec2;

// "subnet-0…": of the account's count, the same in every run.
std::string make_id(Call& call, std::string_view kind);

// The tags that a request gives to what it makes of this type ("instance", "subnet").
Tags tags_given(const aws::List<ec2::TagSpecification>& specifications, std::string_view type);
aws::List<ec2::Tag> listed(const Tags& tags);
// InvalidParameterValue or TagLimitExceeded, as for AWS: keys of 1 to 128 characters, none beginning with
// "aws:", values up to 256, at most 50.
Status check_tags(const Tags& tags);

// aws:RequestTag/KEY and aws:TagKeys; of nothing, if there are none.
void add_request_tags(iam::Context& context, const Tags& tags);
// aws:ResourceTag/KEY and EC2's own name for the same.
void add_resource_tags(iam::Context& context, const Tags& tags);
iam::Context tagged_resource(const Tags& tags);
// Making something of this type with these tags: the right to make it, and to tag it meanwhile.
void needs_new(const Call& call, Needs& needs, std::string_view type, const Tags& tags,
               iam::Context context = {});

// Rights of calls that only look: on everything.
template <typename Request>
Status needs_look(const Call& call, const Request&, Needs& needs) {
    needs.add(std::string(call.operation.service->id) + ":" + call.operation.name, "*");
    return {};
}

// Whether a text is one of the filter's values, with * and ? in them.
bool one_of(const ec2::Filter& filter, std::string_view text);
// For filters that every tagged thing has: tag:KEY and tag-key. Empty: it is another filter.
std::optional<bool> tag_filter(const ec2::Filter& filter, const Tags& tags);

// Whether a thing passes all filters. `judge(filter)` says so for those that the thing knows; empty: EC2 has
// no such filter, or it is not simulated.
template <typename Judge>
Result<bool> passes(const aws::List<ec2::Filter>& filters, const Tags& tags, Judge judge) {
    for (const ec2::Filter& filter : filters) {
        std::optional<bool> yes = tag_filter(filter, tags);
        if (!yes) yes = judge(filter);
        if (!yes)
            return refuse("InvalidParameterValue",
                          "The filter '" + filter.name.value_or("") + "' is invalid");
        if (!*yes) return false;
    }
    return true;
}

// One page of a list in the order of ids: after the token's, at most as many as asked for. The token of the
// next one is the last id; what is made or removed between two pages is seen or missed as on AWS.
struct Page {
    std::string after;
    std::size_t limit = 0;
};
Result<Page> page_of(const Call& call, const std::optional<std::string>& token,
                     const std::optional<std::int32_t>& limit);

// The lowest address of the subnet that no interface has; empty: it is full.
std::optional<std::string> free_address(const Ec2State& ec2, const Subnet& subnet);

}  // namespace k3fleet::simcloud
