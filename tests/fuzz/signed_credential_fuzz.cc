// What a master's command prints over SSM when a person asks for a credential, made up by whoever may run
// commands there: refused, since no made-up certificate is one for a key that was made a moment ago.
// An input is the output, or behind the byte 'd' a certificate in DER.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/reach.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/crypto_certificates.h"
#include "base/json.h"
#include "core/remote/person.h"
#include "tests/support/fakes.h"

namespace {

using namespace k3fleet;

class Printing final : public ports::RemoteExec {
public:
    explicit Printing(std::string output) : output_(std::move(output)) {}
    Result<std::vector<ports::RemoteAgent>> agents(const std::vector<model::InstanceId>& asked) override {
        return std::vector<ports::RemoteAgent>{{.instance = asked.front(), .online = true, .last_heard = {}}};
    }
    Result<std::string> run(const ports::RemoteRun&) override { return output_; }
    Result<ports::RemoteSession> start_session(const ports::SessionRequest&) override {
        return fail(ErrorCode::Refused, "no sessions here");
    }
    Status end_session(const ports::RemoteSession&) override { return {}; }

private:
    std::string output_;
};

void check_output(const std::string& output) {
    testing::FakeCluster cluster;
    cluster.instances["i-1"] = {.id = model::InstanceId("i-1"),
                                .role = model::Role::Master,
                                .slot = 0,
                                .state = model::InstanceState::Running};
    testing::CrashPoints points;
    testing::FakeCloud cloud(cluster, points);
    testing::FakeClock clock;
    Printing remote(output);
    app::ReachSite site{.scope = {.project = model::ProjectName("shop"), .cluster = model::ClusterName("a")},
                        .cloud = cloud,
                        .remote = remote,
                        .clock = clock};
    const auto signed_now = app::sign_credential(
        site,
        {.user = "aws:user/alice", .group = "k3fleet:viewers", .hours = 1, .run_id = "0123456789abcdef"});
    K3F_CHECK(!signed_now && !signed_now.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (!text.starts_with('d')) {
        check_output(text);
        if (const auto person = remote::user_of(text))
            K3F_CHECK(person->starts_with("aws:") && person->size() <= 64);
        if (const auto group = remote::group_of(text)) K3F_CHECK(!lower(*group).starts_with("system:"));
        return 0;
    }
    const std::string pem =
        "-----BEGIN CERTIFICATE-----\n" + crypto::to_base64(text.substr(1)) + "\n-----END CERTIFICATE-----\n";
    if (const auto certificate = crypto::read_certificate(pem); !certificate)
        K3F_CHECK(certificate.error().code == ErrorCode::Corrupt);
    const std::string encoded = crypto::to_base64(pem);
    check_output(json::write(Value::object({{"certificate", encoded}, {"ca", encoded}})));
    return 0;
}
