// Identity policies that anybody may have written: an error that names the policy and adds nothing, or a
// policy that answers. What it answers hangs neither on how its text was laid out nor on the case of an
// action; a denial of everything ends every permission.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "core/iam/evaluate.h"

namespace {

using namespace k3fleet;
using iam::IdentityPolicies;
using iam::Request;
using iam::Verdict;

constexpr std::size_t kMostTexts = 12;

// Texts of the policy itself: what requests must be about to be answered by it.
void collect(const Value& value, std::vector<std::string>& texts) {
    if (texts.size() >= kMostTexts) return;
    if (const std::string* text = value.as_string()) texts.push_back(*text);
    for (const Value& item : value.items()) collect(item, texts);
    for (const Member& member : value.members()) collect(member.value, texts);
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

const iam::Context& context() {
    static const iam::Context kept{{"aws:username", {"alice"}},
                                   {"aws:RequestTag/Project", {"shop"}},
                                   {"aws:TagKeys", {"Project", "Name"}},
                                   {"aws:SourceIp", {"10.0.0.1"}},
                                   {"aws:CurrentTime", {"2026-11-23T00:00:00Z"}},
                                   {"aws:MultiFactorAuthAge", {"30"}},
                                   {"aws:SecureTransport", {"true"}}};
    return kept;
}

void check_answer(const IdentityPolicies& policies, const IdentityPolicies& again, const Request& request) {
    const auto decision = policies.evaluate(request);
    K3F_CHECK(!decision.describe().empty());
    K3F_CHECK((decision.statement >= 0) == (decision.verdict != Verdict::NotAllowed));
    K3F_CHECK(decision.verdict == Verdict::NotAllowed || (decision.policy == "p" && decision.misses.empty()));
    Request louder = request;
    louder.action = upper(louder.action);
    K3F_CHECK(policies.evaluate(louder).verdict == decision.verdict);
    const auto same = again.evaluate(request);
    K3F_CHECK(same.verdict == decision.verdict && same.statement == decision.statement);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto policy = json::parse({reinterpret_cast<const char*>(data), size});
    if (!policy) return 0;
    IdentityPolicies policies, again;
    if (const auto added = policies.add("p", *policy); !added) {
        const Error& error = added.error();
        K3F_CHECK(error.code == ErrorCode::InvalidArgument && error.describe().contains("policy p"));
        K3F_CHECK(policies.evaluate({.action = "s3:GetObject"}).describe() ==
                  "no statement allows the action");
        return 0;
    }
    K3F_CHECK(again.add("p", *json::parse(json::write_pretty(*policy))));
    std::vector<std::string> texts{"ec2:RunInstances", "arn:aws:s3:::shop/a"};
    collect(*policy, texts);
    IdentityPolicies closed = policies;
    K3F_CHECK(closed.add(
        "none", Value::object({{"Statement",
                                Value::object({{"Effect", "Deny"}, {"Action", "*"}, {"Resource", "*"}})}})));
    for (const std::string& action : texts) {
        for (const std::string& resource : texts) {
            const Request request{.action = action, .resource = resource, .context = context()};
            check_answer(policies, again, request);
            K3F_CHECK(closed.evaluate(request).verdict == Verdict::Denied);
        }
    }
    return 0;
}
