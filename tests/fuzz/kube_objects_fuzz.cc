// Lists of the API server: Corrupt as a whole, or every object with what is needed of it. The first byte
// chooses what was asked for.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/kube/objects.h"
#include "base/check.h"

namespace {

using namespace k3fleet;

template <typename T, typename Check>
void check(const Result<kube::Page<T>>& page, Check check) {
    if (!page) {
        K3F_CHECK(page.error().code == ErrorCode::Corrupt && !page.error().message.empty());
        return;
    }
    for (const T& item : page->items) check(item);
}

void check_instance(const model::InstanceId& id) { K3F_CHECK(id.empty() || id.str().starts_with("i-")); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'n':
            check(kube::parse_nodes(text), [](const model::Node& node) {
                K3F_CHECK(!node.name.empty() && !node.uid.empty());
                K3F_CHECK(node.allocatable_cpu.count >= 0 && node.allocatable_memory.count >= 0);
                K3F_CHECK(node.allocatable_pods >= 0);
                check_instance(node.instance);
            });
            break;
        case 'p':
            check(kube::parse_pods(text), [](const model::Pod& pod) {
                K3F_CHECK(!pod.name.empty() && !pod.uid.empty() && !pod.namespace_name.empty());
                K3F_CHECK(pod.cpu.count >= 0 && pod.memory.count >= 0);
            });
            break;
        case 'b':
            check(kube::parse_disruption_budgets(text), [](const model::DisruptionBudget& budget) {
                K3F_CHECK(!budget.name.empty() && !budget.namespace_name.empty());
            });
            break;
        default: {
            (void)kube::parse_uid(text);
            const auto refusal = kube::parse_refusal(text);
            K3F_CHECK(refusal.disruption_budget || refusal.cause.empty());
            check_instance(kube::instance_of(text));
        }
    }
    return 0;
}
