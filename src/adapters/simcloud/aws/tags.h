// Tags: what every service that has them does with them, and what each tells the Resource Groups Tagging API
// of them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/simcloud/aws/account.h"
#include "base/time.h"
#include "core/iam/evaluate.h"

namespace k3fleet::simcloud {

// Most things carry up to fifty.
inline constexpr std::size_t kMaxTags = 50;

// From AWS's structures with Key and Value, or from a map. Of a key given twice the last counts; see
// repeats_key().
template <typename List>
Tags tags_in(const List& list) {
    Tags tags;
    for (const auto& tag : list) {
        if constexpr (requires { tag.key; }) {
            tags[tag.key.value_or("")] = tag.value.value_or("");
        } else {
            tags[tag.first] = tag.second;
        }
    }
    return tags;
}
template <typename List>
bool repeats_key(const List& list) {
    return tags_in(list).size() != list.size();
}

// AWS's structures with Key and Value.
template <typename List>
void put_tags(const Tags& tags, List& list) {
    for (const auto& [key, value] : tags) {
        auto& tag = list.emplace_back();
        tag.key = key;
        tag.value = value;
    }
    list.mark_present();
}

// aws:RequestTag/... and aws:TagKeys; nothing where none are given.
void set_request_tags(iam::Context& context, const Tags& tags);
// aws:ResourceTag/...
void set_resource_tags(iam::Context& context, const Tags& tags);

// Why a thing that has some tags cannot get these: a key of AWS's own, a text too long, too many in the end.
// Empty: it can. Each service says it with a code of its own.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
std::string wrong_tags(const Tags& added, const Tags& has = {});
// Letters, digits, blanks and _ . : / = + - @, which most services take; bytes beyond ASCII are taken to be
// letters.
bool is_tag_text(std::string_view text);
// They would be more than a thing carries.
bool too_many_tags(const Tags& added, const Tags& has);

// One thing that has tags or had them, as the Resource Groups Tagging API tells of it.
struct TaggedThing {
    std::string arn;
    Tags tags;
    Timestamp since;  // Made, or tagged last if that is known: it shows some seconds later.
};
using TaggedThings = std::vector<TaggedThing>;

// What each service has, in its own file; a service that joins them is a line here and one in tagged.cc.
TaggedThings tagged_alarms(const Account& account);
TaggedThings tagged_buckets(const Account& account);
TaggedThings tagged_documents(const Account& account);
TaggedThings tagged_keys(const Account& account);
TaggedThings tagged_ec2(const Account& account);
TaggedThings tagged_functions(const Account& account);
TaggedThings tagged_log_groups(const Account& account);
TaggedThings tagged_queues(const Account& account);
TaggedThings tagged_rules(const Account& account);
TaggedThings tagged_schedule_groups(const Account& account);
TaggedThings tagged_secrets(const Account& account);
TaggedThings tagged_tables(const Account& account);
TaggedThings tagged_topics(const Account& account);
TaggedThings tagged_trails(const Account& account);
// IAM's show in us-east-1 alone: policies and instance profiles, neither roles nor users nor groups.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
TaggedThings tagged_iam(const Account& home);

// "arn:aws:SERVICE:REGION:NUMBER:RESOURCE" of the account.
std::string arn_in(const Account& account, std::string_view service, std::string_view resource);

}  // namespace k3fleet::simcloud
