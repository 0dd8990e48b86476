// The scheduler's arithmetic of pod requests, resource by resource.
#include "adapters/kube/requests.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace k3fleet::kube {
namespace {

Requests plus(Requests a, Requests b) { return {a.cpu + b.cpu, a.memory + b.memory}; }
Requests larger(Requests a, Requests b) { return {std::max(a.cpu, b.cpu), std::max(a.memory, b.memory)}; }

// A quantity that YAML or a client wrote as a bare number arrives as a number.
std::string quantity_text(const Value& value) {
    if (const std::string* text = value.as_string()) return *text;
    if (const auto whole = value.as_int()) return format("{}", *whole);
    if (const auto number = value.as_double()) return format("{}", *number);
    return "";
}

Result<Requests> resources(const Value* list) {
    Requests result;
    if (list == nullptr) return result;
    if (const Value* cpu = list->find("cpu")) result.cpu = K3F_TRY(parse_cpu_quantity(quantity_text(*cpu)));
    if (const Value* memory = list->find("memory"))
        result.memory = K3F_TRY(parse_memory_quantity(quantity_text(*memory)));
    return result;
}

const Value* status_of(const Value* statuses, const std::string& name) {
    if (statuses == nullptr) return nullptr;
    for (const Value& one : statuses->items())
        if (one.string_at("name") == name) return &one;
    return nullptr;
}

Result<Requests> container_requests(const Value& container, const Value* statuses) {
    Requests result = K3F_TRY(resources(container.path("resources.requests")));
    const Value* status = status_of(statuses, container.string_at("name"));
    if (status == nullptr) return result;
    result = larger(result, K3F_TRY(resources(status->find("allocatedResources"))));
    return larger(result, K3F_TRY(resources(status->path("resources.requests"))));
}

}  // namespace

Result<Requests> pod_requests(const Value& pod) {
    Requests running;
    if (const Value* containers = pod.path("spec.containers"))
        for (const Value& one : containers->items())
            running = plus(running, K3F_TRY(container_requests(one, pod.path("status.containerStatuses"))));

    Requests sidecars;
    Requests starting;
    if (const Value* containers = pod.path("spec.initContainers")) {
        for (const Value& one : containers->items()) {
            const Requests asked = K3F_TRY(container_requests(one, pod.path("status.initContainerStatuses")));
            if (one.string_at("restartPolicy") == "Always") {
                sidecars = plus(sidecars, asked);
                starting = larger(starting, sidecars);
            } else {
                starting = larger(starting, plus(sidecars, asked));
            }
        }
    }
    Requests result = larger(plus(running, sidecars), starting);

    if (const Value* whole = pod.path("spec.resources.requests")) {
        const Requests own = K3F_TRY(resources(whole));
        if (whole->find("cpu") != nullptr) result.cpu = own.cpu;
        if (whole->find("memory") != nullptr) result.memory = own.memory;
    }
    return plus(result, K3F_TRY(resources(pod.path("spec.overhead"))));
}

}  // namespace k3fleet::kube
