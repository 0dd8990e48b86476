// The calls to the API server: building requests, reading answers, and what each refusal means.
#include "adapters/kube/rest_kubernetes.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "adapters/kube/objects.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::kube {
namespace {

constexpr std::size_t kMaxAnswerBytes = 128UL << 20;
constexpr std::size_t kMaxTokenBytes = 64UL << 10;

// One call, and how it is called in the rules of RBAC.
struct Call {
    std::string verb;      // "list", "patch" …
    std::string resource;  // "nodes", "pods/eviction" …
    std::string method = "GET";
    std::string path;  // With the query.
    std::string body;
    std::string content_type = "application/json";
};

// What all calls need of the adapter.
struct Session {
    net::HttpClient& client;
    const Connection& connection;
    const RestOptions& options;
};

// What somebody who writes the role has to put into it (N-19).
std::string right_of(std::string_view resource) {
    if (resource == "nodes") return "nodes: get, list, watch, patch, delete";
    if (resource == "pods") return "pods: get, list, watch";
    if (resource == "pods/eviction") return "pods/eviction: create";
    return "poddisruptionbudgets.policy: get, list, watch";
}

Result<Secret> read_token(const Connection& connection) {
    if (connection.token_file.empty()) return connection.token;
    std::ifstream file(connection.token_file, std::ios::binary);
    std::string text(kMaxTokenBytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    Secret token{std::string(trim(text))};
    std::fill(text.begin(), text.end(), '\0');
    if (token.empty())
        return fail(ErrorCode::PermissionDenied,
                    format("cannot read the token file {}, or it is empty", connection.token_file));
    log::redact(token);
    return token;
}

std::optional<Duration> retry_after(const net::HttpResponse& response) {
    const std::string* text = response.header("Retry-After");
    int seconds = 0;
    if (text == nullptr) return std::nullopt;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (parsed.ec != std::errc() || seconds < 0) return std::nullopt;
    return std::chrono::seconds{std::min(seconds, 300)};
}

Error refusal_error(const Session& session, const Call& call, const net::HttpResponse& response) {
    const std::string said = parse_refusal(response.body).message;
    Error error;
    switch (response.status) {
        case 401:
            error.code = ErrorCode::PermissionDenied;
            error.message = format(
                "the API server {} does not accept our credentials (401): the token or certificate of "
                "{} is wrong, expired or revoked; get a new one",
                session.connection.server, session.connection.described);
            break;
        case 403:
            error.code = ErrorCode::PermissionDenied;
            error.message = format(
                "the API server does not let us {} {} (403): {}; grant \"{}\" to the account of {} "
                "(row N-19 of the rights)",
                call.verb, call.resource, said, right_of(call.resource), session.connection.described);
            break;
        case 404: error.code = ErrorCode::NotFound; break;
        case 409:
        case 410: error.code = ErrorCode::Conflict; break;
        case 400:
        case 405:
        case 413:
        case 415:
        case 422: error.code = ErrorCode::InvalidArgument; break;
        case 429: error.code = ErrorCode::Throttled; break;
        case 504: error.code = ErrorCode::DeadlineExceeded; break;
        default: error.code = response.status >= 500 ? ErrorCode::Unavailable : ErrorCode::Corrupt; break;
    }
    if (error.message.empty())
        error.message = format("the API server answered {} to \"{} {}\": {}", response.status, call.verb,
                               call.resource, said);
    if (response.status == 429 || response.status >= 500) error.retry_after = retry_after(response);
    if (response.status == 429 && !error.retry_after) error.retry_after = std::chrono::seconds{1};
    return error;
}

// The answer, whatever its status.
Result<net::HttpResponse> exchange(const Session& session, const Call& call) {
    net::HttpRequest request;
    request.method = call.method;
    request.url = session.connection.server + call.path;
    request.headers.emplace_back("Accept", "application/json");
    if (!call.body.empty()) request.headers.emplace_back("Content-Type", call.content_type);
    const Secret token = K3F_TRY(read_token(session.connection));
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token.reveal());
    request.body = call.body;
    request.timeout = session.options.timeout;
    request.max_response_bytes = kMaxAnswerBytes;
    return K3F_TRY_WHILE(format("asking {} to {} {}", session.connection.server, call.verb, call.resource),
                         session.client.send(request));
}

// True if the object at this path is still the one with this uid. Several refusals do not say which it is (a
// patch with another uid is answered 422, an eviction under a full budget 429 before the uid is looked at),
// so we look.
Result<bool> still_there(const Session& session, const std::string& resource, const std::string& path,
                         const model::Uid& uid) {
    const Call call{.verb = "get", .resource = resource, .path = path};
    const net::HttpResponse response = K3F_TRY(exchange(session, call));
    if (response.status == 404) return false;
    if (!response.ok()) return std::unexpected(refusal_error(session, call, response));
    const std::string found = parse_uid(response.body);
    if (found.empty())
        return fail(ErrorCode::Corrupt, format("the API server's answer to {} has no uid", path));
    return found == uid.str();
}

template <typename T>
using PageReader = Result<Page<T>> (*)(std::string_view);

// All pages from the first on; empty when the server has forgotten the version it began with.
template <typename T>
Result<std::optional<std::vector<T>>> read_pages(const Session& session, Call call, PageReader<T> read) {
    const std::string first = format("{}?limit={}", call.path, session.options.page_size);
    call.path = first;
    std::vector<T> all;
    for (int page = 0; page < session.options.max_pages; ++page) {
        const net::HttpResponse response = K3F_TRY(exchange(session, call));
        if (response.status == 410 && page > 0) return std::optional<std::vector<T>>();
        if (!response.ok()) return std::unexpected(refusal_error(session, call, response));
        Page<T> got = K3F_TRY(read(response.body));
        std::move(got.items.begin(), got.items.end(), std::back_inserter(all));
        if (got.next.empty()) return std::optional(std::move(all));
        call.path = format("{}&continue={}", first, net::percent_encode(got.next));
    }
    return fail(ErrorCode::Corrupt, format("the list of {} did not end after {} pages of {}", call.resource,
                                           session.options.max_pages, session.options.page_size));
}

template <typename T>
Result<std::vector<T>> read_list(const Session& session, const Call& call, PageReader<T> read) {
    constexpr int kTries = 2;
    for (int i = 0; i < kTries; ++i) {
        auto all = K3F_TRY(read_pages(session, call, read));
        if (all) return std::move(*all);
    }
    return fail(ErrorCode::Unavailable,
                format("the list of {} changed faster than it could be read: its version expired twice",
                       call.resource));
}

std::string node_path(const model::NodeName& name) {
    return "/api/v1/nodes/" + net::percent_encode(name.str());
}

std::string pod_path(const std::string& namespace_name, const std::string& name) {
    return format("/api/v1/namespaces/{}/pods/{}", net::percent_encode(namespace_name),
                  net::percent_encode(name));
}

// A refusal under which the object may be another than the one that was meant.
bool may_be_another(int status) { return status == 409 || status == 422; }

template <typename T>
void sort_by_name(std::vector<T>& items) {
    std::sort(items.begin(), items.end(), [](const T& a, const T& b) {
        return std::tie(a.namespace_name, a.name) < std::tie(b.namespace_name, b.name);
    });
}

}  // namespace

