// ports::Kubernetes over the API server's REST interface, and no more of it than scaling needs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/kube/kubeconfig.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http.h"
#include "ports/kubernetes.h"

namespace k3fleet::kube {

struct RestOptions {
    // Objects a page. 500 is kubectl's: about 4 MB of pods, which bounds what is in memory at a time.
    int page_size = 500;
    // A list longer than this is an error: nothing we manage is, and a server that never ends must not hang
    // us.
    int max_pages = 1000;
    Duration timeout = std::chrono::seconds{30};  // Of each call.
};

// Lists are read page by page at one resource version. When the server has forgotten that version in between
// (410), the list is read once more from its beginning. Preconditions (uid) are checked by the server, in the
// call that changes.
//
// Known of the server (1.36): an eviction with a stale uid uses up a disruption of the pod's budget for two
// minutes, as the budget is charged before the uid is looked at. It only delays, and asking first would cost
// a call a pod.
//
// Errors beside the port's: PermissionDenied names the verb, the resource and the row of the rights that are
// missing (N-19); Throttled carries the server's Retry-After; Unavailable and DeadlineExceeded may have been
// applied. Thread-safe as far as the client is.
class RestKubernetes : public ports::Kubernetes {
public:
    RestKubernetes(std::shared_ptr<net::HttpClient> client, Connection connection, RestOptions options = {});

    Result<std::vector<model::Node>> nodes() override;
    Result<std::vector<model::Pod>> pods() override;
    Result<std::vector<model::DisruptionBudget>> disruption_budgets() override;
    Status cordon(const model::Cordon& request) override;
    Result<ports::EvictionAnswer> evict(const model::Evict& request) override;
    Status delete_node(const model::DeleteNode& request) override;

private:
    std::shared_ptr<net::HttpClient> client_;
    Connection connection_;
    RestOptions options_;
};

// A client with the connection's TLS settings, and the adapter on it. Sends nothing yet.
std::unique_ptr<RestKubernetes> connect(Connection connection, RestOptions options = {});

}  // namespace k3fleet::kube
