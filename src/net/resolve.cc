// getaddrinfo on a thread of its own, as it can take half a minute and cannot be cancelled.
//
// The release binary is static. There glibc's look-up of sources named in /etc/nsswitch.conf that are not
// built in (myhostname, resolve, mdns4_minimal) ends the process, so the sources are fixed to the two that
// are.
#include "net/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <nss.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/text.h"

namespace k3fleet::net {

namespace {

constexpr int kMaxRunning = 32;  // Look-ups at once, those nobody waits for any more included.
constexpr std::size_t kMaxAddresses = 16;

struct Lookup {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    int error = 0;
    std::vector<std::string> addresses;
};

std::atomic<int> g_running{0};

std::vector<std::string> addresses_of(const addrinfo* list) {
    std::vector<std::string> out;
    for (const addrinfo* it = list; it != nullptr && out.size() < kMaxAddresses; it = it->ai_next) {
        char text[NI_MAXHOST];
        // Numeric only: asks nobody.
        if (::getnameinfo(it->ai_addr, it->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
            continue;
        if (std::ranges::find(out, text) == out.end()) out.emplace_back(text);
    }
    return out;
}

void run(const std::string& host, const std::shared_ptr<Lookup>& lookup) {
    static std::once_flag once;
    std::call_once(once, [] { ::__nss_configure_lookup("hosts", "files dns"); });

    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    auto addresses = error == 0 ? addresses_of(list) : std::vector<std::string>();
    if (error == 0) ::freeaddrinfo(list);

    g_running.fetch_sub(1);
    const std::lock_guard lock(lookup->mutex);
    lookup->done = true;
    lookup->error = error;
    lookup->addresses = std::move(addresses);
    lookup->changed.notify_all();
}

Status start(const std::string& host, const std::shared_ptr<Lookup>& lookup) {
    if (g_running.fetch_add(1) >= kMaxRunning) {
        g_running.fetch_sub(1);
        return fail(ErrorCode::Unavailable,
                    format("cannot look up '{}': {} look-ups still wait for the name servers; check "
                           "/etc/resolv.conf",
                           host, kMaxRunning));
    }
    try {
        std::thread(run, host, lookup).detach();
    } catch (const std::system_error& problem) {
        g_running.fetch_sub(1);
        return fail(ErrorCode::Unavailable, format("cannot look up '{}': {}", host, problem.what()));
    }
    return {};
}

std::unexpected<Error> lookup_failed(const std::string& host, int error) {
    const bool no_such_name = error == 0 || error == EAI_NONAME || error == EAI_NODATA;
    auto problem = fail(
        ErrorCode::Unavailable,
        no_such_name ? format("there is no host named '{}': check its spelling, and that this machine's name "
                              "servers know it",
                              host)
                     : format("cannot look up '{}': {}; check the network and /etc/resolv.conf", host,
                              ::gai_strerror(error)));
    if (!no_such_name) problem.error().retry_after = std::chrono::seconds{1};
    return problem;
}

bool is_literal(const std::string& host) {
    in_addr v4;
    in6_addr v6;
    return ::inet_pton(AF_INET, host.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, host.c_str(), &v6) == 1;
}

}  // namespace

Result<std::vector<std::string>> resolve(const std::string& host, const Deadline& deadline) {
    if (is_literal(host)) return std::vector{host};

    const auto lookup = std::make_shared<Lookup>();
    K3F_TRY(start(host, lookup));
    const CancelToken::Guard guard(deadline.cancel, [lookup] {
        const std::lock_guard lock(lookup->mutex);
        lookup->changed.notify_all();
    });
    std::unique_lock lock(lookup->mutex);
    lookup->changed.wait_until(lock, deadline.at,
                               [&] { return lookup->done || deadline.cancel.cancelled(); });
    if (!lookup->done)
        return std::unexpected(deadline.error(format("the name servers did not find '{}'", host)));
    if (lookup->addresses.empty()) return lookup_failed(host, lookup->error);
    return std::move(lookup->addresses);
}

}  // namespace k3fleet::net
