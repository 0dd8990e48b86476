// What the formats call an error; used by format.cc. The public part is in format.h.
#pragma once

#include "aws/wire/format.h"

namespace k3fleet::wire {

// S3 answers some long calls with status 200 before it knows, and puts the error into the body.
bool is_error_document(const Operation& operation, const net::HttpResponse& answer);

}  // namespace k3fleet::wire
