// The process as a Host.
#include "cli/host.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace k3fleet::cli {

namespace {

constexpr int kWidestText = 110;

std::string system_message(int error) {
    char buffer[256];
    return strerror_r(error, buffer, sizeof buffer);
}

Result<std::string> read_all(int fd, const std::string& name, std::size_t max_bytes) {
    std::string text;
    char buffer[65536];
    for (;;) {
        const ssize_t n = ::read(fd, buffer, sizeof buffer);
        if (n == 0) return text;
        if (n < 0 && errno == EINTR)
            return fail(ErrorCode::Cancelled, format("reading {} was interrupted", name));
        if (n < 0)
            return fail(ErrorCode::InvalidArgument,
                        format("cannot read {}: {}", name, system_message(errno)));
        text.append(buffer, static_cast<std::size_t>(n));
        if (text.size() > max_bytes)
            return fail(ErrorCode::InvalidArgument,
                        format("{} is larger than {} MiB", name, max_bytes >> 20));
    }
}

int terminal_width(int fd) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 40) return 100;
    return std::min<int>(size.ws_col, kWidestText);
}

}  // namespace

void FdSink::write(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    while (!text.empty() && !closed_ && failure_.empty()) {
        const ssize_t n = ::write(fd_, text.data(), text.size());
        if (n >= 0) {
            text.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EPIPE) {
            closed_ = true;
        } else if (errno != EINTR) {
            failure_ = system_message(errno);
        }
    }
}

bool FdSink::closed() const {
    const std::scoped_lock lock(mutex_);
    return closed_;
}

std::string FdSink::failure() const {
    const std::scoped_lock lock(mutex_);
    return failure_;
}

Host process_host(Sink& out, Sink& err) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto audience = [](int fd) { return ::isatty(fd) == 1 ? Audience::Person : Audience::Program; };
    return Host{
        .variable =
            [](const std::string& name) {
                const char* text = std::getenv(name.c_str());
                return std::string(text == nullptr ? "" : text);
            },
        .out = out,
        .err = err,
        .out_audience = audience(STDOUT_FILENO),
        .err_audience = audience(STDERR_FILENO),
        .width = terminal_width(STDOUT_FILENO),
        .read_standard_input = [] { return read_all(STDIN_FILENO, "standard input", kMaxInputBytes); },
        .read_line = []() -> Result<std::string> {
            std::string line;
            for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n' && line.size() < 1000;) line += c;
            return line;
        },
    };
}

std::string input_name(const std::string& path) { return path == "-" ? "standard input" : path; }

Result<std::string> read_input(const Host& host, const std::string& path, std::size_t max_bytes) {
    if (path == "-") return host.read_standard_input();
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const std::string why = system_message(errno);
        return fail(ErrorCode::InvalidArgument,
                    format("cannot open {}: {}\ngive the path of a readable file, or - for standard input",
                           path, why));
    }
    struct stat info{};
    if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        ::close(fd);
        return fail(
            ErrorCode::InvalidArgument,
            format("{} is a directory\ngive the path of a readable file, or - for standard input", path));
    }
    auto text = read_all(fd, path, max_bytes);
    ::close(fd);
    return text;
}

}  // namespace k3fleet::cli
