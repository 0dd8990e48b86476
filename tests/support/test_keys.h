// Keys that servers which answer like AWS take.
#pragma once

#include <string>

#include "aws/credentials/credentials.h"

namespace k3fleet::support {

class TestKeys final : public credentials::CredentialSource {
public:
    std::string describe() const override { return "test"; }
    Result<credentials::Credentials> get() override {
        return credentials::Credentials{
            .access_key_id = "test", .secret_access_key = Secret("test"), .session_token = {}, .expires = {}};
    }
    bool reject(const credentials::Credentials&) override { return false; }
};

}  // namespace k3fleet::support
