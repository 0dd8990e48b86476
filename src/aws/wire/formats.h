// What each format does, for format.cc to choose from. Messages come with method and host prefix set.
#pragma once

#include "aws/wire/format.h"

namespace k3fleet::wire {

// query.cc: a form in the body; ec2 is the same with other names for lists.
Status encode_query(const Operation& operation, View request, const TokenSource& token, HttpMessage& message);
Status decode_query(const Operation& operation, const net::HttpResponse& answer, Slot response);

// json.cc: json 1.0 and 1.1.
Status encode_json(const Operation& operation, View request, const TokenSource& token, HttpMessage& message);
Status decode_json(const Operation& operation, const net::HttpResponse& answer, Slot response);

// rest_json.cc
Status encode_rest_json(const Operation& operation, View request, const TokenSource& token,
                        HttpMessage& message);
Status decode_rest_json(const Operation& operation, const net::HttpResponse& answer, Slot response);

// rest_xml.cc
Status encode_rest_xml(const Operation& operation, View request, const TokenSource& token,
                       HttpMessage& message);
Status decode_rest_xml(const Operation& operation, const net::HttpResponse& answer, Slot response);

}  // namespace k3fleet::wire
