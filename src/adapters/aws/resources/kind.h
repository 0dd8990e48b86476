// What a kind of resource must be able to do: one small file below this folder each.
//
// Properties are documents on both sides, CloudFormation's there and AWS's here, so calls are made with
// documents too (documents.h): the request's type names the operation,
// and a member that it has not is refused.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aws/api.h"
#include "base/result.h"
#include "base/value.h"
#include "core/model/ids.h"
#include "core/model/resource_names.h"
#include "core/resources/kinds.h"
#include "core/resources/resource.h"
#include "ports/clock.h"
#include "ports/resources.h"

namespace k3fleet::resources {

using ports::Removal;

class Answers;

struct Context {
    aws::Api& api;
    ports::Clock& clock;  // Only to tell dates: nothing here waits.
    const model::Scope& scope;
    Answers* answers = nullptr;  // Of a survey, which only reads; null: everything is asked for.
};

// `id` is the physical id. Of Observed, a kind fills in physical_id, attributes, properties, tags,
// created_at, pending and kept_until; whose it is, and policies in the words of who asked, is done for all of
// them (aws_resources.cc). A property that was read and is not set is null: unknown and unset differ.
struct Implementation {
    std::string_view type;
    // By its physical id; null: a part of something else, or found otherwise.
    Result<std::optional<Observed>> (*observe)(Context& context, const std::string& id) = nullptr;
    // The physical id of what the resource describes, by name, tags or parent; empty: there is none, or a
    // reference is still open. Null: the property that kinds.cc calls the name.
    Result<std::optional<Observed>> (*find)(Context& context, const Resource& resource) = nullptr;
    // Makes it and gives its physical id. Only called when `find` found nothing.
    Result<std::string> (*create)(Context& context, const Resource& resource, const std::string& token);
    // Sets what differs between the two.
    Status (*update)(Context& context, const Observed& observed, const Resource& resource);
    Result<Removal> (*remove)(Context& context, const Observed& observed);
    // Of kinds with delayed deletion: takes the deletion back.
    Status (*restore)(Context& context, const Observed& observed) = nullptr;
};

// Sorted by type. Null if nobody knows the type.
std::span<const Implementation* const> implementations();
const Implementation* find_implementation(std::string_view type);

}  // namespace k3fleet::resources
