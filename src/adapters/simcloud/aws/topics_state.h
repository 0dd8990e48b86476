// SNS's part of a simulated account: topics, and what was published last.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

struct Publication {
    Timestamp at;
    std::string by;  // ARN.
    std::string subject;
    std::string message;
    std::map<std::string, std::string> attributes;
};

struct TopicSubscription {
    std::string id;  // The last part of its ARN.
    std::string protocol;
    std::string endpoint;
    bool confirmed = false;
    Timestamp made_at;
};

struct Topic {
    std::string name;
    Timestamp created_at;
    std::map<std::string, std::string> attributes;
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
    std::vector<TopicSubscription> subscriptions;  // In the order they were made.
    std::int64_t subscribed = 0;                   // Ever.
    std::int64_t unsubscribed = 0;
    std::int64_t published = 0;     // Ever.
    std::vector<Publication> last;  // The newest last; the oldest are forgotten.
};

struct TopicsState {
    std::map<std::string, Topic> topics;  // By name.
};

template <typename Archive>
void fields(Archive& archive, Publication& publication) {
    archive(publication.at, publication.by, publication.subject, publication.message, publication.attributes);
}
template <typename Archive>
void fields(Archive& archive, TopicSubscription& one) {
    archive(one.id, one.protocol, one.endpoint, one.confirmed, one.made_at);
}
template <typename Archive>
void fields(Archive& archive, Topic& topic) {
    archive(topic.name, topic.created_at, topic.attributes, topic.tags, topic.tagged_at, topic.subscriptions,
            topic.subscribed, topic.unsubscribed, topic.published, topic.last);
}
template <typename Archive>
void fields(Archive& archive, TopicsState& topics) {
    archive(topics.topics);
}

}  // namespace k3fleet::simcloud
