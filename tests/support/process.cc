// fork, a pipe and waitpid behind process.h.
#include "tests/support/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace k3fleet::support {

void Child::Channel::say(const std::string& line) const {
    const std::string text = line + "\n";
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(97);
}

Child::Child(const std::function<int(const Channel&)>& body) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) std::abort();
    if (pid_ == 0) {
        ::close(ends[0]);
        const int code = body(Channel(ends[1]));
        std::fflush(nullptr);
        ::_exit(code);
    }
    ::close(ends[1]);
    fd_ = ends[0];
}

Child::~Child() {
    if (pid_ > 0) kill();
    ::close(fd_);
}

std::string Child::hear() {
    std::string line;
    char letter = 0;
    while (true) {
        const ssize_t got = ::read(fd_, &letter, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || letter == '\n') return line;
        line += letter;
    }
}

void Child::kill() {
    ::kill(pid_, SIGKILL);
    wait();
}

int Child::wait() {
    if (pid_ < 0) return 0;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace k3fleet::support
