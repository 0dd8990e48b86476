#include "tests/sim/canary.h"

#include <algorithm>

#include "base/prng.h"
#include "base/text.h"

namespace k3fleet::sim {
namespace {

bool in_tags(std::string_view canary, const std::map<std::string, std::string>& tags) {
    return std::ranges::any_of(tags, [&](const auto& tag) {
        return tag.first.find(canary) != std::string::npos || tag.second.find(canary) != std::string::npos;
    });
}

bool in_attributes(std::string_view canary, const simcloud::Attributes& attributes) {
    return std::ranges::any_of(attributes, [&](const auto& attribute) {
        return attribute.second.text.find(canary) != std::string::npos;
    });
}

}  // namespace

std::string canary(std::uint64_t seed) { return format("canary{:016x}", Prng(seed).fork(600).next()); }

std::optional<std::string> find_canary(std::string_view canary, const simcloud::Account& account) {
    for (const auto& [name, bucket] : account.s3.buckets)
        for (const auto& [key, versions] : bucket.objects)
            for (const auto& version : versions)
                if (key.find(canary) != std::string::npos || version.body.find(canary) != std::string::npos ||
                    in_tags(canary, version.metadata))
                    return format("object {}", key);
    for (const auto& [name, table] : account.dynamo.tables)
        for (const auto& [key, item] : table.items)
            if (in_attributes(canary, item.attributes)) return format("an item of table {}", name);
    for (const auto& [id, machine] : account.ec2.machines)
        if (in_tags(canary, machine.tags) || in_tags(canary, machine.request_tags))
            return format("a tag of {}", id);
    for (const auto& [name, topic] : account.topics.topics)
        for (const auto& notice : topic.last)
            if (notice.message.find(canary) != std::string::npos ||
                notice.subject.find(canary) != std::string::npos || in_tags(canary, notice.attributes))
                return format("a notice of topic {}", name);
    return std::nullopt;
}

}  // namespace k3fleet::sim
