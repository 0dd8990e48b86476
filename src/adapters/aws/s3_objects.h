// Named blobs in a bucket: what ports/objects.h asks for, on S3.
//
// Every call says whose bucket it must be, so that a bucket which somebody else took under our name neither
// gets nor gives anything (G-7). Each write carries a mark of its own in the object's metadata: when the
// answer to a conditional write is lost and the second try finds the condition false, the mark tells whether
// that was our own first try.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/api.h"
#include "ports/objects.h"
#include "ports/random.h"

namespace k3fleet::aws {

struct Bucket {
    std::string name;
    std::string owner;  // The account it must belong to.
    // Of one call with all its tries.
    Duration timeout = std::chrono::seconds{15};
};

class S3Objects final : public ports::Objects {
public:
    // Both must outlive this.
    S3Objects(Api& api, ports::Random& random, Bucket bucket)
        : api_(api), random_(random), bucket_(std::move(bucket)) {}

    // S3 answers 403 for a missing object to who may not list its name; then the name is listed, which a role
    // that may list its own prefixes can do. If that is refused too, so is this.
    Result<std::optional<ports::Object>> get(const std::string& key) override;
    // The etag is S3's: a digest of the bytes, where the bucket is encrypted with S3's own keys.
    Result<std::string> put(const std::string& key, std::string_view data,
                            const ports::Condition& condition) override;
    Result<std::vector<std::string>> list(const std::string& prefix, const std::string& after,
                                          int limit) override;
    // In a versioned bucket the versions stay.
    Status remove(const std::string& key) override;

private:
    CallOptions options() const { return {.timeout = bucket_.timeout}; }
    Result<bool> exists_by_list(const std::string& key);
    // The etag of the object if this mark stands on it.
    std::optional<std::string> written_with(const std::string& key, const std::string& mark);

    Api& api_;
    ports::Random& random_;
    Bucket bucket_;
};

}  // namespace k3fleet::aws
