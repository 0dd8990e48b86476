// What the contract of ports::Resources is tried on: one of each kind, with what it needs before it.
#pragma once

#include <span>
#include <vector>

namespace k3fleet::resources {

struct Case {
    const char* id;
    const char* type;
    // JSON; {"Ref": ID} and {"Fn::GetAtt": [ID, NAME]} name cases that stand before.
    const char* properties;
    // Each is merged into the properties: a change in place, and, seen from before it, a drift.
    std::vector<const char*> changes = {};
    // Not to be read back: values that AWS does not tell.
    std::vector<const char*> unread = {};
    // The bytes of a function, and others for the change.
    bool has_content = false;
    // The account's, never to be taken away.
    bool kept = false;
};

// In an order in which they can be made.
std::span<const Case> all_cases();

}  // namespace k3fleet::resources
