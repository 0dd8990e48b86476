// One connection and one exchange over it: what the client's pool is made of. Internal to net.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/deadline.h"
#include "net/http.h"
#include "net/tls.h"
#include "net/url.h"

namespace k3fleet::net {

// A request as it goes on the wire.
struct WireRequest {
    std::string head;       // Request line and headers, with the empty line.
    std::string_view body;  // Belongs to the caller.
    bool answer_has_body = true;
    std::size_t max_response_bytes = 0;
};

// How far an exchange had come: decides whether one that failed may be tried again.
enum class Progress {
    NothingSent,  // Surely: over TLS what was encrypted counts as sent.
    Sending,
    Sent,
    AnswerBegan,
};

class Connection {
public:
    virtual ~Connection() = default;

    // Sends and reads one answer. After an error the connection is of no use.
    virtual Result<HttpResponse> exchange(const WireRequest& request, const Deadline& deadline,
                                          Progress& progress) = 0;
    // Open, silent, and left by the last answer in a state that allows another exchange.
    virtual bool reusable() = 0;
};

// How a server is reached.
struct Way {
    const Url& target;
    TlsContext tls = {};               // For an https target.
    const TlsOptions& options;         // Those of `tls`.
    const Url* proxy = nullptr;        // Through this one.
    TlsContext proxy_tls = {};         // For an https proxy.
    std::string connect_request = {};  // What asks the proxy for a tunnel to an https target.
};

// Looks the host (or the proxy) up, connects to the first address that answers, gets through the proxy and,
// for https, shakes hands. `phase` tells which of it was begun last.
Result<std::unique_ptr<Connection>> open_connection(const Way& way, const Deadline& deadline,
                                                    HttpPhase& phase);

}  // namespace k3fleet::net
