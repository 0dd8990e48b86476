#include "app/reach.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <chrono>

#include "base/crypto.h"
#include "base/crypto_certificates.h"
#include "base/text.h"
#include "tests/support/certificates.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

const crypto::Subject kAlice{.common_name = "aws:user/alice", .organization = "k3fleet:operators"};

// What an authority would give for a request: with that subject and for so long.
std::string signed_for(const std::string& request, const crypto::Subject& subject,
                       std::chrono::seconds length) {
    BIO* in = BIO_new_mem_buf(request.data(), static_cast<int>(request.size()));
    X509_REQ* asked = PEM_read_bio_X509_REQ(in, nullptr, nullptr, nullptr);
    EVP_PKEY* authority = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(length.count()));
    X509_set_pubkey(certificate, X509_REQ_get0_pubkey(asked));
    for (const auto& [field, text] : {std::pair("O", subject.organization), {"CN", subject.common_name}})
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
    X509_sign(certificate, authority, EVP_sha256());
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free_all(out);
    X509_free(certificate);
    EVP_PKEY_free(authority);
    X509_REQ_free(asked);
    BIO_free_all(in);
    return pem;
}

struct FakeRemote final : ports::RemoteExec {
    Result<std::vector<ports::RemoteAgent>> agents(const std::vector<model::InstanceId>& asked) override {
        std::vector<ports::RemoteAgent> found;
        for (const auto& id : asked)
            for (const auto& agent : known)
                if (agent.instance == id) found.push_back(agent);
        return found;
    }
    Result<std::string> run(const ports::RemoteRun& run) override {
        runs.push_back(run);
        return answer(crypto::from_base64(run.parameters.at("csr")).value());
    }
    Result<ports::RemoteSession> start_session(const ports::SessionRequest& request) override {
        sessions.push_back(request);
        return ports::RemoteSession{.id = "s-1"};
    }
    Status end_session(const ports::RemoteSession&) override { return {}; }

    std::vector<ports::RemoteAgent> known;
    std::vector<ports::RemoteRun> runs;
    std::vector<ports::SessionRequest> sessions;
    std::function<std::string(const std::string& request)> answer;
};

// A clock as real as the certificates.
struct Now final : ports::Clock {
    Timestamp now() override {
        return std::chrono::floor<Duration>(std::chrono::system_clock::now());  // tidy: allow(clock): because
        // libcrypto reads the real one when it makes certificates.
    }
    Status sleep_until(Timestamp) override { return {}; }
};

struct Reach : ::testing::Test {
    void add(const std::string& id, model::Role role, int slot, model::InstanceState state, bool online) {
        cluster.instances[id] = {
            .id = model::InstanceId(id), .role = role, .slot = slot, .state = state, .offering = {}};
        remote.known.push_back(
            {.instance = model::InstanceId(id), .online = online, .last_heard = now.now()});
    }
    std::string as_printed(const std::string& certificate) const {
        return format(R"({{"certificate": "{}", "ca": "{}"}})", crypto::to_base64(certificate),
                      crypto::to_base64(authority.certificate_pem()));
    }
    Result<Credential> sign(int hours = 1) {
        return sign_credential(site, {.user = kAlice.common_name,
                                      .group = kAlice.organization,
                                      .hours = hours,
                                      .run_id = "0123456789abcdef"});
    }

    k3fleet::testing::FakeCluster cluster;
    k3fleet::testing::CrashPoints points;
    k3fleet::testing::FakeCloud cloud{cluster, points};
    FakeRemote remote;
    Now now;
    support::TestCa authority{"the cluster's"};
    ReachSite site{
        {.project = model::ProjectName("shop"), .cluster = model::ClusterName("dev")}, cloud, remote, now};
};

TEST_F(Reach, TheFirstMasterThatRunsAndAnswersIsAsked) {
    using enum model::InstanceState;
    EXPECT_EQ(master_of(site).error().code, ErrorCode::NotFound);
    add("i-1", model::Role::Worker, -1, Running, true);
    add("i-2", model::Role::Master, 2, Running, true);
    EXPECT_EQ(master_of(site).value().str(), "i-2");
    add("i-3", model::Role::Master, 1, Running, true);
    add("i-4", model::Role::Master, 0, Running, false);
    add("i-5", model::Role::Master, 0, Stopped, true);
    EXPECT_EQ(master_of(site).value().str(), "i-3");
    for (auto& agent : remote.known) agent.online = false;
    EXPECT_EQ(master_of(site).error().code, ErrorCode::Unavailable);
}

TEST_F(Reach, ACredentialIsWhatWasAskedForOrNone) {
    add("i-1", model::Role::Master, 0, model::InstanceState::Running, true);
    const auto hour = std::chrono::hours{1};
    remote.answer = [&](const auto& request) { return as_printed(signed_for(request, kAlice, hour)); };
    const auto credential = sign();
    ASSERT_TRUE(credential) << credential.error().describe();
    EXPECT_EQ(credential->ca, authority.certificate_pem());
    EXPECT_TRUE(crypto::belongs(credential->certificate, credential->key).value());
    ASSERT_EQ(remote.runs.size(), 1U);
    EXPECT_EQ(remote.runs[0].parameters.at("cluster"), "dev");
    EXPECT_EQ(remote.runs[0].document.name, "shop-sign-kubeconfig");
    EXPECT_FALSE(remote.runs[0].parameters.at("csr").contains(crypto::to_base64(credential->key.reveal())));

    const std::string other_request =
        crypto::certificate_request(crypto::make_private_key().value(), kAlice).value();
    const crypto::Subject admin{.common_name = kAlice.common_name, .organization = "k3fleet:admins"};
    const std::function<std::string(const std::string&)> bad[] = {
        [&](const auto&) { return as_printed(signed_for(other_request, kAlice, hour)); },
        [&](const auto& request) { return as_printed(signed_for(request, admin, hour)); },
        [&](const auto& request) { return as_printed(signed_for(request, kAlice, 24 * hour)); },
        [&](const auto&) { return as_printed("no certificate"); },
        [&](const auto&) { return std::string("{}"); },
        [&](const auto&) { return std::string("no JSON"); },
    };
    for (const auto& answer : bad) {
        remote.answer = answer;
        EXPECT_FALSE(sign());
    }
}

TEST_F(Reach, NothingIsAskedForLongerThanEightHours) {
    add("i-1", model::Role::Master, 0, model::InstanceState::Running, true);
    for (const int hours : {0, 9, -1}) EXPECT_EQ(sign(hours).error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(remote.runs.empty());
}

TEST_F(Reach, SessionsUseTheirOwnDocuments) {
    add("i-1", model::Role::Master, 0, model::InstanceState::Running, true);
    ASSERT_TRUE(open_tunnel(site, 16443, "test"));
    ASSERT_TRUE(open_shell(site, model::InstanceId("i-1"), "test"));
    EXPECT_EQ(remote.sessions[0].document.name, "shop-session-tunnel");
    EXPECT_EQ(remote.sessions[0].parameters.at("localPortNumber"), "16443");
    EXPECT_EQ(remote.sessions[1].document.name, "shop-session-shell");
}

TEST_F(Reach, AMachineIsNamedByItsId) {
    for (const char* bad : {"", "web-1", "i-", "i-0123", "i-0123456789abcdefg", "i-0123456789abcdef01234"})
        EXPECT_EQ(machine_of(site, bad).error().code, ErrorCode::InvalidArgument) << bad;
}

}  // namespace
}  // namespace k3fleet::app