RestKubernetes::RestKubernetes(std::shared_ptr<net::HttpClient> client, Connection connection,
                               RestOptions options)
    : client_(std::move(client)), connection_(std::move(connection)), options_(options) {
    if (!connection_.token.empty()) log::redact(connection_.token);
}

Result<std::vector<model::Node>> RestKubernetes::nodes() {
    const Session session{*client_, connection_, options_};
    auto all = K3F_TRY(read_list<model::Node>(
        session, {.verb = "list", .resource = "nodes", .path = "/api/v1/nodes"}, parse_nodes));
    std::sort(all.begin(), all.end(),
              [](const model::Node& a, const model::Node& b) { return a.name < b.name; });
    return all;
}

Result<std::vector<model::Pod>> RestKubernetes::pods() {
    const Session session{*client_, connection_, options_};
    auto all = K3F_TRY(read_list<model::Pod>(
        session, {.verb = "list", .resource = "pods", .path = "/api/v1/pods"}, parse_pods));
    sort_by_name(all);
    return all;
}

Result<std::vector<model::DisruptionBudget>> RestKubernetes::disruption_budgets() {
    const Session session{*client_, connection_, options_};
    const Call call{
        .verb = "list", .resource = "poddisruptionbudgets", .path = "/apis/policy/v1/poddisruptionbudgets"};
    auto all = K3F_TRY(read_list<model::DisruptionBudget>(session, call, parse_disruption_budgets));
    sort_by_name(all);
    return all;
}

