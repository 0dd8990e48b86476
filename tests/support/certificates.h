// Certificates for tests, made when the test runs: nothing secret lies in the repository and nothing expires
// there.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace k3fleet::support {

struct Identity {
    std::string certificate_pem;
    std::string key_pem;
};

struct CertificateSpec {
    std::string common_name;
    std::vector<std::string> names;  // "DNS:localhost", "IP:127.0.0.1": subjectAltName in OpenSSL's notation.
    std::chrono::seconds valid_from{-3600};  // From now.
    std::chrono::seconds valid_until{3600};
};

// A certificate authority with a fresh P-256 key.
class TestCa {
public:
    explicit TestCa(const std::string& common_name);
    ~TestCa();
    TestCa(const TestCa&) = delete;
    TestCa& operator=(const TestCa&) = delete;

    std::string certificate_pem() const;
    Identity issue(const CertificateSpec& spec) const;
    // For 127.0.0.1 and localhost.
    Identity issue_local() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace k3fleet::support
