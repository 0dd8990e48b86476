// The client: checks the request, keeps connections, decides about the one retry, decompresses.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "base/crypto.h"
#include "base/text.h"
#include "net/deadline.h"
#include "net/http.h"
#include "net/proxy.h"
#include "net/tls.h"
#include "net/transport.h"
#include "net/url.h"

namespace k3fleet::net {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_header(const HttpHeaders& headers, std::string_view name) {
    const auto it =
        std::ranges::find_if(headers, [&](const auto& header) { return same_name(header.first, name); });
    return it == headers.end() ? nullptr : &it->second;
}

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

Status check(const HttpRequest& request) {
    if (!is_token(request.method)) return fail(ErrorCode::InvalidArgument, "the HTTP method is no word");
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name))
            return fail(ErrorCode::InvalidArgument, "a header's name has a character it may not have");
        if (std::ranges::any_of(value, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; }))
            return fail(ErrorCode::InvalidArgument,
                        format("the header {} has a control character (a line break at the end?)", name));
        for (const std::string_view ours : {"Content-Length", "Connection", "Transfer-Encoding"}) {
            if (same_name(name, ours))
                return fail(ErrorCode::InvalidArgument,
                            format("the header {} is set by the client itself", ours));
        }
    }
    return {};
}

std::string basic(const Url& url) {
    return "Basic " + crypto::to_base64(url.username + ":" + url.password.reveal());
}

bool has_user(const Url& url) { return !url.username.empty() || !url.password.empty(); }

// `forwarder`: the proxy that reads this request, if there is one.
std::string head_of(const HttpRequest& request, const Url& url, const Url* forwarder,
                    const std::string& user_agent) {
    const std::string where =
        forwarder == nullptr ? url.target : format("{}://{}{}", url.scheme, url.authority(), url.target);
    std::string head = format("{} {} HTTP/1.1\r\n", request.method, where);
    const auto add = [&](std::string_view name, std::string_view value) {
        if (find_header(request.headers, name) == nullptr) head += format("{}: {}\r\n", name, value);
    };
    add("Host", url.authority());
    add("User-Agent", user_agent);
    add("Accept", "*/*");
    add("Accept-Encoding", "gzip");
    if (has_user(url)) add("Authorization", basic(url));
    if (forwarder != nullptr && has_user(*forwarder)) add("Proxy-Authorization", basic(*forwarder));
    for (const auto& [name, value] : request.headers) head += format("{}: {}\r\n", name, value);
    const bool says_length = !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
                             request.method == "PATCH";
    if (says_length) head += format("Content-Length: {}\r\n", request.body.size());
    return head + "\r\n";
}

std::string connect_head(const Url& url, const Url& proxy, const std::string& user_agent) {
    return format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {1}\r\n{2}\r\n", url.peer(), user_agent,
                  has_user(proxy) ? format("Proxy-Authorization: {}\r\n", basic(proxy)) : "");
}

// Of one scheme, host, port and proxy.
struct Host {
    struct Idle {
        std::unique_ptr<Connection> connection;
        Monotonic::time_point since;
        Timestamp since_wall;
    };
    int busy = 0;
    std::deque<Idle> idle;  // The most recently used last.
    std::condition_variable freed;
};

class PooledClient final : public HttpClient {
public:
    explicit PooledClient(ClientOptions options)
        : options_(std::move(options)), proxies_(ProxyRules::parse(options_.proxy)) {}

    Result<HttpResponse> send(const HttpRequest& request, HttpTrace& trace) override;

private:
    // The right to use one connection of a host; gives it back when it goes.
    class Turn {
    public:
        Turn(PooledClient& client, Host& host) : client_(client), host_(host) {}
        ~Turn() { client_.give_back(host_, std::move(connection)); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        std::unique_ptr<Connection> connection;  // Empty: none worth keeping.

    private:
        PooledClient& client_;
        Host& host_;
    };

    Host& host_of(const Url& url, const Url* proxy);
    Status wait_for_turn(Host& host, const Url& url, const Deadline& deadline);
    std::unique_ptr<Connection> take_idle(Host& host);
    void give_back(Host& host, std::unique_ptr<Connection> connection);
    Result<TlsContext> tls_for_server();
    Result<TlsContext> tls_for_proxy();
    Result<std::unique_ptr<Connection>> open(const Url& url, const Url* proxy, const Deadline& deadline,
                                             HttpPhase& phase);
    Result<HttpResponse> exchange(Turn& turn, Host& host, const Url& url, const Url* proxy,
                                  const WireRequest& wire, bool repeatable, const Deadline& deadline,
                                  HttpTrace& trace);
    Timestamp wall_now() const { return options_.clock == nullptr ? Timestamp() : options_.clock->now(); }
    Result<HttpResponse> decompress(HttpResponse response, const HttpRequest& request, const Url& url) const;

