// posix_spawn with the terminal, and sockets that only try.
#include "adapters/local/foreground.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "net/cancel.h"

namespace k3fleet::local {
namespace {

constexpr int kLookEveryMs = 50;
constexpr int kPatience = 20;  // Looks, before a program that was asked to end is killed.
constexpr int kPortsTried = 100;

// Ignores what the terminal sends, as long as it lives.
class TerminalIgnored {
public:
    TerminalIgnored() {
        struct sigaction ignore{};
        ignore.sa_handler = SIG_IGN;
        for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &ignore, &former_[i]);
    }
    TerminalIgnored(const TerminalIgnored&) = delete;
    TerminalIgnored& operator=(const TerminalIgnored&) = delete;
    ~TerminalIgnored() {
        for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &former_[i], nullptr);
    }

private:
    static constexpr std::array<int, 3> kSignals = {SIGINT, SIGQUIT, SIGTSTP};
    std::array<struct sigaction, 3> former_{};
};

// Ours with the additions, which replace.
std::vector<std::string> environment_with(const ProgramStart& start) {
    std::vector<std::string> all;
    for (char** at = environ; *at != nullptr; ++at) {
        const std::string_view line = *at;
        const bool replaced = std::ranges::any_of(start.environment, [&](const auto& own) {
            return line.starts_with(own.first) && line.substr(own.first.size()).starts_with('=');
        });
        if (!replaced) all.emplace_back(line);
    }
    for (const auto& [name, value] : start.environment) all.push_back(name + "=" + value.reveal());
    return all;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

enum class Terminal { Its, Nobodys };

Result<pid_t> spawn(const ProgramStart& start, Terminal terminal) {
    if (start.arguments.empty()) return fail(ErrorCode::InvalidArgument, "there is no program to run");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t reset;
    sigemptyset(&reset);
    for (const int number : {SIGPIPE, SIGINT, SIGQUIT, SIGTSTP, SIGTERM}) sigaddset(&reset, number);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &reset);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (terminal == Terminal::Nobodys) {
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawnattr_setpgroup(&attributes, 0);
        flags = static_cast<short>(flags | POSIX_SPAWN_SETPGROUP);
    }
    posix_spawnattr_setflags(&attributes, flags);
    const auto environment = environment_with(start);
    auto arguments = pointers(start.arguments);
    auto variables = pointers(environment);
    pid_t pid = -1;
    const int problem =
        ::posix_spawnp(&pid, arguments[0], &files, &attributes, arguments.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (problem == 0) return pid;
    const std::string name = std::filesystem::path(start.arguments.front()).filename().string();
    return fail(problem == ENOENT ? ErrorCode::NotFound : ErrorCode::PermissionDenied,
                format("the program {} cannot be started: {}", name, std::strerror(problem)));
}

// Within so many looks.
bool ended(pid_t pid, int looks, int& status) {
    for (int n = 0; n < looks; ++n) {
        const pid_t got = ::waitpid(pid, &status, WNOHANG);
        if (got == pid || (got < 0 && errno != EINTR)) return true;
        ::poll(nullptr, 0, kLookEveryMs);
    }
    return false;
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

Result<int> run_in_foreground(const ProgramStart& start) {
    const TerminalIgnored ignored;
    const pid_t pid = K3F_TRY(spawn(start, Terminal::Its));
    const auto cancel = net::CancelToken::process();
    int status = 0;
    while (!ended(pid, 1, status)) {
        if (!cancel.cancelled()) continue;
        ::kill(pid, SIGTERM);
        if (ended(pid, kPatience, status)) break;
        ::kill(pid, SIGKILL);
        (void)ended(pid, kPatience, status);
        break;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Status Companion::start(const ProgramStart& start) {
    stop();
    pid_ = K3F_TRY(spawn(start, Terminal::Nobodys));
    return {};
}

bool Companion::running() {
    int status = 0;
    if (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) != 0) pid_ = -1;
    return pid_ > 0;
}

void Companion::stop() {
    if (pid_ <= 0) return;
    int status = 0;
    for (const int number : {SIGTERM, SIGKILL}) {
        ::kill(-pid_, number);
        if (ended(pid_, kPatience, status)) break;
    }
    pid_ = -1;
}

Result<int> free_port(int from) {
    for (int port = from; port < from + kPortsTried && port < 65536; ++port) {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (socket < 0) break;
        const int yes = 1;  // A connection that has just ended does not count.
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const auto address = loopback(port);
        const bool free = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                          ::listen(socket, 1) == 0;
        ::close(socket);
        if (free) return port;
    }
    return fail(ErrorCode::Unavailable, format("no port from {} on is free on this machine", from));
}

bool answers(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return false;
    const auto address = loopback(port);
    const bool there = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return there;
}

}  // namespace k3fleet::local
