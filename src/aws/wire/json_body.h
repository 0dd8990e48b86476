// Structures as JSON documents, for json 1.0, json 1.1 and rest-json.
#pragma once

#include <string>
#include <string_view>

#include "aws/wire/cursor.h"
#include "base/result.h"
#include "base/value.h"

namespace k3fleet::wire {

enum class Members { All, Body };  // Body: those of a rest-json request that travel nowhere else.

Value json_structure(View structure, const TokenSource& token, Members members = Members::All);
Value json_value(View value, TimestampFormat timestamps, const TokenSource& token);

// Corrupt, with the path of the value, as aws/path.h says. Null counts as absent.
Status read_json_structure(Slot structure, const Value& json, Members members = Members::All);
Status read_json(Slot slot, const Value& json);

// A whole body; Corrupt if it is no JSON document.
Result<Value> parse_json_body(std::string_view body);

}  // namespace k3fleet::wire
