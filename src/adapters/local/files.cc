// POSIX calls behind files.h.
#include "adapters/local/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace k3fleet::local {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    int get() const { return fd_; }
    int close() {
        const int fd = std::exchange(fd_, -1);
        return fd >= 0 ? ::close(fd) : 0;
    }

private:
    int fd_;
};

std::unexpected<Error> explain(const std::filesystem::path& file, std::string_view doing, int code) {
    const std::string text = format("{} cannot be {}: {}", file.string(), doing, std::strerror(code));
    switch (code) {
        case ENOENT:
        case ENOTDIR: return fail(ErrorCode::NotFound, text);
        case EACCES:
        case EPERM:
        case EROFS: return fail(ErrorCode::PermissionDenied, text);
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return fail(ErrorCode::Unavailable, text + "; what was there before is untouched");
        case EISDIR: return fail(ErrorCode::InvalidArgument, text);
        default: return fail(ErrorCode::Internal, text);
    }
}

Result<std::string> read_all(const std::filesystem::path& file, int fd, std::size_t max_bytes) {
    std::string content;
    char buffer[64 << 10];
    while (true) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return explain(file, "read", errno);
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > max_bytes) {
            return fail(ErrorCode::InvalidArgument,
                        format("{} is larger than {} bytes, the most that is read from such a file",
                               file.string(), max_bytes));
        }
    }
}

Status write_all(const std::filesystem::path& file, int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return explain(file, "written", errno);
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

// The rename is on the disk only when the folder is.
void sync_folder(const std::filesystem::path& file) {
    const std::filesystem::path folder =
        file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() >= 0) ::fsync(opened.get());
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.get() < 0) return explain(file, "read", errno);
    return read_all(file, opened.get(), max_bytes);
}

Result<Secret> read_secret_file(const std::filesystem::path& file, std::size_t max_bytes) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.get() < 0) return explain(file, "read", errno);
    struct stat status{};
    if (::fstat(opened.get(), &status) != 0) return explain(file, "read", errno);
    if (S_ISREG(status.st_mode) && (status.st_mode & 0077) != 0) {
        return fail(ErrorCode::Refused,
                    format("{} holds a secret and has mode {:04o}, so that others may use it: "
                           "chmod 600 it, and change the secret if it was there for long",
                           file.string(), static_cast<unsigned>(status.st_mode & 07777)));
    }
    std::string content = K3F_TRY(read_all(file, opened.get(), max_bytes));
    while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
    if (content.empty()) return fail(ErrorCode::InvalidArgument, format("{} is empty", file.string()));
    return Secret(std::move(content));
}

Status write_file(const std::filesystem::path& file, std::string_view content, Access access) {
    std::string temporary = file.string() + ".XXXXXX";
    Descriptor opened(::mkostemp(temporary.data(), O_CLOEXEC));
    if (opened.get() < 0) return explain(file, "written", errno);

    const auto write_and_rename = [&]() -> Status {
        if (::fchmod(opened.get(), access == Access::Private ? 0600 : 0644) != 0) {
            return explain(file, "written", errno);
        }
        K3F_TRY(write_all(file, opened.get(), content));
        if (::fsync(opened.get()) != 0) return explain(file, "written", errno);
        if (opened.close() != 0) return explain(file, "written", errno);
        if (::rename(temporary.c_str(), file.c_str()) != 0) return explain(file, "written", errno);
        return {};
    };
    Status written = write_and_rename();
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    sync_folder(file);
    return {};
}

}  // namespace k3fleet::local
