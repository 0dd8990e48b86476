// The contract of ports::Resources, walked through with one resource.
#pragma once

#include <span>
#include <string>

#include "core/resources/references.h"
#include "ports/clock.h"
#include "ports/resources.h"
#include "tests/contract/aws/resources/cases.h"

namespace k3fleet::resources {

// Resources of one account on a server, made one after the other.
class Walk {
public:
    Walk(ports::Resources& resources, ports::Clock& clock, model::Scope scope)
        : resources_(resources), clock_(clock), scope_(std::move(scope)) {}

    // Not there; made; made again; changed and changed back; somebody else's.
    void make_and_change(const Case& one);
    // Deleted; deleted again; not there, or kept and given back.
    void remove(const Case& one);
    void expect_listed();
    // A survey says of each what reading it alone says.
    void expect_surveyed(std::span<const Case> cases);

private:
    Resource resource_of(const Case& one, const char* change = nullptr) const;
    Observed expect_made(const Case& one, const Resource& resource);
    void expect_changed(const Case& one, const char* change, const Resource& before);
    void expect_as_wanted(const Case& one, const Resource& resource);
    void expect_somebody_elses(const Resource& ours);
    void expect_given_back(const Resource& resource, const Observed& observed);
    Result<ports::Removal> remove_at_last(const Observed& observed);
    std::optional<Observed> settled(const Resource& resource);

    ports::Resources& resources_;
    ports::Clock& clock_;
    model::Scope scope_;
    ObservedById made_;
};

}  // namespace k3fleet::resources
