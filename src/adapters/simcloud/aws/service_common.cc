#include "adapters/simcloud/aws/service_common.h"

#include <algorithm>

#include "adapters/simcloud/engine.h"
#include "base/prng.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kShortPage = 2;

}  // namespace

std::unexpected<Error> constraint(std::string_view value, std::string_view member, std::string_view must) {
    return refuse("ValidationException",
                  format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: "
                         "Member must {}",
                         value, member, must));
}
Status in_range(const std::optional<std::int32_t>& value, std::string_view member, std::int32_t least,
                std::int32_t most) {
    if (value && *value < least)
        return constraint(std::to_string(*value), member,
                          format("have value greater than or equal to {}", least));
    if (value && *value > most)
        return constraint(std::to_string(*value), member,
                          format("have value less than or equal to {}", most));
    return {};
}

std::string make_uuid(const Call& call, std::string_view purpose, std::string_view which) {
    Prng random = call.dice(purpose, which);
    const std::uint64_t a = random.next();
    const std::uint64_t b = random.next();
    return format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a >> 32U, (a >> 16U) & 0xffffU, a & 0xfffU,
                  b >> 52U, b & 0xffff'ffff'ffffU);
}

Duration drawn(const Call& call, std::string_view purpose, std::string_view which, Duration least,
               Duration most) {
    const auto span = static_cast<std::uint64_t>((most - least).count());
    return least + Duration{static_cast<Duration::rep>(call.dice(purpose, which).below(span + 1))};
}

Result<std::size_t> page_size_of(const Call& call, const std::optional<std::int32_t>& wanted,
                                 std::size_t most) {
    K3F_TRY(in_range(wanted, "maxItems", 1, 10'000));
    const std::size_t size = call.engine.suffers(FaultKind::ShortPages, "") ? kShortPage : most;
    return wanted ? std::min(size, static_cast<std::size_t>(*wanted)) : size;
}

}  // namespace k3fleet::simcloud
