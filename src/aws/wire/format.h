// AWS's five wire formats: a request struct becomes an HTTP message, an answer becomes a response struct or
// an error. Endpoint, signature and sending are for others.
//
// Nothing here throws or aborts, whatever bytes an answer has; sizes and depths are bounded.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/operation.h"
#include "aws/wire/cursor.h"
#include "base/result.h"
#include "net/http.h"

namespace k3fleet::wire {

using aws::Operation;

struct HttpMessage {
    std::string method;
    std::string host_prefix;  // Goes before the endpoint's host name: "data."; usually empty.
    std::string path;         // Percent-encoded, begins with a slash.
    std::vector<std::pair<std::string, std::string>> query;  // Not encoded yet. "?acl" has an empty value.
    net::HttpHeaders headers;
    std::string body;
};

// `request` is of the operation's input type. Absent idempotency tokens are filled in from `token`, so that
// a message may be sent again as it is. InvalidArgument, with the member's path, if a value that the host or
// the path is made of is missing or cannot stand there.
Result<HttpMessage> encode(const Operation& operation, const void* request, const TokenSource& token = {});

// Fills `response`, freshly made, of the operation's output type. An answer that is not a success (status of
// 300 or more; with rest-xml also a body that is an error) gives what decode_error() does. Corrupt, with the
// path of the value, if the answer is not what the operation promises; unknown members are ignored.
Status decode(const Operation& operation, const net::HttpResponse& answer, void* response);

// What AWS says of a call that failed.
struct Refusal {
    std::string code;  // AWS's own; the HTTP status where the answer names none.
    std::string message;
    std::string request_id;
    const aws::ErrorShape* shape = nullptr;  // The operation's, if it declares this one.
};

// Never fails: what cannot be read is empty.
Refusal read_refusal(const Operation& operation, const net::HttpResponse& answer);

// The same as an Error of ours: AWS's code in provider_code, operation and request id in the trail, the wait
// that the answer asks for in retry_after.
Error decode_error(const Operation& operation, const net::HttpResponse& answer);

// Fills `value`, freshly made, of the type of the error shape.
Status decode_error_members(const Operation& operation, const aws::ErrorShape& shape,
                            const net::HttpResponse& answer, void* value);

// What a code means for us; the status decides where the code is not known.
ErrorCode error_code(std::string_view aws_code, int status);

}  // namespace k3fleet::wire
