// The transport: sockets and TLS of Boost.Asio. The only file that includes its networking.
//
// Every connection has an io_context of its own, run by whichever thread uses the connection: an asynchronous
// operation is started and the context run until it ends, the deadline passes or the token is cancelled. So
// there is no background thread and nothing is shared but the token, whose wake-up is a post to the context.
#include <sys/socket.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/text.h"
#include "net/answer.h"
#include "net/resolve.h"
#include "net/transport.h"

namespace k3fleet::net {

namespace {

namespace asio = boost::asio;
using ErrorOf = boost::system::error_code;
using Socket = asio::ip::tcp::socket;
using Tls = asio::ssl::stream<Socket&>;
using TlsInTls = asio::ssl::stream<Tls&>;

constexpr std::size_t kReadBytes = 32UL << 10;
constexpr std::size_t kJoinBelow = 16UL << 10;  // Smaller bodies are sent together with the head.

struct Outcome {
    ErrorOf error;
    std::size_t bytes = 0;
};

// Completion of every kind of operation.
struct Finish {
    std::optional<Outcome>* outcome;
    void operator()(ErrorOf error) const { *outcome = Outcome{error, 0}; }
    void operator()(ErrorOf error, std::size_t bytes) const { *outcome = Outcome{error, bytes}; }
};

std::unexpected<Error> unavailable(std::string message) {
    auto problem = fail(ErrorCode::Unavailable, std::move(message));
    problem.error().retry_after = std::chrono::seconds{1};
    return problem;
}

bool ended_by_peer(const ErrorOf& error) {
    return error == asio::error::eof || error == asio::error::connection_reset ||
           error == asio::error::broken_pipe || error == asio::ssl::error::stream_truncated;
}

class AsioConnection final : public Connection {
public:
    explicit AsioConnection(const Way& way)
        : peer_(way.proxy == nullptr
                    ? way.target.peer()
                    : format("{} through the proxy {}", way.target.peer(), way.proxy->peer())),
          socket_(context_) {}

    Status connect(const Url& first, const Deadline& deadline, HttpPhase& phase);
    Status get_through_proxy(const Way& way, const Deadline& deadline);
    Status secure_proxy(const Way& way, const Deadline& deadline);
    Status secure_target(const Way& way, const Deadline& deadline);
    Result<HttpResponse> exchange(const WireRequest& request, const Deadline& deadline,
                                  Progress& progress) override;
    bool reusable() override;

private:
    template <typename Start>
    std::optional<Outcome> run(const Deadline& deadline, Monotonic::time_point until, Start start);
    std::optional<Outcome> read_some(asio::mutable_buffer space, const Deadline& deadline);
    Status write(const WireRequest& request, const Deadline& deadline, Progress& progress);
    Status read_answer(AnswerReader& answer, const Deadline& deadline, Progress& progress);
    Status ended(AnswerReader& answer, const ErrorOf& error, Progress progress) const;

    // Calls f with whatever the request goes over.
    template <typename F>
    void on_stream(F f) {
        if (inner_tls_)
            f(*inner_tls_);
        else if (tls_)
            f(*tls_);
        else
            f(socket_);
    }
    template <typename Stream>
    Status shake_hands(Stream& stream, const std::string& peer, const std::string& name,
                       const TlsOptions& options, const Deadline& deadline);

    std::string peer_;  // For messages.
    asio::io_context context_{1};
    Socket socket_;
    std::optional<Tls> tls_;             // With the server, or with an https proxy;
    std::optional<TlsInTls> inner_tls_;  // then this is with the server.
    bool keep_alive_ = false;
};

// Empty: `until` passed or the call was cancelled; the socket is closed then.
template <typename Start>
std::optional<Outcome> AsioConnection::run(const Deadline& deadline, Monotonic::time_point until,
                                           Start start) {
    std::optional<Outcome> outcome;
    context_.restart();
    start(Finish{&outcome});
    const CancelToken::Guard guard(deadline.cancel, [this] { asio::post(context_, [] {}); });
    while (!outcome && !deadline.cancel.cancelled() && Monotonic::now() < until)
        context_.run_one_until(until);
    if (outcome) return outcome;

    ErrorOf ignored;
    socket_.close(ignored);
    while (!outcome) context_.run_one();  // The operation ends at once now, and it refers to `outcome`.
    return std::nullopt;
}

Status AsioConnection::connect(const Url& first, const Deadline& deadline, HttpPhase& phase) {
    phase = HttpPhase::Resolving;
    const auto addresses = K3F_TRY(resolve(first.host, deadline));
    phase = HttpPhase::Connecting;
    ErrorOf last;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(addresses[i]), first.port);
        const auto share = (deadline.at - Monotonic::now()) / static_cast<std::int64_t>(addresses.size() - i);
        const auto outcome = run(deadline, Monotonic::now() + share,
                                 [&](Finish finish) { socket_.async_connect(endpoint, finish); });
        if (deadline.over()) break;
        last = outcome ? outcome->error : asio::error::timed_out;
        if (!last) {
            ErrorOf ignored;
            socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
            return {};
        }
        ErrorOf ignored;
        socket_.close(ignored);
    }
    if (deadline.over())
        return std::unexpected(deadline.error(
            format("{} did not accept a connection (check the address, firewalls and security groups)",
                   first.peer())));
    const auto* const hint = last == asio::error::connection_refused
                                 ? "check that it is running and that the port is right"
                                 : "check the address, the network, firewalls and security groups";
    return unavailable(format("cannot connect to {}: {}; {}", first.peer(), last.message(), hint));
}

