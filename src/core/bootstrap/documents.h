// The documents of documents/*.yaml, with their placeholders filled in. Filling happens in the parsed
// document, text by text, and the result is written anew: no value can become structure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace k3fleet::bootstrap {

// Placeholder -> text: "{{prefix}}" -> "node-fleet".
using Filling = std::map<std::string, std::string, std::less<>>;

// One or more YAML documents, parted by "---", without comments. Internal if a placeholder is left over.
Result<std::string> fill(std::string_view documents, const Filling& filling);

extern const std::string_view admission_yaml;
extern const std::string_view audit_yaml;
extern const std::string_view credentials_yaml;
extern const std::string_view kubelet_yaml;
extern const std::string_view monitoring_yaml;
extern const std::string_view network_yaml;
extern const std::string_view rbac_yaml;

}  // namespace k3fleet::bootstrap
