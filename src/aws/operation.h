// What the client must know about a service and an operation besides the shapes: generated from AWS's models
// and from model/aws-operations.toml, the table of all that this program may call.
#pragma once

#include <cstdint>
#include <span>

#include "aws/schema.h"

namespace k3fleet::aws {

enum class Protocol : std::uint8_t { Ec2, Query, Json10, Json11, RestJson, RestXml };

struct Service {
    const char* id;               // The name in commands and variables: "ec2", "secretsmanager".
    const char* service_id;       // AWS's own: "Secrets Manager"; AWS_ENDPOINT_URL_SECRETS_MANAGER.
    const char* endpoint_prefix;  // Host name: PREFIX.REGION.amazonaws.com.
    const char* signing_name;
    const char* api_version;
    Protocol protocol;
    const char* target_prefix = nullptr;  // json: X-Amz-Target is PREFIX.Operation.
    const char* xml_namespace = nullptr;
    bool query_compatible = false;  // json: answers name the error in x-amzn-query-error.
};

// Why it does no harm to send a call a second time (column `repeat` of the table).
enum class Repeat : std::uint8_t {
    Safe,          // Reads, or the same again is the same (puts, deletes, tags).
    Token,         // Carries an idempotency token.
    UniqueName,    // A second create of that name fails or changes nothing.
    Precondition,  // Carries a condition that the first try made false.
    Never,         // A second try may do it twice: only sent again if it surely never arrived.
};

struct ErrorShape {
    const char* code;   // As on the wire: ThrottlingException.
    const char* shape;  // The model's name, which json answers may say instead: QueueDoesNotExist.
    const Type* type;   // Null if it has no members besides its message.
    std::uint16_t status = 0;
};

// One page after another: `output` of an answer goes into `input` of the next request. Members of the model;
// strings, but for dynamodb's maps of keys.
struct PageToken {
    const char* input;
    const char* output;  // A member of the answer, or a path: "A.B".
};

struct Pagination {
    std::span<const PageToken> tokens;   // Usually one; all that the answer has go into the next request.
    const char* more_results = nullptr;  // A boolean that says whether there is more, where AWS has one.
    const char* limit_key = nullptr;
    const char* result_key = nullptr;  // The list that the pages are of; the first, where there are more.
};

enum class WaitState : std::uint8_t { Success, Retry, Failure };

// What an answer must be like for a waiter to be in a state.
struct Acceptor {
    enum class Matcher : std::uint8_t {
        Status,   // The HTTP status is `expected`.
        Error,    // AWS refused with the code `expected`; "true": with any, "false": it did not refuse.
        Path,     // What `path` finds is `expected`.
        PathAll,  // There is at least one, and each is.
        PathAny,  // One of them is.
    };
    Matcher matcher;
    WaitState state;
    const char* expected;        // As text: booleans "true" and "false", numbers in decimal.
    const char* path = nullptr;  // JMESPath over the answer, in the model's names.
};

struct Operation;

// Asks until an answer shows the wanted state. The first acceptor that matches counts; if none does, it asks
// again, but an error that no acceptor names ends it.
struct Waiter {
    const char* name;  // As the model has it: InstanceRunning.
    const Operation* operation;
    std::uint16_t delay_seconds;
    std::uint16_t max_attempts;
    std::span<const Acceptor> acceptors;
};

struct Operation {
    const Service* service;
    const char* name;
    const char* method;
    const char* uri;    // "/", "/2015-03-31/functions/{FunctionName}".
    const Type* input;  // Null: nothing.
    const Type* output;
    const char* result_wrapper = nullptr;  // query: the element around the answer.
    std::span<const ErrorShape> errors;
    Repeat repeat = Repeat::Never;
    const Pagination* pagination = nullptr;
    const char* host_prefix = nullptr;    // "{AccountId}."
    bool unsigned_call = false;           // AssumeRoleWithWebIdentity: carries no signature.
    bool checksum_required = false;       // The body's checksum goes into a header.
    const char* input_element = nullptr;  // rest-xml: root element of the body.
    const char* input_xml_namespace = nullptr;
};

}  // namespace k3fleet::aws
