// S3's part of a simulated account: buckets with the versions of their objects.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

struct S3Version {
    std::string id;       // "null" of what was written without versioning.
    bool marker = false;  // The object was deleted.
    std::string body;
    std::string etag;
    Timestamp at;
    std::string content_type;
    std::map<std::string, std::string> metadata;
};

struct S3Bucket {
    std::string name;
    Timestamp created_at;
    enum class Versioning : std::uint8_t { Never, Enabled, Suspended };
    Versioning versioning = Versioning::Never;
    std::uint64_t writes = 0;
    std::map<std::string, std::vector<S3Version>> objects;  // The newest version last; none is empty.
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
    std::string policy;  // JSON; empty: none.
    // By the member of the request that set them ("LifecycleConfiguration"), JSON with AWS's own names.
    std::map<std::string, std::string> settings;
};

struct S3State {
    std::map<std::string, S3Bucket> buckets;
};

template <typename Archive>
void fields(Archive& archive, S3Version& version) {
    archive(version.id, version.marker, version.body, version.etag, version.at, version.content_type,
            version.metadata);
}
template <typename Archive>
void fields(Archive& archive, S3Bucket& bucket) {
    archive(bucket.name, bucket.created_at, bucket.versioning, bucket.writes, bucket.objects, bucket.tags,
            bucket.tagged_at, bucket.policy, bucket.settings);
}
template <typename Archive>
void fields(Archive& archive, S3State& s3) {
    archive(s3.buckets);
}

}  // namespace k3fleet::simcloud
