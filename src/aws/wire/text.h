// Single values as text: what stands in query parameters, headers, URIs and XML elements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/wire/cursor.h"
#include "base/result.h"
#include "base/time.h"

namespace k3fleet::wire {

// A timestamp in one of the three formats; Default counts as ISO 8601. The fraction of a second is written
// where there is one, but not in RFC 822, which has none.
std::string timestamp_text(Timestamp at, TimestampFormat format);
// Any of the three, told apart by how they look: services mix them. Corrupt, with a message that begins with
// ": " as aws/path.h says, if it is none.
Result<Timestamp> read_timestamp(std::string_view text);
// Seconds since 1970 with a fraction; Corrupt if that is no time that a clock shows.
Result<Timestamp> timestamp_from_seconds(double seconds);

// A value that is no list, map or structure. Blobs in base64; documents as JSON; doubles as NaN, Infinity,
// -Infinity or the shortest decimal.
std::string to_text(View value, TimestampFormat timestamps);
// The other way round. Corrupt, as above; never shows what a secret held.
Status read_text(Slot slot, std::string_view text);

// A list in one header: "a, \"b,c\", d", times (which hold a comma themselves) included.
std::vector<std::string> split_header_list(std::string_view text, bool of_times);
// An element of such a list: in quotes if it holds a comma or a quote.
std::string header_list_element(std::string text);

}  // namespace k3fleet::wire
