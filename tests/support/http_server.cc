// Plain sockets and OpenSSL, blocking, a thread a connection: shares no code with the client that it tests.
#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <list>
#include <mutex>
#include <set>
#include <thread>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::support {

namespace {

constexpr std::size_t kMaxRequestBytes = 64UL << 20;

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

X509* read_certificate(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free_all(bio);
    K3F_CHECK(certificate != nullptr);
    return certificate;
}

Context make_context(const ServerTls& tls) {
    Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    X509* own = read_certificate(tls.identity.certificate_pem);
    K3F_CHECK(SSL_CTX_use_certificate(context.get(), own) == 1);
    X509_free(own);
    BIO* bio = BIO_new_mem_buf(tls.identity.key_pem.data(), static_cast<int>(tls.identity.key_pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free_all(bio);
    K3F_CHECK(SSL_CTX_use_PrivateKey(context.get(), key) == 1);
    EVP_PKEY_free(key);
    if (tls.client_ca_pem.empty()) return context;
    X509* authority = read_certificate(tls.client_ca_pem);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority);
    X509_free(authority);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return context;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

// One client: bytes in and out, with or without TLS.
class Peer {
public:
    Peer(int socket, SSL_CTX* context) : socket_(socket), session_(nullptr, SSL_free) {
        if (context == nullptr) return;
        session_.reset(SSL_new(context));
        SSL_set_fd(session_.get(), socket_);
    }

    bool shake_hands() { return session_ == nullptr || SSL_accept(session_.get()) == 1; }

    std::string client_name() const {
        X509* certificate = session_ == nullptr ? nullptr : SSL_get0_peer_certificate(session_.get());
        char name[256] = "";
        if (certificate != nullptr)
            X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
        return name;
    }

    bool send(std::string_view data) {
        while (!data.empty()) {
            const auto sent = session_ != nullptr
                                  ? SSL_write(session_.get(), data.data(), static_cast<int>(data.size()))
                                  : ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            data.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // False: the client is gone.
    bool receive(std::string& into) {
        char bytes[16384];
        const auto got = session_ != nullptr ? SSL_read(session_.get(), bytes, sizeof bytes)
                                             : ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) return false;
        into.append(bytes, static_cast<std::size_t>(got));
        return into.size() < kMaxRequestBytes;
    }

    // Something to receive that no poll() shows.
    bool has_more() const { return session_ != nullptr && SSL_pending(session_.get()) > 0; }

    void say_goodbye() {
        if (session_ != nullptr) SSL_shutdown(session_.get());
    }

private:
    int socket_;
    Session session_;
};

// Takes one request off the front of `buffer`, reading more as needed. False: the client is gone.
bool read_request(Peer& peer, std::string& buffer, ServedRequest& request) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!peer.receive(buffer)) return false;
    }
    const auto lines = split(std::string_view(buffer).substr(0, end), '\n');
    const auto words = split(trim(lines.front()), ' ');
    if (words.size() != 3) return false;
    request.method = words[0];
    request.target = words[1];
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto colon = lines[i].find(':');
        if (colon == std::string::npos) return false;
        request.headers.emplace_back(lines[i].substr(0, colon),
                                     trim(std::string_view(lines[i]).substr(colon + 1)));
    }
    const std::string length = request.header("Content-Length");
    const std::size_t body = length.empty() ? 0 : std::stoul(length);
    while (buffer.size() < end + 4 + body) {
        if (!peer.receive(buffer)) return false;
    }
    request.body = buffer.substr(end + 4, body);
    buffer.erase(0, end + 4 + body);
    return true;
}

int connect_here(std::string_view target) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(std::string(target.substr(target.rfind(':') + 1)))));
    K3F_CHECK(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return socket;
}

// Until one of the two ends it.
void tunnel(Peer& peer, int client, const std::string& target) {
    const int server = connect_here(target);
    Peer upstream(server, nullptr);
    bool open = true;
    while (open) {
        pollfd ready[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (!peer.has_more() && ::poll(ready, 2, -1) < 0) break;
        std::string data;
        if (peer.has_more() || ready[0].revents != 0) open = peer.receive(data) && upstream.send(data);
        data.clear();
        if (open && ready[1].revents != 0) open = upstream.receive(data) && peer.send(data);
    }
    ::close(server);
}

}  // namespace

struct HttpServer::State {
    Handler handler;
    Context context{nullptr, SSL_CTX_free};
    int listener = -1;
    std::uint16_t port = 0;
    std::thread acceptor;

    std::mutex mutex;  // Guards what follows.
    std::condition_variable changed;
    bool stopping = false;
    int accepted = 0;
    std::vector<ServedRequest> requests;
    std::set<int> open;
    std::list<std::thread> threads;

    void accept_all();
    void serve(int socket);
    void converse(Peer& peer, int socket);
    bool send(Peer& peer, const Reply& reply);
    bool pause(Duration span);
};

