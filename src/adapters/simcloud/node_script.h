// What the user data of a machine says of it: the start scripts of core/bootstrap, read back from what a
// launch was given, packed or not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace k3fleet::simcloud {

struct NodeScript {
    // None: no script of ours, a machine that does what its tags say. Broken: one that begins like ours and
    // lacks what it needs; such a machine runs and never becomes anything.
    enum class Kind : std::uint8_t { None, Broken, Nat, Worker, FirstMaster, FurtherMaster };
    Kind kind = Kind::None;
    std::string prefix;        // Of the names of its cluster's secrets.
    std::string slot_address;  // A master's.
    std::vector<std::string> servers;
    std::vector<std::string> types;  // That something is kept back on; it dies on any other.

    bool ours() const { return kind != Kind::None; }
    bool master() const { return kind == Kind::FirstMaster || kind == Kind::FurtherMaster; }
};

NodeScript read_node_script(std::string_view user_data);

template <typename Archive>
void fields(Archive& archive, NodeScript& script) {
    archive(script.kind, script.prefix, script.slot_address, script.servers, script.types);
}

}  // namespace k3fleet::simcloud
