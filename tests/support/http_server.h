// An HTTP server inside the test on 127.0.0.1 and a free port, that answers what the test scripts: also
// wrongly.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "tests/support/certificates.h"

namespace k3fleet::support {

struct ServedRequest {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string client_name;  // Common name of the client's certificate, if it showed one.

    std::string header(std::string_view name) const;  // Whatever its case; empty if there is none.
    std::string parameter(
        std::string_view name) const;  // Of the query or of a form body, decoded; empty if none.
};

// The bytes of an answer and what happens after them. reply() and the others below make the usual ones.
struct Reply {
    // Tunnel: bytes go to and from the port that the request's target names, on this machine (for CONNECT).
    enum class Then { KeepOpen, Close, Reset, Hang, Tunnel };

    std::string bytes;
    Then then = Then::KeepOpen;
    Duration before{0};   // Pause before the first byte.
    Duration between{0};  // Pause between single bytes; 0: all at once.
};

using ReplyHeaders = std::vector<std::pair<std::string, std::string>>;
Reply reply(int status, std::string_view body, const ReplyHeaders& headers = {});
Reply reply_chunked(std::string_view body, std::size_t chunk_bytes);
Reply reply_gzip(std::string_view body);

struct ServerTls {
    Identity identity;
    std::string client_ca_pem;  // Not empty: clients must show a certificate of this authority.
};

class HttpServer {
public:
    using Handler = std::function<Reply(const ServedRequest&)>;

    // The handler is called on a thread a connection, possibly at the same time.
    explicit HttpServer(Handler handler, std::optional<ServerTls> tls = std::nullopt);
    ~HttpServer();  // Ends every connection, hanging ones included.
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::uint16_t port() const;
    std::string url(std::string_view target = "/") const;  // With 127.0.0.1 as the host.
    int connections() const;                               // Accepted so far.
    std::vector<ServedRequest> requests() const;           // In order of arrival.

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace k3fleet::support
