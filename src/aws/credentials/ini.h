// The dialect of ~/.aws/config and ~/.aws/credentials: what Python's configparser reads, which is what the
// AWS CLI uses, so that a file means here what it means there.
//
// Sections in brackets; `key = value` or `key: value`; keys in any case; lines that begin with # or ; are
// comments, a # inside a value is not; lines indented further than their key go on with its value, or, if
// that was empty, are properties nested in it. A section or key that comes twice is an error,
// as it is for the CLI.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace k3fleet::credentials {

struct IniValue {
    std::string text;  // Lines joined by '\n'; empty if there are nested properties.
    int line = 0;
    std::map<std::string, std::string> nested;  // Keys in lower case.
};

struct IniSection {
    std::string name;  // Between the brackets, trimmed.
    int line = 0;
    std::map<std::string, IniValue> values;  // Keys in lower case.
};

// InvalidArgument with `file` and the line if the text cannot be read. Values are never in the message.
Result<std::vector<IniSection>> parse_ini(std::string_view text, const std::string& file);

// A text in words, as a shell splits it: blanks separate, quotes and backslashes keep together; nothing is
// expanded. InvalidArgument if a quote does not end.
Result<std::vector<std::string>> split_words(std::string_view text);

}  // namespace k3fleet::credentials
