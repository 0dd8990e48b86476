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

struct Topic {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::map<std::string, std::string> tags;
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
void fields(Archive& archive, Topic& topic) {
    archive(topic.name, topic.attributes, topic.tags, topic.published, topic.last);
}
template <typename Archive>
void fields(Archive& archive, TopicsState& topics) {
    archive(topics.topics);
}

}  // namespace k3fleet::simcloud
