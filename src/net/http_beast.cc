// The transport: Boost.Asio sockets and TLS, Boost.Beast's parser. The only file that includes either.
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
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/text.h"
#include "net/resolve.h"
#include "net/transport.h"

namespace k3fleet::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using ErrorOf = boost::system::error_code;
using Socket = asio::ip::tcp::socket;
using Buffer = boost::beast::flat_buffer;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t kReadBytes = 32UL << 10;
constexpr std::size_t kJoinBelow = 16UL << 10;  // Smaller bodies are sent together with the head.
constexpr std::uint32_t kMaxHeadBytes = 128U << 10;
constexpr int kMaxInterim = 8;  // Answers 1xx before the real one.

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

class BeastConnection final : public Connection {
public:
    BeastConnection(const Url& url, TlsContext tls, const TlsOptions& options)
        : peer_(url.peer()),
          name_(options.server_name.empty() ? url.host : options.server_name),
          port_(url.port),
          tls_context_(std::move(tls)),
          socket_(context_) {}

    Status connect(const std::vector<std::string>& addresses, const Deadline& deadline);
    Status shake_hands(const TlsOptions& options, const Deadline& deadline);
    Result<HttpResponse> exchange(const WireRequest& request, const Deadline& deadline,
                                  Progress& progress) override;
    bool reusable() override;

private:
    template <typename Start>
    std::optional<Outcome> run(const Deadline& deadline, Monotonic::time_point until, Start start);
    std::optional<Outcome> read_some(asio::mutable_buffer space, const Deadline& deadline);
    Status write(const WireRequest& request, const Deadline& deadline, Progress& progress);
    Status read_answer(Parser& parser, Buffer& buffer, const WireRequest& request, const Deadline& deadline,
                       Progress& progress);
    Status parse(Parser& parser, Buffer& buffer, std::size_t limit) const;
    Status ended(Parser& parser, const ErrorOf& error, Progress progress) const;

    std::string peer_;
    std::string name_;
    std::uint16_t port_;
    TlsContext tls_context_;
    asio::io_context context_{1};
    Socket socket_;
    std::optional<asio::ssl::stream<Socket&>> tls_;
    bool keep_alive_ = false;
};

// Empty: `until` passed or the call was cancelled; the socket is closed then.
template <typename Start>
std::optional<Outcome> BeastConnection::run(const Deadline& deadline, Monotonic::time_point until,
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

Status BeastConnection::connect(const std::vector<std::string>& addresses, const Deadline& deadline) {
    ErrorOf last;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(addresses[i]), port_);
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
        return std::unexpected(deadline.error(format(
            "{} did not accept a connection (check the address, firewalls and security groups)", peer_)));
    const auto* const hint = last == asio::error::connection_refused
                                 ? "check that it is running and that the port is right"
                                 : "check the address, the network, firewalls and security groups";
    return unavailable(format("cannot connect to {}: {}; {}", peer_, last.message(), hint));
}

Status BeastConnection::shake_hands(const TlsOptions& options, const Deadline& deadline) {
    SSL_CTX_up_ref(tls_context_.get());
    asio::ssl::context context(tls_context_.get());
    tls_.emplace(socket_, context);
    K3F_TRY(expect_peer(tls_->native_handle(), name_));

    std::string rejection;
    tls_->set_verify_callback([&](bool good, asio::ssl::verify_context& verification) {
        if (!good && rejection.empty())
            rejection = describe_rejection(verification.native_handle(), name_, options);
        return good;
    });
    const auto outcome = run(deadline, deadline.at, [&](Finish finish) {
        tls_->async_handshake(asio::ssl::stream_base::client, finish);
    });
    SSL_set_verify(tls_->native_handle(), SSL_VERIFY_PEER,
                   nullptr);  // The callback refers to this call's locals.
    if (!outcome)
        return std::unexpected(deadline.error(format("{} did not finish the TLS handshake", peer_)));
    if (!outcome->error) return {};
    if (!rejection.empty())
        return fail(ErrorCode::Unavailable,
                    format("the TLS certificate of {} is refused: {}", peer_, rejection));
    if (ended_by_peer(outcome->error))
        return unavailable(
            format("{} closed the connection during the TLS handshake; check that it speaks https on "
                   "this port",
                   peer_));
    return unavailable(
        format("no TLS connection with {}: {}; check that it speaks https (TLS 1.2 or later) on this "
               "port and accepts the client certificate, if any",
               peer_, outcome->error.message()));
}

std::optional<Outcome> BeastConnection::read_some(asio::mutable_buffer space, const Deadline& deadline) {
    return run(deadline, deadline.at, [&](Finish finish) {
        tls_ ? tls_->async_read_some(space, finish) : socket_.async_read_some(space, finish);
    });
}

