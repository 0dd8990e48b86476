// Condition operators: what a test says of a request and what its opposite says. An input is lines: operator,
// wanted value, the values of the request.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "core/iam/operators.h"

namespace {

using namespace k3fleet;
using iam::ConditionTest;

// The operator that holds where this one does not, if there is one.
std::optional<std::string> opposite(std::string_view op) {
    for (const std::string_view kind : {"String", "Arn", "Numeric", "Date"}) {
        if (!op.starts_with(kind)) continue;
        const auto rest = op.substr(kind.size());
        if (rest == "Equals" || rest == "EqualsIgnoreCase" || rest == "Like")
            return format("{}Not{}", kind, rest);
    }
    return op == "IpAddress" ? std::optional<std::string>("NotIpAddress") : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto lines = split(std::string_view(reinterpret_cast<const char*>(data), size), '\n');
    if (lines.size() < 2) return 0;
    const std::string& op = lines[0];
    iam::Context absent, present;
    present.set("aws:key", {lines.begin() + 2, lines.end()});
    const auto test = ConditionTest::parse(op, "aws:key", {lines[1]}, ConditionTest::Variables::Yes);
    if (!test) {
        K3F_CHECK(test.error().code == ErrorCode::InvalidArgument);
        return 0;
    }
    for (const iam::Context* context : {&absent, &present}) {
        const bool holds = test->holds(*context);
        K3F_CHECK(test->explain(*context).starts_with(op));
        // Of none, or of one value, the opposite says the opposite.
        if (const auto not_op = opposite(op); not_op && lines.size() <= 3) {
            const auto other =
                ConditionTest::parse(*not_op, "aws:key", {lines[1]}, ConditionTest::Variables::Yes);
            K3F_CHECK(other && other->holds(*context) != holds);
        }
        // An absent key fails a test, unless it is asked for in a way that allows it.
        if (lines.size() == 2 && opposite(op)) K3F_CHECK(!holds);
    }
    return 0;
}