// False: the server stops.
bool HttpServer::State::pause(Duration span) {
    std::unique_lock lock(mutex);
    return !changed.wait_for(lock, span, [this] { return stopping; });
}

bool HttpServer::State::send(Peer& peer, const Reply& reply) {
    if (reply.before.count() > 0 && !pause(reply.before)) return false;
    if (reply.between.count() == 0) return peer.send(reply.bytes);
    return std::ranges::all_of(reply.bytes,
                               [&](char c) { return peer.send({&c, 1}) && pause(reply.between); });
}

void HttpServer::State::converse(Peer& peer, int socket) {
    std::string buffer;
    while (true) {
        ServedRequest request{.client_name = peer.client_name()};
        if (!read_request(peer, buffer, request)) return;
        {
            const std::lock_guard lock(mutex);
            requests.push_back(request);
        }
        const Reply answer = handler(request);
        if (!send(peer, answer)) return;
        switch (answer.then) {
            case Reply::Then::KeepOpen: continue;
            case Reply::Then::Close: peer.say_goodbye(); return;
            case Reply::Then::Reset: {
                const linger at_once{.l_onoff = 1, .l_linger = 0};
                ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
                return;
            }
            case Reply::Then::Tunnel: tunnel(peer, socket, request.target); return;
            case Reply::Then::Hang:
                while (peer.receive(buffer)) continue;  // Until the client gives up or the server stops.
                return;
        }
    }
}

void HttpServer::State::serve(int socket) {
    {
        Peer peer(socket, context.get());
        if (peer.shake_hands()) converse(peer, socket);
    }
    const std::lock_guard lock(mutex);
    open.erase(socket);
    ::close(socket);
}

void HttpServer::State::accept_all() {
    while (true) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard lock(mutex);
        if (stopping || socket < 0) {
            if (socket >= 0) ::close(socket);
            return;
        }
        ++accepted;
        open.insert(socket);
        threads.emplace_back([this, socket] { serve(socket); });
    }
}

HttpServer::HttpServer(Handler handler, std::optional<ServerTls> tls) : state_(std::make_unique<State>()) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the client may have closed.
    state_->handler = std::move(handler);
    if (tls) state_->context = make_context(*tls);
    state_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    K3F_CHECK(::bind(state_->listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    K3F_CHECK(::listen(state_->listener, 256) == 0);
    K3F_CHECK(::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    state_->port = ntohs(address.sin_port);
    state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

HttpServer::~HttpServer() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        state_->changed.notify_all();
        for (const int socket : state_->open) ::shutdown(socket, SHUT_RDWR);
        ::shutdown(state_->listener, SHUT_RDWR);
    }
    state_->acceptor.join();
    for (auto& thread : state_->threads) thread.join();
    ::close(state_->listener);
}

std::uint16_t HttpServer::port() const { return state_->port; }

std::string HttpServer::url(std::string_view target) const {
    return format("{}://127.0.0.1:{}{}", state_->context != nullptr ? "https" : "http", state_->port, target);
}

int HttpServer::connections() const {
    const std::lock_guard lock(state_->mutex);
    return state_->accepted;
}

std::vector<ServedRequest> HttpServer::requests() const {
    const std::lock_guard lock(state_->mutex);
    return state_->requests;
}

std::string ServedRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0)
            return value;
    }
    return {};
}

std::string ServedRequest::parameter(std::string_view name) const {
    const auto question = target.find('?');
    const std::string query = (question == std::string::npos ? "" : target.substr(question + 1)) + "&" + body;
    for (const auto& pair : split(query, '&')) {
        const auto equals = pair.find('=');
        if (equals != std::string::npos && decoded(pair.substr(0, equals)) == name)
            return decoded(pair.substr(equals + 1));
    }
    return {};
}

Reply reply(int status, std::string_view body, const ReplyHeaders& headers) {
    std::string bytes = format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n", status, body.size());
    for (const auto& [name, value] : headers) bytes += format("{}: {}\r\n", name, value);
    bytes += "\r\n";
    bytes += body;
    return {.bytes = std::move(bytes)};
}

Reply reply_chunked(std::string_view body, std::size_t chunk_bytes) {
    std::string bytes = "HTTP/1.1 200 Scripted\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (; !body.empty(); body.remove_prefix(std::min(chunk_bytes, body.size()))) {
        const auto chunk = body.substr(0, chunk_bytes);
        bytes += format("{:x}\r\n{}\r\n", chunk.size(), chunk);
    }
    return {.bytes = bytes + "0\r\n\r\n"};
}

Reply reply_gzip(std::string_view body) {
    z_stream stream = {};
    K3F_CHECK(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(::deflateBound(&stream, body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    K3F_CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    return reply(200, packed, {{"Content-Encoding", "gzip"}});
}

}  // namespace k3fleet::support
