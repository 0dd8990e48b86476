// posix_spawn, a pipe, and a kill at the end.
#include "adapters/local/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "base/text.h"

namespace k3fleet::local {
namespace {

using Monotonic = std::chrono::steady_clock;
constexpr Duration kLookEvery = std::chrono::milliseconds{100};  // Whether it was cancelled.

class Spawned {
public:
    Spawned() = default;
    Spawned(const Spawned&) = delete;
    Spawned& operator=(const Spawned&) = delete;
    ~Spawned() {
        kill();
        if (output_ >= 0) ::close(output_);
    }

    int start(const std::vector<std::string>& arguments);
    int output() const { return output_; }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(-pid_, SIGKILL);
        wait();
    }
    // The code that waitpid gives.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }
    // The same if it has ended within the time.
    bool wait_until(Monotonic::time_point end, int& status) {
        while (true) {
            const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
            if (ended == pid_) pid_ = -1;
            if (ended != 0) return true;
            if (Monotonic::now() >= end) return false;
            ::poll(nullptr, 0, 5);
        }
    }

private:
    pid_t pid_ = -1;
    int output_ = -1;
};

// 0, or errno.
int Spawned::start(const std::vector<std::string>& arguments) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return errno;
    output_ = pipe[0];
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t reset;  // What we ignore or block, it should not.
    sigemptyset(&reset);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&reset, number);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &reset);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> pointers;
    for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    const int problem = ::posix_spawnp(&pid_, pointers[0], &files, &attributes, pointers.data(), environ);
    if (problem != 0) pid_ = -1;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    ::close(pipe[1]);
    return problem;
}

}  // namespace

Result<std::string> run_program(const ProgramRun& run) {
    if (run.arguments.empty()) return fail(ErrorCode::InvalidArgument, "there is no program to run");
    const std::string name = std::filesystem::path(run.arguments.front()).filename().string();
    Spawned program;
    if (const int problem = program.start(run.arguments); problem != 0)
        return fail(problem == ENOENT ? ErrorCode::NotFound : ErrorCode::PermissionDenied,
                    format("the program {} cannot be started: {}", name, std::strerror(problem)));

    const auto end = Monotonic::now() + run.limit;
    const auto too_late = [&] {
        return fail(ErrorCode::DeadlineExceeded,
                    format("{} did not end within {}", name, to_string(run.limit)));
    };
    std::string output;
    char buffer[4096];
    while (true) {
        if (run.cancel.cancelled())
            return fail(ErrorCode::Cancelled, format("interrupted while running {}", name));
        const auto left = std::chrono::ceil<Duration>(end - Monotonic::now());
        if (left <= Duration::zero()) return too_late();
        pollfd readable{.fd = program.output(), .events = POLLIN, .revents = 0};
        if (::poll(&readable, 1, static_cast<int>(std::min(left, kLookEvery).count())) <= 0) continue;
        const ssize_t got = ::read(program.output(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        output.append(buffer, static_cast<std::size_t>(got));
        if (output.size() > run.max_output_bytes)
            return fail(ErrorCode::Corrupt,
                        format("{} printed more than {} bytes", name, run.max_output_bytes));
    }
    int status = 0;
    if (!program.wait_until(end, status)) return too_late();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return fail(ErrorCode::NotFound, format("the program {} cannot be started", name));
    return fail(ErrorCode::PermissionDenied,
                WIFEXITED(status) ? format("{} ended with exit code {}", name, WEXITSTATUS(status))
                                  : format("{} was ended by signal {}", name, WTERMSIG(status)));
}

}  // namespace k3fleet::local