    const ClientOptions options_;
    const Result<ProxyRules> proxies_;
    std::mutex mutex_;
    std::map<std::string, Host> hosts_;  // Never shrinks; a program talks to a few hosts.
    std::mutex tls_mutex_;
    // Made by the first call that needs them: reading the system's certificates takes 18 ms.
    TlsContext tls_;
    TlsContext proxy_tls_;
};

Host& PooledClient::host_of(const Url& url, const Url* proxy) {
    const std::lock_guard lock(mutex_);
    return hosts_[format("{}://{} {}", url.scheme, url.peer(), proxy == nullptr ? "" : proxy->peer())];
}

Status PooledClient::wait_for_turn(Host& host, const Url& url, const Deadline& deadline) {
    const CancelToken::Guard guard(deadline.cancel, [&] {
        const std::lock_guard lock(mutex_);
        host.freed.notify_all();
    });
    std::unique_lock lock(mutex_);
    const auto free = [&] { return host.busy < options_.max_connections_per_host; };
    host.freed.wait_until(lock, deadline.at, [&] { return free() || deadline.cancel.cancelled(); });
    if (deadline.cancel.cancelled() || !free())
        return std::unexpected(deadline.error(format("none of the {} connections to {} became free",
                                                     options_.max_connections_per_host, url.peer())));
    ++host.busy;
    return {};
}

std::unique_ptr<Connection> PooledClient::take_idle(Host& host) {
    std::deque<Host::Idle> too_old;  // Closed outside the lock.
    const Timestamp wall = wall_now();
    const std::lock_guard lock(mutex_);
    // A wall clock that was set back by much says as little about the time that passed as one that leapt.
    const auto unused_too_long = [&, now = Monotonic::now()](const Host::Idle& idle) {
        return now - idle.since > options_.max_idle ||
               std::chrono::abs(wall - idle.since_wall) > options_.max_idle;
    };
    while (!host.idle.empty() && unused_too_long(host.idle.front())) {
        too_old.push_back(std::move(host.idle.front()));
        host.idle.pop_front();
    }
    if (host.idle.empty()) return nullptr;
    auto connection = std::move(host.idle.back().connection);
    host.idle.pop_back();
    return connection;
}

void PooledClient::give_back(Host& host, std::unique_ptr<Connection> connection) {
    const Timestamp wall = wall_now();
    const std::lock_guard lock(mutex_);
    --host.busy;
    if (connection != nullptr) host.idle.push_back({std::move(connection), Monotonic::now(), wall});
    host.freed.notify_one();
}

Result<TlsContext> PooledClient::tls_for_server() {
    const std::lock_guard lock(tls_mutex_);
    if (tls_ == nullptr) tls_ = K3F_TRY(make_tls_context(options_.tls));
    return tls_;
}

// Who we are is for the server to see, not for the proxy.
Result<TlsContext> PooledClient::tls_for_proxy() {
    const std::lock_guard lock(tls_mutex_);
    if (proxy_tls_ == nullptr) {
        TlsOptions options = options_.tls;
        options.client_certificate_pem.clear();
        options.client_key_pem = Secret();
        proxy_tls_ = K3F_TRY(make_tls_context(options));
    }
    return proxy_tls_;
}

Result<std::unique_ptr<Connection>> PooledClient::open(const Url& url, const Url* proxy,
                                                       const Deadline& deadline, HttpPhase& phase) {
    Way way{.target = url, .options = options_.tls, .proxy = proxy};
    if (url.https()) way.tls = K3F_TRY(tls_for_server());
    if (proxy != nullptr && proxy->https()) way.proxy_tls = K3F_TRY(tls_for_proxy());
    if (proxy != nullptr && url.https()) way.connect_request = connect_head(url, *proxy, options_.user_agent);
    return open_connection(way, deadline, phase);
}

// One exchange on a connection that is there, with what the trace must say about it.
Result<HttpResponse> exchange_on(Connection& connection, const WireRequest& wire, const Deadline& deadline,
                                 Progress& progress, HttpTrace& trace) {
    auto answer = connection.exchange(wire, deadline, progress);
    if (progress != Progress::NothingSent) trace.reached = HttpTrace::Reached::Maybe;
    trace.phase = progress == Progress::NothingSent || progress == Progress::Sending ? HttpPhase::Sending
                                                                                     : HttpPhase::Receiving;
    return answer;
}

Result<HttpResponse> PooledClient::exchange(Turn& turn, Host& host, const Url& url, const Url* proxy,
                                            const WireRequest& wire, bool repeatable,
                                            const Deadline& deadline, HttpTrace& trace) {
    auto connection = take_idle(host);
    while (connection != nullptr && !connection->reusable()) connection = take_idle(host);

    Progress progress = Progress::NothingSent;
    if (connection != nullptr) {
        auto answer = exchange_on(*connection, wire, deadline, progress, trace);
        const bool was_stale =
            !answer && answer.error().code == ErrorCode::Unavailable && progress != Progress::AnswerBegan;
        if (!was_stale || (!repeatable && progress != Progress::NothingSent)) {
            if (answer && connection->reusable()) turn.connection = std::move(connection);
            return answer;
        }
        trace.repeated = true;
    }
    connection = K3F_TRY(open(url, proxy, deadline, trace.phase));
    auto answer = exchange_on(*connection, wire, deadline, progress, trace);
    if (answer && connection->reusable()) turn.connection = std::move(connection);
    return answer;
}

Result<HttpResponse> PooledClient::decompress(HttpResponse response, const HttpRequest& request,
                                              const Url& url) const {
    if (find_header(request.headers, "Accept-Encoding") != nullptr || response.body.empty()) return response;
    const std::string* encoding = response.header("Content-Encoding");
    if (encoding == nullptr || same_name(*encoding, "identity")) return response;
    if (!same_name(*encoding, "gzip"))
        return fail(ErrorCode::Corrupt, format("{} answers in the encoding '{}', which was not asked for",
                                               url.peer(), encoding->substr(0, 40)));
    response.body = K3F_TRY_WHILE(format("decompressing the answer of {}", url.peer()),
                                  crypto::inflate(response.body, request.max_response_bytes));
    std::erase_if(response.headers, [](const auto& header) {
        return same_name(header.first, "Content-Encoding") || same_name(header.first, "Content-Length");
    });
    return response;
}

bool may_repeat(const HttpRequest& request) {
    if (request.repeat != Repeat::ByMethod) return request.repeat == Repeat::Safe;
    return request.method == "GET" || request.method == "HEAD";
}

Result<HttpResponse> PooledClient::send(const HttpRequest& request, HttpTrace& trace) {
    trace = HttpTrace();
    const Url url = K3F_TRY(parse_url(request.url));
    K3F_TRY(check(request));
    const Url* proxy = nullptr;
    if (request.route == Route::AsSet) {
        if (!proxies_) return std::unexpected(proxies_.error());
        proxy = proxies_->proxy_for(url);
    }
    const Deadline deadline{.given = request.timeout, .cancel = request.cancel.value_or(options_.cancel)};
    const WireRequest wire{.head = head_of(request, url, url.https() ? nullptr : proxy, options_.user_agent),
                           .body = request.body,
                           .answer_has_body = request.method != "HEAD",
                           .max_response_bytes = request.max_response_bytes};

    Host& host = host_of(url, proxy);
    trace.phase = HttpPhase::Waiting;
    K3F_TRY(wait_for_turn(host, url, deadline));
    HttpResponse response;
    {
        Turn turn(*this, host);
        response =
            K3F_TRY_WHILE(format("calling {} {}", request.method, url.peer()),
                          exchange(turn, host, url, proxy, wire, may_repeat(request), deadline, trace));
    }
    trace.phase = HttpPhase::Decoding;
    response = K3F_TRY(decompress(std::move(response), request, url));
    trace.phase = HttpPhase::Done;
    return response;
}

}  // namespace

std::string_view to_string(HttpPhase phase) {
    switch (phase) {
        case HttpPhase::Checking: return "checking the request";
        case HttpPhase::Waiting: return "waiting for a free connection";
        case HttpPhase::Resolving: return "looking the name up";
        case HttpPhase::Connecting: return "connecting";
        case HttpPhase::Tunnelling: return "getting through the proxy";
        case HttpPhase::Securing: return "setting up TLS";
        case HttpPhase::Sending: return "sending the request";
        case HttpPhase::Receiving: return "receiving the answer";
        case HttpPhase::Decoding: return "decompressing the answer";
        case HttpPhase::Done: return "done";
    }
    return "unknown";
}

const std::string* HttpResponse::header(std::string_view name) const { return find_header(headers, name); }

std::unique_ptr<HttpClient> make_http_client(ClientOptions options) {
    return std::make_unique<PooledClient>(std::move(options));
}

}  // namespace k3fleet::net
