// What is asked of the Resource Groups Tagging API: things by their tags and types, in pages.
#pragma once

#include <set>

#include "aws/gen/resourcegroupstaggingapi.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class TaggedApi : public Served<Backend> {
protected:
    using Request = aws::resourcegroupstaggingapi::GetResourcesRequest;
    std::string arn(std::string_view service, std::string_view name) const {
        return format("arn:aws:{}:{}:{}:{}-{}", service, this->backend_.region, this->backend_.account,
                      this->backend_.fresh, name);
    }
    // What is found, over all pages.
    std::set<std::string> found(Request request) {
        std::set<std::string> arns;
        for (int page = 0; page < 100; ++page) {
            const auto answer = this->done(request);
            for (const auto& one : answer.resource_tag_mapping_list)
                EXPECT_TRUE(arns.insert(*one.resource_arn).second) << *one.resource_arn;
            request.pagination_token = answer.pagination_token;
            if (request.pagination_token.value_or("").empty()) break;
        }
        return arns;
    }
};

TYPED_TEST_SUITE_P(TaggedApi);

TYPED_TEST_P(TaggedApi, FindsWhatCarriesTheTags) {
    for (const char* name : {"a", "b", "c"}) {
        aws::sqs::CreateQueueRequest queue{.queue_name = format("{}-{}", this->backend_.fresh, name)};
        queue.tags["Project"] = this->backend_.fresh;
        queue.tags["Cluster"] = name;
        this->done(queue);
    }
    aws::sns::CreateTopicRequest topic{.name = this->backend_.fresh + "-d"};
    topic.tags = {{.key = "Project", .value = this->backend_.fresh}};
    this->done(topic);
    this->backend_.settle();
    typename TestFixture::Request request;
    request.tag_filters = {{.key = "Project", .values = {this->backend_.fresh}}};
    const std::set<std::string> queues{this->arn("sqs", "a"), this->arn("sqs", "b"), this->arn("sqs", "c")};
    std::set<std::string> all = queues;
    all.insert(this->arn("sns", "d"));
    EXPECT_EQ(this->found(request), all);
    request.resources_per_page = 2;
    EXPECT_EQ(this->found(request), all);
    request.resource_type_filters = {"sqs"};
    EXPECT_EQ(this->found(request), queues);
    request.resource_type_filters = {"kms:key"};
    EXPECT_TRUE(this->found(request).empty());
    request.resource_type_filters.clear();
    request.tag_filters.push_back({.key = "Cluster", .values = {"b", "z"}});
    EXPECT_EQ(this->found(request), std::set<std::string>{this->arn("sqs", "b")});
}

REGISTER_TYPED_TEST_SUITE_P(TaggedApi, FindsWhatCarriesTheTags);

}  // namespace k3fleet::contract
