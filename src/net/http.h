// HTTP/1.1 calls: blocking, with a deadline, a size limit and verified TLS.
//
// The client keeps connections open and reuses them. It follows no redirects and retries nothing but this:
// when a reused connection turns out to be closed before a byte of the answer came, the request is sent once
// more on a fresh one, if it cannot have arrived or a second time does no harm (Repeat). Retry policies are
// decorators above.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/cancel.h"
#include "net/proxy.h"
#include "ports/clock.h"

namespace k3fleet::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Whether a request may reach the server twice, for the one case in which the client itself sends it again.
enum class Repeat {
    ByMethod,  // GET and HEAD may. PUT and DELETE may not: with a precondition the second one fails.
    Safe,      // It may: it only reads, or carries a token that the server remembers.
    Unsafe,    // It may not, whatever the method.
};

// Instance metadata, container credentials and what else is on this machine or link are never for a proxy.
enum class Route { AsSet, Direct };

struct HttpRequest {
    std::string method = "GET";
    // Absolute, http or https. User information in it (user:password@) is sent as Basic authorization.
    std::string url;
    // Content-Length is added; Host, User-Agent, Accept and Accept-Encoding are, unless given here.
    // Content-Length, Connection and Transfer-Encoding may not be given.
    HttpHeaders headers;
    std::string body;
    // For the whole call: look-up, connect, TLS, sending, receiving.
    Duration timeout = std::chrono::seconds{30};
    // Of the body, as sent and after decompression.
    std::size_t max_response_bytes = 64UL << 20;
    Repeat repeat = Repeat::ByMethod;
    Route route = Route::AsSet;
    std::optional<CancelToken> cancel = std::nullopt;  // Empty: the client's own.
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;  // In the order they came; Content-Encoding is gone when the body was decompressed.
    std::string body;

    bool ok() const { return status >= 200 && status < 300; }
    // The first header of that name, whatever its case; null if there is none. Valid as long as the response
    // is.
    const std::string* header(std::string_view name) const;
};

// Where a call was when it ended.
enum class HttpPhase {
    Checking,    // The request itself, before anything was done.
    Waiting,     // For a free connection.
    Resolving,   // The host's name.
    Connecting,  // TCP, to the server or to the proxy.
    Tunnelling,  // TLS with the proxy, and asking it for a tunnel.
    Securing,    // TLS.
    Sending,
    Receiving,  // Until the first byte of the answer, and from it to the last.
    Decoding,   // Decompressing.
    Done,
};
std::string_view to_string(HttpPhase phase);

// How far a call came. After an error it tells whether the call can be made again whatever it does.
struct HttpTrace {
    enum class Reached {
        No,     // Not one byte of the request left this machine: nothing was done.
        Maybe,  // The server may have the request, and may have carried it out.
    };
    HttpPhase phase = HttpPhase::Checking;
    Reached reached = Reached::No;
    bool repeated = false;  // Sent a second time, after a reused connection was found closed.
};

class HttpClient {
public:
    virtual ~HttpClient() = default;

    // Any complete answer is a success, whatever its status. Thread-safe. Errors never name secrets:
    // - InvalidArgument: the URL, a header or the proxy's URL cannot be used.
    // - PermissionDenied: the proxy wants other credentials. What the server says of ours is an answer.
    // - Unavailable: look-up, connection or TLS failed, or the connection broke (the call may have been
    //   applied).
    // - DeadlineExceeded: no complete answer in time (the call may have been applied).
    // - Cancelled: the token was cancelled.
    // - Corrupt: the answer is not HTTP, damaged, or larger than allowed.
    // `trace` is overwritten, and right however the call ends.
    virtual Result<HttpResponse> send(const HttpRequest& request, HttpTrace& trace) = 0;
    Result<HttpResponse> send(const HttpRequest& request) {
        HttpTrace ignored;
        return send(request, ignored);
    }
};

struct TlsOptions {
    // Certificates to trust, PEM, one or many. Given ones replace the system's, or come on top.
    enum class Trust { GivenElseSystem, GivenAndSystem };
    Trust trust = Trust::GivenElseSystem;
    std::string ca_pem;
    std::string ca_file;
    // What counts as the system's: this file (the program puts the variables AWS_CA_BUNDLE and SSL_CERT_FILE
    // here, in this order), else the first that exists of the distributions' well-known files.
    std::string system_ca_file;

    // For servers that ask who we are. The chain begins with our own certificate; both or neither.
    std::string client_certificate_pem;
    Secret client_key_pem;

    // The name the server's certificate must carry, if it is not the URL's host.
    std::string server_name;

    // What a person sets to give a CA: named in the message when a certificate is not trusted.
    std::string ca_setting = "the variable SSL_CERT_FILE";
};

struct ClientOptions {
    TlsOptions tls;
    // Plain http is forwarded, https goes through a tunnel that the proxy cannot look into. A proxy with TLS
    // must be trusted as `tls` says; client certificate and server_name are for the server only.
    ProxySettings proxy = {};
    int max_connections_per_host = 16;  // More calls at once wait for their turn, within their deadline.
    Duration max_idle = std::chrono::seconds{30};  // A connection unused for longer is not used again.
    std::string user_agent = "k3fleet";
    CancelToken cancel = CancelToken::process();
    // Wall clock, not owned. With it, connections are also dropped when it says that they were unused for
    // longer than max_idle: the monotonic one stands still while a function is frozen or a machine suspended.
    ports::Clock* clock = nullptr;
};

// Opens nothing yet: wrong certificates and files are reported by the first call that needs them.
std::unique_ptr<HttpClient> make_http_client(ClientOptions options = {});

}  // namespace k3fleet::net
