#include "adapters/aws/kube_access.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "tests/support/aws_machine.h"
#include "tests/support/fake_secrets.h"
#include "tests/support/fakes.h"

namespace k3fleet::aws {
namespace {

Value credential(const std::string& endpoint) {
    return Value::object(
        {{"ca", "pem"},
         {"endpoints", Value::array({endpoint})},
         {"token", "t"},
         {"expires_at", "2026-11-22T12:00:00Z"},
         {"prometheus", Value::object({{"ca", "pem"}, {"endpoints", Value::array({endpoint})}})}});
}

TEST(ReadKubeCredential, NamesWhatIsMissingAndShowsNothing) {
    const Value whole = credential("https://10.0.2.10:6443");
    EXPECT_TRUE(read_kube_credential(Secret(json::write(whole))));
    for (const auto& member : whole.members()) {
        Value part = Value::object();
        for (const auto& other : whole.members())
            if (other.key != member.key) part.set(other.key, other.value);
        const auto read = read_kube_credential(Secret(json::write(part)));
        ASSERT_FALSE(read.has_value()) << member.key;
        EXPECT_EQ(read.error().message.find("6443"), std::string::npos);
    }
    EXPECT_FALSE(read_kube_credential(Secret("nonsense")));
    Value misplaced = whole;
    misplaced.set("expires_at", "2026-11-22T12:00:00-the-token");
    EXPECT_EQ(read_kube_credential(Secret(json::write(misplaced))).error().describe(),
              "its expires_at is no point in time");
}

TEST(KubeAccess, ReadsTheSecretOnceAnHourAndAMissingOneSoonAgain) {
    testing::FakeSecrets secrets;
    support::ManualClock clock;
    testing::InlineExecutor executor;
    KubeAccess access(secrets, clock, executor, "shop/autoscaler-kube");
    EXPECT_EQ(access.kubernetes().nodes().error().code, ErrorCode::NotFound);
    EXPECT_FALSE(access.metrics().signals({}, clock.now()).cpu.known());
    EXPECT_EQ(secrets.asked, std::vector<std::string>{"shop/autoscaler-kube"});
    clock.advance(std::chrono::seconds{6});
    Value text = credential("https://10.0.2.10:6443");
    text.set("expires_at", to_rfc3339(clock.now() + std::chrono::hours{12}));
    secrets.values["shop/autoscaler-kube"] = json::write(text);
    EXPECT_EQ(access.servers().value(), std::vector<std::string>{"10.0.2.10"});
    EXPECT_TRUE(access.servers());
    EXPECT_EQ(secrets.asked.size(), 2U);
    clock.advance(std::chrono::minutes{61});
    EXPECT_TRUE(access.servers());
    EXPECT_EQ(secrets.asked.size(), 3U);
}

}  // namespace
}  // namespace k3fleet::aws
