// Our own documents run on our own machines from afar, and sessions opened on them: there is no SSH (G-4).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "core/model/ids.h"
#include "core/resources/graph.h"

namespace k3fleet::ports {

using RemoteParameters = std::map<std::string, std::string>;

struct RemoteRun {
    model::InstanceId instance;
    resources::SsmDocument document;
    // With `runId`, which makes it safe to send twice: the document does nothing twice.
    RemoteParameters parameters;
    std::string comment;  // For whoever reads the list of commands; at most 100 characters.
    Duration limit = std::chrono::minutes{2};
};

struct SessionRequest {
    model::InstanceId instance;
    resources::SsmDocument document;
    RemoteParameters parameters;
    std::string reason;  // Shown in the history of sessions; at most 256 characters.
};

// A session that waits for the provider's program on this side.
struct RemoteSession {
    std::string id;
    Secret answer;        // JSON for that program: who has it, has the session.
    std::string request;  // JSON of what was asked.
    std::string region;
    std::string endpoint;
};

// What an agent on a machine last said of itself.
struct RemoteAgent {
    model::InstanceId instance;
    bool online = false;
    Timestamp last_heard;
};

class RemoteExec {
public:
    virtual ~RemoteExec() = default;

    // Of these machines; one without an agent is missing. Sorted as asked.
    virtual Result<std::vector<RemoteAgent>> agents(const std::vector<model::InstanceId>& instances) = 0;

    // What the document printed. NotFound: the project has no such document; Refused: it has another content,
    // or the machine ran it and said no, with what it said; Unavailable: the machine does not answer;
    // DeadlineExceeded: it may still run.
    virtual Result<std::string> run(const RemoteRun& run) = 0;

    // Errors as run().
    virtual Result<RemoteSession> start_session(const SessionRequest& request) = 0;
    // One that has ended already is no error.
    virtual Status end_session(const RemoteSession& session) = 0;
};

}  // namespace k3fleet::ports
