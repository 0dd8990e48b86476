// The autoscaler function's way to a cluster: API server and Prometheus, with the credential that a master
// writes into the secret {prefix}/autoscaler-kube every two hours (N-34, core/bootstrap/bootstrap.h).
//
// The secret is read at the first call, and again after an hour or ten minutes before its token ends. Of
// several endpoints the first that answers is used, the last good one first.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "ports/clock.h"
#include "ports/executor.h"
#include "ports/kubernetes.h"
#include "ports/metrics.h"
#include "ports/secrets.h"

namespace k3fleet::aws {

struct KubeCredential {
    std::string ca_pem;
    std::vector<std::string> endpoints;  // "https://10.0.2.10:6443"
    Secret token;
    Timestamp expires_at;
    struct Prometheus {
        std::string ca_pem;
        std::vector<std::string> endpoints;
        std::string username;
        Secret password;
    } prometheus;
};

// Corrupt, with what is missing; nothing of the secret is in the message.
Result<KubeCredential> read_kube_credential(const Secret& text);

class KubeAccess {
public:
    // All must outlive this.
    KubeAccess(ports::Secrets& secrets, ports::Clock& clock, ports::Executor& executor, std::string name);
    ~KubeAccess();

    ports::Kubernetes& kubernetes();
    ports::Metrics& metrics();
    // The addresses of the masters, for the machines that are to join them. NotFound: no master has written
    // the secret yet.
    Result<std::vector<std::string>> servers();

private:
    struct Session;
    class Kube;
    class Load;
    Result<std::shared_ptr<Session>> session();
    Result<std::shared_ptr<Session>> open(Timestamp now);

    ports::Secrets& secrets_;
    ports::Clock& clock_;
    ports::Executor& executor_;
    std::string name_;
    std::mutex mutex_;
    std::shared_ptr<Session> session_;
    std::optional<Error> refused_;  // For a few seconds: a tick asks in five places.
    Timestamp refused_until_;
    std::unique_ptr<Kube> kubernetes_;
    std::unique_ptr<Load> metrics_;
};

}  // namespace k3fleet::aws