Status RestKubernetes::cordon(const model::Cordon& request) {
    const Session session{*client_, connection_, options_};
    const bool off = request.to == model::Cordon::To::Unschedulable;
    // The uid in the patch is the precondition: it cannot be changed, so a patch with another one is refused.
    const Value patch =
        Value::object({{"metadata", Value::object({{"uid", request.node_uid.str()}})},
                       {"spec", Value::object({{"unschedulable", off ? Value(true) : Value(nullptr)}})}});
    const Call call{.verb = "patch",
                    .resource = "nodes",
                    .method = "PATCH",
                    .path = node_path(request.node),
                    .body = json::write(patch),
                    .content_type = "application/merge-patch+json"};
    const net::HttpResponse response = K3F_TRY(exchange(session, call));
    if (response.ok()) return {};
    bool gone = response.status == 404;
    if (may_be_another(response.status))
        gone = !K3F_TRY(still_there(session, "nodes", call.path, request.node_uid));
    if (gone)
        return fail(ErrorCode::NotFound,
                    format("node {} is gone, or another has its name now (uid {} expected)",
                           request.node.str(), request.node_uid.str()));
    return std::unexpected(refusal_error(session, call, response));
}

Result<ports::EvictionAnswer> RestKubernetes::evict(const model::Evict& request) {
    using Kind = ports::EvictionAnswer::Kind;
    const Session session{*client_, connection_, options_};
    const std::string pod = pod_path(request.namespace_name, request.pod);
    const Value eviction = Value::object(
        {{"apiVersion", "policy/v1"},
         {"kind", "Eviction"},
         {"metadata", Value::object({{"name", request.pod}, {"namespace", request.namespace_name}})},
         {"deleteOptions",
          Value::object({{"preconditions", Value::object({{"uid", request.pod_uid.str()}})}})}});
    const Call call{.verb = "create",
                    .resource = "pods/eviction",
                    .method = "POST",
                    .path = pod + "/eviction",
                    .body = json::write(eviction)};
    const net::HttpResponse response = K3F_TRY(exchange(session, call));
    if (response.ok()) return ports::EvictionAnswer{Kind::Accepted, ""};
    if (response.status == 404) return ports::EvictionAnswer{Kind::Gone, "the pod is gone"};

    const Refusal refusal = parse_refusal(response.body);
    const bool blocked = response.status == 429 && refusal.disruption_budget;
    const bool several =
        response.status == 500 && refusal.message.find("PodDisruptionBudget") != std::string::npos;
    if (!blocked && !several && !may_be_another(response.status))
        return std::unexpected(refusal_error(session, call, response));
    if (!K3F_TRY(still_there(session, "pods", pod, request.pod_uid)))
        return ports::EvictionAnswer{Kind::Gone, "the pod is gone, or another has its name now"};
    const std::string name = request.namespace_name + "/" + request.pod;
    if (blocked)
        return ports::EvictionAnswer{Kind::Blocked, refusal.cause.empty() ? refusal.message : refusal.cause};
    if (several)
        return fail(
            ErrorCode::Refused,
            format(
                "pod {} cannot be evicted: the API server says \"{}\"; leave one budget that covers the pod",
                name, refusal.message));
    return std::unexpected(refusal_error(session, call, response));
}

Status RestKubernetes::delete_node(const model::DeleteNode& request) {
    const Session session{*client_, connection_, options_};
    const Value deletion =
        Value::object({{"apiVersion", "v1"},
                       {"kind", "DeleteOptions"},
                       {"preconditions", Value::object({{"uid", request.node_uid.str()}})}});
    const Call call{.verb = "delete",
                    .resource = "nodes",
                    .method = "DELETE",
                    .path = node_path(request.node),
                    .body = json::write(deletion)};
    const net::HttpResponse response = K3F_TRY(exchange(session, call));
    if (response.ok() || response.status == 404) return {};
    if (may_be_another(response.status) &&
        !K3F_TRY(still_there(session, "nodes", call.path, request.node_uid)))
        return {};
    return std::unexpected(refusal_error(session, call, response));
}

std::unique_ptr<RestKubernetes> connect(Connection connection, RestOptions options) {
    net::ClientOptions client;
    client.tls.ca_pem = connection.ca_pem;
    client.tls.client_certificate_pem = connection.client_certificate_pem;
    client.tls.client_key_pem = connection.client_key_pem;
    client.tls.server_name = connection.server_name;
    return std::make_unique<RestKubernetes>(net::make_http_client(std::move(client)), std::move(connection),
                                            options);
}

}  // namespace k3fleet::kube
