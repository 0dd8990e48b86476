#include "adapters/simcloud/aws/tags.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace k3fleet::simcloud {

void set_request_tags(iam::Context& context, const Tags& tags) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : tags) {
        context.set("aws:RequestTag/" + key, {value});
        keys.push_back(key);
    }
    if (!keys.empty()) context.set("aws:TagKeys", std::move(keys));
}

void set_resource_tags(iam::Context& context, const Tags& tags) {
    for (const auto& [key, value] : tags) context.set("aws:ResourceTag/" + key, {value});
}

std::string wrong_tags(const Tags& added, const Tags& has) {
    for (const auto& [key, value] : added) {
        if (key.empty() || key.size() > 128) return "a tag's key has 1 to 128 characters";
        if (value.size() > 256) return format("the value of tag {} has more than 256 characters", key);
        if (lower(key).starts_with("aws:")) return format("{}: tags of AWS's own begin with aws:", key);
    }
    if (too_many_tags(added, has)) return format("a thing carries up to {} tags", kMaxTags);
    return "";
}

bool is_tag_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
               std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
    });
}

bool too_many_tags(const Tags& added, const Tags& has) {
    std::size_t count = has.size();
    for (const auto& tag : added) count += has.contains(tag.first) ? 0 : 1;
    return count > kMaxTags;
}

std::string arn_in(const Account& account, std::string_view service, std::string_view resource) {
    return format("arn:aws:{}:{}:{}:{}", service, account.region, account.number, resource);
}

}  // namespace k3fleet::simcloud
