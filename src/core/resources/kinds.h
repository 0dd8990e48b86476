// One row for each type of resource: how it is called on the screen, how it is found again, what of it cannot
// be changed in place, how long it takes.
#pragma once

#include <span>
#include <string_view>

namespace k3fleet::resources {

enum class FindBy {
    Name,    // `name` is the property that holds it; unique in account and region.
    Tagged,  // Project, Cluster and k3fleet:id.
    Parent,  // A part of something else, found there by the properties in `replaces`.
};

enum class Tagging { Yes, No };

// Who may write it. Roles, profiles, functions, schedules: only the operator's program (G-1). The rest also
// the controller.
enum class Writer { Operator, Controller };

enum class Deletion {
    Quick,
    Slow,     // Is seen going for a while: NAT gateways, functions in a VPC.
    Delayed,  // AWS keeps it for days, and gives it back when it is made again: secrets, keys.
};

struct Kind {
    std::string_view type;
    std::string_view word;  // "security group"
    FindBy find = FindBy::Name;
    std::string_view name;  // Of FindBy::Name.
    // Properties that AWS cannot change on what is there, separated by blanks.
    std::string_view replaces;
    // Lists of which AWS does not keep the order, as paths below the properties; "*" stands for every item:
    // "DBs.*.Rules". They are compared as sets.
    std::string_view sets;
    Tagging tagging = Tagging::Yes;
    Writer writer = Writer::Controller;
    Deletion deletion = Deletion::Quick;
    int seconds = 1;  // Typical, until it is usable; from AWS's documents and our own measurements.
    int seconds_to_remove = 1;
};

std::span<const Kind> kinds();  // Sorted by type.
// Null if there is no such type.
const Kind* find_kind(std::string_view type);
// The row of a type that is known to exist.
const Kind& kind_of(std::string_view type);
bool needs_replacement(const Kind& kind, std::string_view property);

}  // namespace k3fleet::resources
