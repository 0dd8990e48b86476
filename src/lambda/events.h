// What Lambda's events mean: which loop of which cluster is to look at the world again, and why.
//
// Events come straight (a schedule) or in batches of a queue, whose messages hold our own wake-ups, S3's
// notices of written cluster files, or EventBridge's of instances. All that is read here is untrusted text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/model/ids.h"
#include "core/model/memory.h"

namespace k3fleet::lambda {

struct Cause {
    enum class Kind {
        Schedule,  // Time has passed: every loop that the function serves.
        WakeUp,    // A tick asked for it: this loop of this cluster.
        Written,   // A cluster's file was written or removed.
        Instance,  // Something happened to an instance, which may be ours or not.
        Nothing,   // Understood, and nothing to do: S3's test message, another object.
    };
    Kind kind = Kind::Nothing;
    model::ClusterName cluster;       // Of WakeUp and Written.
    std::optional<model::Loop> loop;  // Of WakeUp.
    model::InstanceId instance;       // Of Instance; a wake-up may pass one on.
    // AWS takes it back then: a spot interruption. Absent for other changes and for advice to rebalance.
    std::optional<Timestamp> interruption_at;
    std::string why;  // For the log: "spot interruption of i-0abc".

    friend bool operator==(const Cause&, const Cause&) = default;
};

// One message of a queue. Corrupt: it cannot be understood, and goes to the queue of failures in the end.
struct Message {
    std::string id;
    Result<std::vector<Cause>> causes;
};

struct Event {
    // Batch: messages that are taken from their queue unless the answer names them as failed.
    enum class Shape { Direct, Batch } shape = Shape::Direct;
    std::vector<Message> messages;  // Direct: one, without id.
};

// Corrupt: neither of the shapes that we asked AWS to send.
Result<Event> read_event(std::string_view json);

// A wake-up as a queue's message, which read_event() reads back.
std::string write_wake_up(const Cause& cause);

// {"batchItemFailures": [{"itemIdentifier": ID}]}: the messages that the queue is to keep.
std::string batch_answer(const std::vector<std::string>& failed_ids);

}  // namespace k3fleet::lambda
