// Where the API server is and who we are: from a kubeconfig file, or from inside a pod.
//
// What would weaken or hide the connection is refused instead of ignored: insecure-skip-tls-verify, programs
// to run for a token (exec, auth-provider), passwords, impersonation, proxies, credentials over plain http.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace k3fleet::kube {

struct Connection {
    std::string server;       // "https://10.0.0.10:6443", without a trailing slash.
    std::string server_name;  // tls-server-name: what the certificate must say; empty = the host.
    std::string ca_pem;       // The pinned CA; empty = the system's.
    std::string client_certificate_pem;
    Secret client_key_pem;
    Secret token;            // Either this …
    std::string token_file;  // … or this, read anew for every call, since such tokens are rotated.
    std::string described;   // "context prod of ~/.kube/config": for messages.
};

// Reads the text of a kubeconfig (YAML or JSON). `context` empty = its current-context. Relative file names
// are below `directory`; the files named (CA, certificate, key) are read now. `described` says where the text
// comes from. InvalidArgument with line and column where the text is at fault, NotFound for a context, user
// or file that is missing.
Result<Connection> read_kubeconfig(std::string_view text, const std::string& directory,
                                   const std::string& context, const std::string& described);

// The same from a file.
Result<Connection> load_kubeconfig(const std::string& path, const std::string& context = "");

// The service account of the pod we run in: `host` and `port` from KUBERNETES_SERVICE_HOST and _PORT, ca.crt
// and token from the folder that is mounted into every pod. Refused with what is missing when we are in no
// pod.
Result<Connection> in_cluster(const std::string& host, const std::string& port,
                              const std::string& directory = "/var/run/secrets/kubernetes.io/serviceaccount");

}  // namespace k3fleet::kube