template <typename Stream>
Status AsioConnection::shake_hands(Stream& stream, const std::string& peer, const std::string& name,
                                   const TlsOptions& options, const Deadline& deadline) {
    K3F_TRY(expect_peer(stream.native_handle(), name));
    std::string rejection;
    stream.set_verify_callback([&](bool good, asio::ssl::verify_context& verification) {
        if (!good && rejection.empty())
            rejection = describe_rejection(verification.native_handle(), name, options);
        return good;
    });
    const auto outcome = run(deadline, deadline.at, [&](Finish finish) {
        stream.async_handshake(asio::ssl::stream_base::client, finish);
    });
    // The callback refers to this call's locals.
    SSL_set_verify(stream.native_handle(), SSL_VERIFY_PEER, nullptr);
    if (!outcome) return std::unexpected(deadline.error(format("{} did not finish the TLS handshake", peer)));
    if (!outcome->error) return {};
    if (!rejection.empty())
        return fail(ErrorCode::Unavailable,
                    format("the TLS certificate of {} is refused: {}", peer, rejection));
    if (ended_by_peer(outcome->error))
        return unavailable(format(
            "{} closed the connection during the TLS handshake; check that it speaks https on this port",
            peer));
    return unavailable(
        format("no TLS connection with {}: {}; check that it speaks https (TLS 1.2 or later) on this "
               "port and accepts the client certificate, if any",
               peer, outcome->error.message()));
}

asio::ssl::context borrowed(const TlsContext& context) {
    SSL_CTX_up_ref(context.get());
    return asio::ssl::context(context.get());
}

Status AsioConnection::secure_proxy(const Way& way, const Deadline& deadline) {
    asio::ssl::context context = borrowed(way.proxy_tls);
    tls_.emplace(socket_, context);
    return shake_hands(*tls_, way.proxy->peer(), way.proxy->host, way.options, deadline);
}

Status AsioConnection::secure_target(const Way& way, const Deadline& deadline) {
    const auto& name = way.options.server_name.empty() ? way.target.host : way.options.server_name;
    asio::ssl::context context = borrowed(way.tls);
    if (tls_) {
        inner_tls_.emplace(*tls_, context);
        return shake_hands(*inner_tls_, peer_, name, way.options, deadline);
    }
    tls_.emplace(socket_, context);
    return shake_hands(*tls_, peer_, name, way.options, deadline);
}

// RFC 9110 section 9.3.6.
Status AsioConnection::get_through_proxy(const Way& way, const Deadline& deadline) {
    constexpr std::size_t kMaxRefusalBytes = 64UL << 10;
    if (way.proxy->https()) K3F_TRY(secure_proxy(way, deadline));
    if (way.connect_request.empty()) return {};
    Progress ignored = Progress::NothingSent;
    const auto answer = K3F_TRY_WHILE(
        "asking for a tunnel",
        exchange(
            {.head = way.connect_request, .answer_has_body = false, .max_response_bytes = kMaxRefusalBytes},
            deadline, ignored));
    if (answer.ok()) return {};
    const std::string said = format("the proxy {} opens no tunnel to {}: it answers with status {}",
                                    way.proxy->peer(), way.target.peer(), answer.status);
    if (answer.status == 407)
        return fail(ErrorCode::PermissionDenied,
                    format("{}; put a user and password that it accepts into the proxy's URL "
                           "(http://user:password@host:port)",
                           said));
    if (answer.status >= 500)
        return unavailable(format("{}; check that the proxy can reach that host", said));
    return fail(ErrorCode::Unavailable,
                format("{}; allow the host there, or except it from the proxy (NO_PROXY)", said));
}

