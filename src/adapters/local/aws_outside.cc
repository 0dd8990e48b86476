#include "adapters/local/aws_outside.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "adapters/local/files.h"
#include "adapters/local/program.h"
#include "net/cancel.h"

namespace k3fleet::local {
namespace {

constexpr std::size_t kMaxFileBytes = 1UL << 20;
constexpr std::size_t kMaxLine = 256;

Result<credentials::File> read_with_mode(const std::string& path) {
    auto content = K3F_TRY(read_file(path, kMaxFileBytes));
    struct stat info{};
    const bool known = ::stat(path.c_str(), &info) == 0;
    return credentials::File{.content = std::move(content),
                             .open_to_others = known && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0};
}

Status write_private(const std::string& path, std::string_view content) {
    const auto folder = std::filesystem::path(path).parent_path();
    std::error_code problem;
    std::filesystem::create_directories(folder.parent_path(), problem);
    ::mkdir(folder.c_str(), 0700);
    return write_file(path, content, Access::Private);
}

// From the terminal itself: standard input may be a file.
Result<std::string> ask_person(const std::string& question) {
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) return fail(ErrorCode::PermissionDenied, "there is no terminal to ask at");
    const auto wait_for_line = [&]() -> Result<std::string> {
        std::string line;
        if (::write(terminal, question.data(), question.size()) < 0)
            return fail(ErrorCode::PermissionDenied, "the terminal takes no question");
        const auto cancel = net::CancelToken::process();
        while (line.find('\n') == std::string::npos && line.size() < kMaxLine) {
            if (cancel.cancelled()) return fail(ErrorCode::Cancelled, "interrupted while asking");
            pollfd readable{.fd = terminal, .events = POLLIN, .revents = 0};
            if (::poll(&readable, 1, 100) <= 0) continue;
            char buffer[64];
            const ssize_t got = ::read(terminal, buffer, sizeof buffer);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break;
            line.append(buffer, static_cast<std::size_t>(got));
        }
        return line;
    };
    auto line = wait_for_line();
    ::close(terminal);
    return line;
}

}  // namespace

credentials::Outside make_aws_outside(const AwsOutsideOptions& options) {
    credentials::Outside outside{
        .variable = options.variable,
        .read_file = read_with_mode,
        .write_private_file = write_private,
        .run =
            [](const credentials::Program& program) {
                return run_program({.arguments = program.arguments,
                                    .limit = program.limit,
                                    .max_output_bytes = program.max_output_bytes});
            },
        .home = options.variable("HOME"),
        .cache_folder = options.state_folder.empty() ? "" : options.state_folder + "/aws",
    };
    if (options.terminal == AwsOutsideOptions::Terminal::Ask) outside.ask = ask_person;
    return outside;
}

}  // namespace k3fleet::local
