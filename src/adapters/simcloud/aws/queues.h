// SQS's part of a simulated account, and what polls of Lambda do with it: the program itself only sends.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "base/time.h"

namespace k3fleet::simcloud {

struct Account;

struct QueueMessage {
    std::uint64_t number = 0;  // In its queue.
    std::string id;
    std::string body;
    Timestamp sent_at;
    Timestamp visible_at;
    std::int64_t receives = 0;
    std::string receipt;  // Of the last receive.
};

struct Queue {
    std::string name;
    Timestamp created_at;
    std::map<std::string, std::string> attributes;  // As they were given.
    Timestamp policy_since;  // Its Policy was set then; others see it some seconds later.
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
    std::uint64_t sent = 0;
    std::vector<QueueMessage> messages;  // By number.
};

struct QueuesState {
    std::map<std::string, Queue> queues;          // By name.
    std::map<std::string, Timestamp> deleted_at;  // Names that cannot be taken again for a minute.
};

struct Call;

// What SendMessage does, for whoever may: the message waits in the queue from `visible_at` on.
const QueueMessage& enqueue(const Call& call, Queue& queue, std::string body, Timestamp visible_at);

// May this service of AWS send to the queue for a thing of this account ("arn:aws:s3:::bucket")? As the
// queue's policy says; a change of it counts some seconds after it was made.
bool queue_lets_in(const Call& call, const Queue& queue, std::string_view service,
                   const std::string& source_arn);

// What a poll of a queue gives at this moment: at most ten messages that nobody else works on. They are
// hidden for the queue's visibility timeout; what was received too often goes to the queue of failed ones;
// what is too old is dropped. As AWS warns, a message is now and then given twice. NotFound: no such queue.
Result<std::vector<QueueMessage>> receive_messages(Account& account, std::string_view queue, std::size_t most,
                                                   Timestamp now, Prng random);
// By the receipt of a receive. One that is not the last does nothing, as on AWS.
Status delete_message(Account& account, std::string_view queue, std::string_view receipt);
// When the next message can be received; empty: none waits.
std::optional<Timestamp> next_visible(const Account& account, std::string_view queue);

template <typename Archive>
void fields(Archive& archive, QueueMessage& message) {
    archive(message.number, message.id, message.body, message.sent_at, message.visible_at, message.receives,
            message.receipt);
}
template <typename Archive>
void fields(Archive& archive, Queue& queue) {
    archive(queue.name, queue.created_at, queue.attributes, queue.policy_since, queue.tags, queue.tagged_at,
            queue.sent, queue.messages);
}
template <typename Archive>
void fields(Archive& archive, QueuesState& queues) {
    archive(queues.queues, queues.deleted_at);
}

}  // namespace k3fleet::simcloud
