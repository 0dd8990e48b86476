// Records of ours as somebody else may have left them (memory item, world, intent, plan, results): Corrupt,
// or something that is written again byte for byte as it is read again. The first byte chooses the kind.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "core/model/codec.h"

namespace {

using namespace k3fleet;

template <typename Decode>
void check(const Value& value, Decode decode) {
    const auto record = decode(value);
    if (!record) {
        K3F_CHECK(record.error().code == ErrorCode::Corrupt && !record.error().message.empty());
        return;
    }
    const std::string text = json::write(model::encode(*record));
    const auto again = decode(*json::parse(text));
    K3F_CHECK(again && json::write(model::encode(*again)) == text);
}

// A memory read in one go is that which is read by way of values.
void check_memory(std::string_view text) {
    const auto quick = model::read_memory(text);
    const auto value = json::parse(text);
    const auto whole =
        value ? model::decode_memory(*value) : Result<model::Memory>(std::unexpected(value.error()));
    K3F_CHECK(quick.has_value() == whole.has_value());
    if (!quick) return;
    K3F_CHECK(json::write(model::encode(*quick)) == json::write(model::encode(*whole)));
    K3F_CHECK(model::write(*quick) == json::write(model::encode(*whole)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    if (data[0] == 'm') check_memory({reinterpret_cast<const char*>(data) + 1, size - 1});
    const auto value = json::parse({reinterpret_cast<const char*>(data) + 1, size - 1});
    if (!value) return 0;
    switch (data[0]) {
        case 'm': check(*value, model::decode_memory); break;
        case 'w': check(*value, model::decode_world); break;
        case 'i': check(*value, model::decode_cluster_intent); break;
        case 'p': check(*value, model::decode_plan); break;
        case 'r': check(*value, model::decode_action_result); break;
        default: check(*value, model::decode_action); break;
    }
    return 0;
}