std::optional<Outcome> AsioConnection::read_some(asio::mutable_buffer space, const Deadline& deadline) {
    return run(deadline, deadline.at, [&](Finish finish) {
        on_stream([&](auto& stream) { stream.async_read_some(space, finish); });
    });
}

// A connection that breaks is no error here: the peer may have answered before it stopped listening, and if
// not, reading says so.
Status AsioConnection::write(const WireRequest& request, const Deadline& deadline, Progress& progress) {
    std::string joined;
    std::array<std::string_view, 2> parts = {request.head, request.body};
    if (!request.body.empty() && request.body.size() < kJoinBelow) {
        joined = request.head;
        joined += request.body;
        parts = {joined, {}};
    }
    for (std::string_view data : parts) {
        while (!data.empty()) {
            const asio::const_buffer piece(data.data(), data.size());
            const bool first = std::exchange(progress, Progress::Sending) == Progress::NothingSent;
            const auto outcome = run(deadline, deadline.at, [&](Finish finish) {
                on_stream([&](auto& stream) { stream.async_write_some(piece, finish); });
            });
            if (!outcome)
                return std::unexpected(deadline.error(format("{} did not take the request", peer_)));
            if (outcome->error) {
                if (first && !tls_ && outcome->bytes == 0) progress = Progress::NothingSent;
                return {};
            }
            data.remove_prefix(outcome->bytes);
        }
    }
    progress = Progress::Sent;
    return {};
}

// The stream ended: fine if that is how this answer's body ends.
Status AsioConnection::ended(AnswerReader& answer, const ErrorOf& error, Progress progress) const {
    if (answer.done()) return {};
    if (progress != Progress::AnswerBegan) {
        if (ended_by_peer(error))
            return unavailable(format("{} closed the connection without an answer", peer_));
        return unavailable(
            format("the connection to {} broke before an answer came: {}", peer_, error.message()));
    }
    if (error == asio::error::eof && answer.end()) return {};
    return unavailable(
        format("the connection to {} broke in the middle of the answer: {}", peer_, error.message()));
}

Status AsioConnection::read_answer(AnswerReader& answer, const Deadline& deadline, Progress& progress) {
    const auto space = std::make_unique_for_overwrite<char[]>(kReadBytes);
    while (!answer.done()) {
        const auto outcome = read_some(asio::buffer(space.get(), kReadBytes), deadline);
        if (!outcome) {
            const auto* const missing = progress != Progress::AnswerBegan ? "answer" : "finish its answer";
            return std::unexpected(deadline.error(format("{} did not {}", peer_, missing)));
        }
        if (outcome->bytes > 0) progress = Progress::AnswerBegan;
        K3F_TRY(answer.take({space.get(), outcome->bytes}));
        if (outcome->error) return ended(answer, outcome->error, progress);
    }
    return {};
}

Result<HttpResponse> AsioConnection::exchange(const WireRequest& request, const Deadline& deadline,
                                              Progress& progress) {
    progress = Progress::NothingSent;
    keep_alive_ = false;
    K3F_TRY(write(request, deadline, progress));
    const bool all_sent = progress == Progress::Sent;
    AnswerReader answer(
        {.peer = peer_, .has_body = request.answer_has_body, .max_body_bytes = request.max_response_bytes});
    K3F_TRY(read_answer(answer, deadline, progress));
    keep_alive_ = all_sent && answer.reusable();
    return answer.response();
}

bool AsioConnection::reusable() {
    if (!keep_alive_ || !socket_.is_open()) return false;
    if (tls_ && SSL_pending(tls_->native_handle()) > 0) return false;
    if (inner_tls_ && SSL_pending(inner_tls_->native_handle()) > 0) return false;
    // Nothing may be there to read: what comes between two answers is the end, or the notice of it.
    char byte = 0;
    const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

Result<std::unique_ptr<Connection>> open_connection(const Way& way, const Deadline& deadline,
                                                    HttpPhase& phase) try {
    auto connection = std::make_unique<AsioConnection>(way);
    if (way.proxy == nullptr) {
        K3F_TRY(connection->connect(way.target, deadline, phase));
    } else {
        K3F_TRY_WHILE("connecting to the proxy", connection->connect(*way.proxy, deadline, phase));
        phase = HttpPhase::Tunnelling;
        K3F_TRY(connection->get_through_proxy(way, deadline));
    }
    if (!way.target.https()) return connection;
    phase = HttpPhase::Securing;
    K3F_TRY(connection->secure_target(way, deadline));
    return connection;
} catch (const std::exception& problem) {
    return fail(ErrorCode::Unavailable,
                format("cannot open a connection to {}: {}", way.target.peer(), problem.what()));
}

}  // namespace k3fleet::net
