// What the operations on SSM documents and on commands share.
#pragma once

#include <optional>
#include <string>

#include "adapters/simcloud/aws/commands_state.h"
#include "adapters/simcloud/aws/service.h"

namespace k3fleet::simcloud {

// InvalidDocument: there is none of that name.
Result<RunDocument*> find_document(Call& call, const std::optional<std::string>& name);
// "$LATEST", "$DEFAULT" (also absent) or a number. InvalidDocumentVersion.
Result<std::int64_t> read_version(const RunDocument& document, const std::optional<std::string>& text);

std::string document_arn(const Call& call, const std::optional<std::string>& name);
iam::Context document_context(const Call& call, const std::optional<std::string>& name);

}  // namespace k3fleet::simcloud
