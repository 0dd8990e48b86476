#include "core/bootstrap/reservation.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace k3fleet::bootstrap {

namespace {

// So much of the range up to `up_to`, in parts of 10,000.
struct Step {
    std::int64_t up_to;
    std::int64_t share;
};

template <std::size_t N>
std::int64_t stepped(const std::array<Step, N>& steps, std::int64_t value) {
    std::int64_t sum = 0;
    std::int64_t from = 0;
    for (const auto& step : steps) {
        if (value > from) sum += (std::min(value, step.up_to) - from) * step.share;
        from = step.up_to;
    }
    return (sum + 9'999) / 10'000;  // Rounded up.
}

constexpr std::int64_t kNoEnd = 1LL << 40;
constexpr std::int64_t kGi = 1024;
constexpr std::array<Step, 5> kMemory{
    {{4 * kGi, 2500}, {8 * kGi, 2000}, {16 * kGi, 1000}, {128 * kGi, 600}, {kNoEnd, 200}}};
constexpr std::array<Step, 4> kCpu{{{1000, 600}, {2000, 100}, {4000, 50}, {kNoEnd, 25}}};

constexpr Mebibytes kSystemMemory{128};
constexpr Millicores kSystemCpu{10};
constexpr Mebibytes kServerMemory{768};
constexpr Millicores kServerCpu{200};

std::string as_argument(Millicores cpu, Mebibytes memory) {
    return format("cpu={}m,memory={}Mi", cpu.count, memory.count);
}

}  // namespace

std::string Reservation::kube() const { return as_argument(kube_cpu, kube_memory); }
std::string Reservation::system() const { return as_argument(system_cpu, system_memory); }

Reservation reserve(model::Role role, Millicores cpu, Mebibytes memory) {
    const std::int64_t all_memory = memory.count < kGi ? 255 : stepped(kMemory, memory.count);
    Reservation kept;
    kept.system_cpu = kSystemCpu;
    kept.system_memory = Mebibytes{std::min(kSystemMemory.count, all_memory / 3)};
    kept.kube_cpu = Millicores{stepped(kCpu, cpu.count)} - kept.system_cpu;
    kept.kube_memory = Mebibytes{all_memory} - kept.system_memory;
    if (role == model::Role::Master) {
        kept.kube_cpu += kServerCpu;
        kept.kube_memory += kServerMemory;
    }
    return kept;
}

}  // namespace k3fleet::bootstrap
