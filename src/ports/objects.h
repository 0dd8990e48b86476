// Named blobs: cluster files, journal, worlds. A bucket on AWS, a local store elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace k3fleet::ports {

// Objects whose key begins with this are named after their content: what lies there never changes.
inline constexpr std::string_view kNamedByContent = "journal/worlds/";

struct Object {
    std::string data;
    std::string etag;  // Another one for other bytes; the same bytes written again may keep theirs.
};

// When a write may happen.
struct Condition {
    enum class Kind { Always, IfAbsent, IfMatch } kind = Kind::Always;
    std::string etag;  // Of IfMatch.

    static Condition always() { return {}; }
    static Condition if_absent() { return {.kind = Kind::IfAbsent}; }
    static Condition if_match(std::string etag) { return {.kind = Kind::IfMatch, .etag = std::move(etag)}; }
};

class Objects {
public:
    virtual ~Objects() = default;

    virtual Result<std::optional<Object>> get(const std::string& key) = 0;
    // Gives the new etag. Conflict: the condition does not hold; nothing was written.
    virtual Result<std::string> put(const std::string& key, std::string_view data,
                                    const Condition& condition) = 0;
    // Keys that begin with the prefix, sorted, after `after`, at most `limit`.
    virtual Result<std::vector<std::string>> list(const std::string& prefix, const std::string& after,
                                                  int limit) = 0;
    // Idempotent.
    virtual Status remove(const std::string& key) = 0;
};

}  // namespace k3fleet::ports