// A connection that breaks is no error here: the peer may have answered before it stopped listening, and if
// not, reading says so.
Status BeastConnection::write(const WireRequest& request, const Deadline& deadline, Progress& progress) {
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
                tls_ ? tls_->async_write_some(piece, finish) : socket_.async_write_some(piece, finish);
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

Status BeastConnection::parse(Parser& parser, Buffer& buffer, std::size_t limit) const {
    while (buffer.size() > 0 && !parser.is_done()) {
        ErrorOf error;
        buffer.consume(parser.put(buffer.data(), error));
        if (error == http::error::need_more) return {};
        if (error == http::error::body_limit)
            return fail(ErrorCode::Corrupt, format("the answer of {} is larger than {} bytes", peer_, limit));
        if (error)
            return fail(
                ErrorCode::Corrupt,
                format("{} does not answer in HTTP/1.1: {}; check the address and the port, and whether it "
                       "must be https",
                       peer_, error.message()));
    }
    return {};
}

// The stream ended: fine if that is how this answer's body ends.
Status BeastConnection::ended(Parser& parser, const ErrorOf& error, Progress progress) const {
    if (progress != Progress::AnswerBegan) {
        if (ended_by_peer(error))
            return unavailable(format("{} closed the connection without an answer", peer_));
        return unavailable(
            format("the connection to {} broke before an answer came: {}", peer_, error.message()));
    }
    ErrorOf incomplete;
    if (error == asio::error::eof) {
        parser.put_eof(incomplete);
        if (!incomplete && parser.is_done()) return {};
    }
    return unavailable(format("the connection to {} broke in the middle of the answer: {}", peer_,
                              incomplete ? incomplete.message() : error.message()));
}

Status BeastConnection::read_answer(Parser& parser, Buffer& buffer, const WireRequest& request,
                                    const Deadline& deadline, Progress& progress) {
    while (true) {
        K3F_TRY(parse(parser, buffer, request.max_response_bytes));
        if (parser.is_done()) return {};
        const auto outcome = read_some(buffer.prepare(kReadBytes), deadline);
        if (!outcome) {
            const auto* const missing = progress != Progress::AnswerBegan ? "answer" : "finish its answer";
            return std::unexpected(deadline.error(format("{} did not {}", peer_, missing)));
        }
        if (outcome->bytes > 0) progress = Progress::AnswerBegan;
        buffer.commit(outcome->bytes);
        if (outcome->error) {
            K3F_TRY(parse(parser, buffer, request.max_response_bytes));
            return parser.is_done() ? Status() : ended(parser, outcome->error, progress);
        }
    }
}

Result<HttpResponse> BeastConnection::exchange(const WireRequest& request, const Deadline& deadline,
                                               Progress& progress) {
    progress = Progress::NothingSent;
    keep_alive_ = false;
    K3F_TRY(write(request, deadline, progress));
    const bool all_sent = progress == Progress::Sent;
    Buffer buffer;
    std::optional<Parser> parser;
    for (int answers = 0; answers <= kMaxInterim; ++answers) {
        parser.emplace();
        parser->eager(true);
        parser->header_limit(kMaxHeadBytes);
        parser->body_limit(request.max_response_bytes);
        parser->skip(!request.answer_has_body);
        K3F_TRY(read_answer(*parser, buffer, request, deadline, progress));
        const auto status = parser->get().result_int();
        if (status >= 200 || status == 101) break;
    }
    keep_alive_ = all_sent && parser->keep_alive() && buffer.size() == 0;

    auto message = parser->release();
    HttpResponse response{.status = static_cast<int>(message.result_int())};
    if (response.status < 200)
        return fail(ErrorCode::Corrupt,
                    format("{} answers only with interim status {}", peer_, response.status));
    for (const auto& field : message) response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(message.body());
    return response;
}

bool BeastConnection::reusable() {
    if (!keep_alive_ || !socket_.is_open()) return false;
    if (tls_ && SSL_pending(tls_->native_handle()) > 0) return false;
    // Nothing may be there to read: what comes between two answers is the end, or the notice of it.
    char byte = 0;
    const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

Result<std::unique_ptr<Connection>> open_connection(const Url& url, const TlsContext& tls,
                                                    const TlsOptions& options, const Deadline& deadline,
                                                    HttpPhase& phase) try {
    phase = HttpPhase::Resolving;
    const auto addresses = K3F_TRY(resolve(url.host, deadline));
    auto connection = std::make_unique<BeastConnection>(url, tls, options);
    phase = HttpPhase::Connecting;
    K3F_TRY(connection->connect(addresses, deadline));
    if (!url.https()) return connection;
    phase = HttpPhase::Securing;
    K3F_TRY(connection->shake_hands(options, deadline));
    return connection;
} catch (const std::exception& problem) {
    return fail(ErrorCode::Unavailable,
                format("cannot open a connection to {}: {}", url.peer(), problem.what()));
}

}  // namespace k3fleet::net
