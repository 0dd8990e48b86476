// ports::RemoteExec on AWS Systems Manager: SendCommand and Session Manager, with our own documents only, and
// only if what lies there under a document's name is what this program would put there.
#pragma once

#include <functional>
#include <string>

#include "aws/api.h"
#include "ports/clock.h"
#include "ports/remote_exec.h"

namespace k3fleet::aws {

struct SsmOptions {
    std::string region;
    // Of SSM: the program on this side resumes sessions there. Asked for with the first session.
    std::function<Result<std::string>()> endpoint;
    Duration timeout = std::chrono::seconds{20};  // Of one call with all its tries.
};

class SsmRemote final : public ports::RemoteExec {
public:
    // Both must outlive this.
    SsmRemote(Api& api, ports::Clock& clock, SsmOptions options);

    Result<std::vector<ports::RemoteAgent>> agents(const std::vector<model::InstanceId>& instances) override;
    Result<std::string> run(const ports::RemoteRun& run) override;
    Result<ports::RemoteSession> start_session(const ports::SessionRequest& request) override;
    Status end_session(const ports::RemoteSession& session) override;

private:
    CallOptions options() const { return {.timeout = options_.timeout}; }
    Result<std::string> known_version(const resources::SsmDocument& document);
    Result<std::string> send(const ports::RemoteRun& run, const std::string& version);
    Result<std::string> await(const ports::RemoteRun& run, const std::string& command, Timestamp deadline);

    Api& api_;
    ports::Clock& clock_;
    SsmOptions options_;
};

}  // namespace k3fleet::aws
