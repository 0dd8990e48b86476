#include "app/project_record.h"

#include "base/json.h"
#include "core/intent/intent.h"

namespace k3fleet::app {

Status record_project(ports::Objects& objects, const model::ProjectIntent& project) {
    const std::string key(kProjectRecord);
    const std::string text = json::write_pretty(intent::to_document(project));
    const auto there = K3F_TRY_WHILE("recording the project", objects.get(key));
    if (there && there->data == text) return {};
    K3F_TRY_WHILE("recording the project", objects.put(key, text, ports::Condition::always()));
    return {};
}

Result<model::ProjectIntent> load_project(ports::Objects& objects) {
    const std::string key(kProjectRecord);
    const auto there = K3F_TRY(objects.get(key));
    if (!there) return fail(ErrorCode::NotFound, "the project is not set up here");
    auto reading = intent::read_project(there->data);
    if (!reading) return fail(ErrorCode::Corrupt, intent::describe(reading.error(), key));
    return std::move(reading->intent);
}

}  // namespace k3fleet::app
