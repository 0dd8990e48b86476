// What rest-json and rest-xml share: members that travel in the URI, the query, headers and the status.
#pragma once

#include "aws/wire/formats.h"

namespace k3fleet::wire {

// Sets path, query and headers. `request` may have no type: the operation takes nothing.
Status encode_bindings(const Operation& operation, View request, const TokenSource& token,
                       HttpMessage& message);
// Reads headers and status.
Status decode_bindings(const net::HttpResponse& answer, Slot response);

// The member that is the whole body; null if there is none.
const Member* payload_of(const Type& structure);
// The structure has members in the body of a request, or of an answer.
bool has_body_members(const Type& structure);
bool has_answer_members(const Type& structure);
// A text or bytes: such a payload is sent and read as it is.
bool is_raw(const Type& type);

// A raw payload, with the content type that fits unless the request has one.
void encode_raw_payload(View payload, HttpMessage& message);
void decode_raw_payload(Slot payload, const std::string& body);

bool has_header(const HttpMessage& message, std::string_view name);

}  // namespace k3fleet::wire
