// A plan: what to do, why, on what facts, and what was not done because of what.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "core/model/ids.h"
#include "core/model/world.h"

namespace k3fleet::model {

// Starts one instance. The attempts are tried in order on NoCapacity, each with its own token, so that the
// same token never meets other parameters.
struct Launch {
    Role role = Role::Worker;
    PoolName pool;
    int slot = -1;  // Masters: 0-2. Others: -1.
    struct Attempt {
        Offering offering;
        Token token;
        friend bool operator==(const Attempt&, const Attempt&) = default;
    };
    std::vector<Attempt> attempts;
    friend bool operator==(const Launch&, const Launch&) = default;
};

// Marks a node unschedulable, or schedulable again. Precondition: the node still has this uid.
struct Cordon {
    NodeName node;
    Uid node_uid;
    enum class To { Unschedulable, Schedulable } to = To::Unschedulable;
    friend bool operator==(const Cordon&, const Cordon&) = default;
};

// Asks the API server to evict one pod; it may answer "blocked by a disruption budget", which is no failure.
struct Evict {
    std::string namespace_name;
    std::string pod;
    Uid pod_uid;
    NodeName node;
    friend bool operator==(const Evict&, const Evict&) = default;
};

// Removes the Node object: nobody else does on K3s without a cloud controller.
struct DeleteNode {
    NodeName node;
    Uid node_uid;
    friend bool operator==(const DeleteNode&, const DeleteNode&) = default;
};

// Ends an instance. Precondition: it is ours by tag, with this role and pool. Idempotent.
struct Terminate {
    InstanceId instance;
    Role role = Role::Worker;
    PoolName pool;
    friend bool operator==(const Terminate&, const Terminate&) = default;
};

enum class Severity { P0, P1, P2, P3, Info };

struct Notify {
    Severity severity = Severity::Info;
    std::string title;
    std::string text;
    friend bool operator==(const Notify&, const Notify&) = default;
};

struct Action {
    std::variant<Launch, Cordon, Evict, DeleteNode, Terminate, Notify> what;
    std::string reason;              // For people: "CPU above 70 % for 3 readings: 82, 85, 91 %".
    std::vector<std::string> facts;  // What it rests on: "workers 3", "cpu 91 % at 03:14:00".
    Token token;                     // Of the call; empty where a precondition stands in for it.
    friend bool operator==(const Action&, const Action&) = default;
};

// Something that was wanted and not done.
struct Blocked {
    std::string what;  // "scale up by 2"
    std::string by;    // cooldown | max | min | unknown | booting | frozen | pdb | no-capacity | …
    std::string why;   // A sentence.
    friend bool operator==(const Blocked&, const Blocked&) = default;
};

// What became of one action of a recorded plan.
enum class Outcome { Done, Blocked, Failed, Skipped };
struct ActionResult {
    int ordinal = 0;
    Outcome outcome = Outcome::Done;
    std::string detail;          // "launched i-0abc", "blocked: needs 18 healthy pods and has 18"
    InstanceId instance;         // Of a launch that worked.
    std::optional<Token> token;  // Of the attempt that worked.
    friend bool operator==(const ActionResult&, const ActionResult&) = default;
};

}  // namespace k3fleet::model
