#include "core/readiness/check.h"

namespace k3fleet::readiness {

std::string_view to_string(CheckResult result) {
    switch (result) {
        case CheckResult::Ok: return "ok";
        case CheckResult::Warning: return "warning";
        case CheckResult::Failed: return "failed";
        case CheckResult::NotChecked: return "not checked";
    }
    return "";
}

}  // namespace k3fleet::readiness
