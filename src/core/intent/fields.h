// The one table of all fields of the files. The reader, the writer and the JSON schema walk the same table,
// so that what is documented is what is read; defaults are those of the structs in core/model/intent.h.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/intent/rules.h"
#include "core/model/intent.h"

namespace k3fleet::intent {

enum class Presence { Optional, Required };

struct Field {
    std::string_view key;
    std::string_view doc;  // One or two sentences, for the schema.
    Presence presence = Presence::Optional;
    // Where the default depends on other fields: said in words, since it has no single value.
    std::string_view computed_default = "";
};

template <typename T>
struct Range {
    T least;
    T most;
};

struct ListRule {
    std::size_t least = 0;
    std::size_t most = 0;
    std::string_view singular;  // "a pool"
};

// What walks the table. Each function is called once for each field, with the place its value lives in.
// Text that is empty, and an empty optional, mean: not set.
class Visitor {
public:
    using Section = std::function<void(Visitor&)>;
    using Item = std::function<void(std::size_t index, Visitor&)>;

    Visitor() = default;
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;
    virtual ~Visitor() = default;

    // A field with one possible value.
    virtual void fixed(const Field& field, std::string_view value) = 0;
    virtual void integer(const Field& field, int& value, Range<int> range) = 0;
    virtual void number(const Field& field, std::optional<double>& value, Range<double> range) = 0;
    virtual void duration(const Field& field, Duration& value, Range<Duration> range) = 0;
    // One of the words, by its index.
    virtual void choice(const Field& field, std::optional<std::size_t>& index,
                        std::span<const std::string_view> words) = 0;
    virtual void text(const Field& field, std::string& value, const TextRule& rule) = 0;
    virtual void texts(const Field& field, std::vector<std::string>& value, const TextRule& rule,
                       ListRule list) = 0;
    virtual void text_map(const Field& field, std::map<std::string, std::string>& value, const TextRule& key,
                          const TextRule& item, std::size_t most) = 0;
    virtual void section(const Field& field, const Section& describe) = 0;
    // `size` items are there now; describe(i) makes item i if it is not.
    virtual void objects(const Field& field, ListRule list, std::size_t size, const Item& describe) = 0;
};

// A cluster as its file says it: what the file leaves to its surroundings is not filled in yet.
struct ClusterDraft {
    model::ClusterIntent intent;
    std::optional<model::Egress> egress;
};

void describe(Visitor& visitor, ClusterDraft& cluster);
void describe(Visitor& visitor, model::ProjectIntent& project);

inline constexpr std::string_view kApiVersion = "k3fleet.dev/v1";
// Flannel gives each node a /24 of the cluster's 10.42.0.0/16 (docs.k3s.io, networking): 255 nodes at most,
// some of them kept for replacements.
inline constexpr int kMaxNodes = 250;

}  // namespace k3fleet::intent
