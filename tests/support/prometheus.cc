// promtool makes the blocks, posix_spawn starts the server; both write to a file in the test's folder.
#include "tests/support/prometheus.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::support {

namespace {

namespace fs = std::filesystem;

pid_t spawn(const std::vector<std::string>& command, const fs::path& log) {
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::posix_spawn_file_actions_adddup2(&files, 1, 2);
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t process = -1;
    K3F_CHECK(::posix_spawn(&process, arguments[0], &files, nullptr, arguments.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&files);
    return process;
}

int wait_for(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) continue;
    return status;
}

// Free at this moment; what else could be done with a program that does not tell the port it took.
std::uint16_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    K3F_CHECK(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
    K3F_CHECK(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(socket);
    return ntohs(address.sin_port);
}

std::string configuration(const std::vector<std::string>& targets) {
    std::string text = "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs:\n";
    text += "- job_name: live\n  honor_labels: true\n  static_configs:\n  - targets: [";
    return text + join(targets, ", ") + "]\n";
}

}  // namespace

std::optional<fs::path> Prometheus::find() {
    if (const char* named = std::getenv("K3FLEET_PROMETHEUS_BIN"); named != nullptr && *named != '\0')
        return named;
    for (fs::path folder = fs::current_path();; folder = folder.parent_path()) {
        const fs::path program = folder / ".cache/tools/prometheus/usr/bin/prometheus";
        if (fs::exists(program)) return program;
        if (folder == folder.parent_path()) return std::nullopt;
    }
}

Prometheus::Prometheus(const fs::path& program, const fs::path& folder, const std::string& history,
                       const std::vector<std::string>& targets)
    : folder_(folder), port_(free_port()) {
    const fs::path data = folder / "data";
    const fs::path output = folder / "log";
    if (!history.empty()) {
        const fs::path text = folder / "history.om";
        std::ofstream(text) << history;
        const auto promtool = program.parent_path() / "promtool";
        const auto made = spawn({promtool, "tsdb", "create-blocks-from", "openmetrics", text, data}, output);
        K3F_CHECK(wait_for(made) == 0);
    }
    std::ofstream(folder / "prometheus.yml") << configuration(targets);
    process_ = spawn({program, format("--config.file={}", (folder / "prometheus.yml").string()),
                      format("--storage.tsdb.path={}", data.string()), "--storage.tsdb.retention.time=30d",
                      format("--web.listen-address=127.0.0.1:{}", port_), "--log.level=warn"},
                     output);
}

Prometheus::~Prometheus() {
    ::kill(process_, SIGKILL);
    wait_for(process_);
}

std::string Prometheus::url() const { return format("http://127.0.0.1:{}", port_); }

std::string Prometheus::log() const {
    std::ifstream file(folder_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace k3fleet::support
