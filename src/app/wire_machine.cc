// app/machine.h on this machine.
#include <unistd.h>

#include <filesystem>

#include "adapters/local/clock.h"
#include "adapters/local/files.h"
#include "adapters/local/foreground.h"
#include "adapters/local/program.h"
#include "app/machine.h"
#include "base/text.h"

namespace k3fleet::app {

namespace {

constexpr const char* kPlugin = "session-manager-plugin";
// Its first argument names the variable that holds the answer; the others are those that the AWS CLI gives
// (awscli/customizations/sessionmanager.py).
constexpr const char* kAnswer = "AWS_SSM_START_SESSION_RESPONSE";
constexpr Duration kTunnelOpens = std::chrono::seconds{20};

local::ProgramStart plugin_start(const ports::RemoteSession& session, const std::string& profile) {
    return {.arguments = {kPlugin, kAnswer, session.region, "StartSession", profile, session.request,
                          session.endpoint},
            .environment = {{kAnswer, session.answer}}};
}

}  // namespace

Result<std::string> plugin_version() {
    const auto said =
        local::run_program({.arguments = {kPlugin, "--version"}, .limit = std::chrono::seconds{10}});
    if (!said) return std::unexpected(said.error());
    std::string version(trim(*said));
    if (version.empty() || version.size() > 32 ||
        version.find_first_not_of("0123456789.") != std::string::npos)
        return fail(ErrorCode::NotFound, format("{} says no version", kPlugin));
    return version;
}

Result<int> attach(const ports::RemoteSession& session, const std::string& profile) {
    return local::run_in_foreground(plugin_start(session, profile));
}

Result<int> run_through(const ports::RemoteSession& session, const std::string& profile, int port,
                        const Errand& errand) {
    local::Companion plugin;
    K3F_TRY(plugin.start(plugin_start(session, profile)));
    local::SystemClock clock;
    const Timestamp end = clock.now() + kTunnelOpens;
    while (!local::answers(port)) {
        if (!plugin.running() || clock.now() > end)
            return fail(ErrorCode::Unavailable,
                        "the tunnel did not open\ntry k3fleet cluster tunnel, "
                        "which shows what the plugin says");
        K3F_TRY(clock.sleep_until(clock.now() + std::chrono::milliseconds{50}));
    }
    local::ProgramStart start{.arguments = errand.arguments, .environment = {}};
    for (const auto& [name, value] : errand.environment) start.environment.emplace_back(name, Secret(value));
    return local::run_in_foreground(start);
}

Result<int> free_port(int from) { return local::free_port(from); }

Result<std::string> read_own_file(const std::string& path) {
    auto text = local::read_file(path);
    if (!text && text.error().code == ErrorCode::NotFound) return std::string();
    return text;
}

Status write_own_file(const std::string& path, std::string_view content) {
    namespace fs = std::filesystem;
    std::error_code problem;
    fs::path file = fs::weakly_canonical(path, problem);
    if (problem) file = path;
    const fs::path folder = file.parent_path();
    if (!folder.empty() && !fs::exists(folder, problem)) {
        fs::create_directories(folder, problem);
        if (problem)
            return fail(ErrorCode::PermissionDenied,
                        format("the folder {} cannot be made: {}", folder.string(), problem.message()));
        fs::permissions(folder, fs::perms::owner_all, problem);
    }
    return local::write_file(file, content, local::Access::Private);
}

}  // namespace k3fleet::app
