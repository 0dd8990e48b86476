// Generators of documents and texts for property tests.
#pragma once

#include <rapidcheck.h>

#include <string>

#include "base/value.h"

namespace k3fleet::testing_support {

// Well-formed UTF-8 with a taste for what breaks readers: quotes, escapes, control characters, characters of
// every length, and texts that look like something else ("null", "1e3", "- a", "key: value").
rc::Gen<std::string> arbitrary_text();

// Any document that JSON can hold: finite numbers, distinct keys, at most a few levels deep.
rc::Gen<Value> arbitrary_value();

}  // namespace k3fleet::testing_support
