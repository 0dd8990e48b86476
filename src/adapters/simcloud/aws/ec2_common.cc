#include "adapters/simcloud/aws/ec2_common.h"

#include <algorithm>

#include "adapters/simcloud/engine.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/intent/cidr.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMaxTags = 50;
constexpr std::size_t kMaxKey = 128;
constexpr std::size_t kMaxValue = 256;
constexpr std::size_t kPage = 1000;
constexpr std::size_t kShortPage = 2;

// EC2's filters know * and ? and no more.
bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p, ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace

std::string make_id(Call& call, std::string_view kind) {
    const std::string name = format("{}:{}", kind, call.account.ec2.next++);
    return format("{}-0{:016x}", kind, call.dice("id", name).next());
}

Tags tags_given(const aws::List<ec2::TagSpecification>& specifications, std::string_view type) {
    Tags tags;
    for (const auto& specification : specifications)
        if (specification.resource_type == type)
            for (const auto& tag : specification.tags) tags[tag.key.value_or("")] = tag.value.value_or("");
    return tags;
}

aws::List<ec2::Tag> listed(const Tags& tags) {
    aws::List<ec2::Tag> list;
    list.reserve(tags.size());
    for (const auto& [key, value] : tags) list.push_back({.key = key, .value = value});
    return list;
}

Status check_tags(const Tags& tags) {
    if (tags.size() > kMaxTags) return refuse("TagLimitExceeded", "more than 50 tags");
    for (const auto& [key, value] : tags)
        if (key.empty() || key.size() > kMaxKey || key.starts_with("aws:") || value.size() > kMaxValue)
            return refuse("InvalidParameterValue", format("Value ( {} ) for parameter tag is invalid", key));
    return {};
}

void add_request_tags(iam::Context& context, const Tags& tags) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : tags) {
        context.set("aws:RequestTag/" + key, {value});
        keys.push_back(key);
    }
    if (!keys.empty()) context.set("aws:TagKeys", std::move(keys));
}

void add_resource_tags(iam::Context& context, const Tags& tags) {
    for (const auto& [key, value] : tags) {
        context.set("aws:ResourceTag/" + key, {value});
        context.set("ec2:ResourceTag/" + key, {value});
    }
}

iam::Context tagged_resource(const Tags& tags) {
    iam::Context context;
    add_resource_tags(context, tags);
    return context;
}

void needs_new(const Call& call, Needs& needs, std::string_view type, const Tags& tags,
               iam::Context context) {
    const std::string arn = call.arn("ec2", format("{}/*", type));
    add_request_tags(context, tags);
    needs.add(format("ec2:{}", call.operation.name), arn, context);
    if (tags.empty()) return;
    context.set("ec2:CreateAction", {call.operation.name});
    needs.add("ec2:CreateTags", arn, std::move(context));
}

bool one_of(const ec2::Filter& filter, std::string_view text) {
    return std::ranges::any_of(filter.values, [&](const std::string& value) { return matches(value, text); });
}

std::optional<bool> tag_filter(const ec2::Filter& filter, const Tags& tags) {
    constexpr std::string_view kTag = "tag:";
    const std::string& name = *filter.name;
    if (name.starts_with(kTag)) {
        const auto tag = tags.find(name.substr(kTag.size()));
        return tag != tags.end() && one_of(filter, tag->second);
    }
    if (name == "tag-key")
        return std::ranges::any_of(tags, [&](const auto& tag) { return one_of(filter, tag.first); });
    return std::nullopt;
}

Result<Page> page_of(const Call& call, const std::optional<std::string>& token,
                     const std::optional<std::int32_t>& limit) {
    if (limit && (*limit < 5 || *limit > static_cast<std::int32_t>(kPage)))
        return refuse("InvalidParameterValue",
                      format("Value ( {} ) for parameter maxResults is invalid", *limit));
    std::size_t size = limit ? static_cast<std::size_t>(*limit) : kPage;
    if (call.engine.suffers(FaultKind::ShortPages, "")) size = std::min(size, kShortPage);
    return Page{.after = token.value_or(""), .limit = size};
}

std::optional<std::string> free_address(const Ec2State& ec2, const Subnet& subnet) {
    const auto net = intent::parse_cidr(subnet.cidr);
    if (!net) return std::nullopt;
    std::vector<std::string> used;
    for (const auto& [id, interface] : ec2.interfaces)
        if (interface.subnet == subnet.id) used.push_back(interface.address);
    for (std::uint32_t host = 4; host + 1 < net->addresses();
         ++host) {  // AWS keeps the first four and the last.
        const std::uint32_t number = net->base() + host;
        std::string address = format("{}.{}.{}.{}", number >> 24U, (number >> 16U) & 255U,
                                     (number >> 8U) & 255U, number & 255U);
        if (!contains(used, address)) return address;
    }
    return std::nullopt;
}

}  // namespace k3fleet::simcloud
