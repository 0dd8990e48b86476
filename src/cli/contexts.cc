// Reading and writing the file of contexts.
#include "cli/contexts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "base/value.h"
#include "base/yaml.h"

namespace k3fleet::cli {

namespace {

constexpr std::array<std::string_view, 6> kContextKeys = {"name",   "cloud",   "profile",
                                                          "region", "project", "state-dir"};
constexpr std::array<std::string_view, 4> kDefaultKeys = {"project", "region", "output", "state-dir"};

std::string system_message() {
    char buffer[256];
    return strerror_r(errno, buffer, sizeof buffer);
}

std::unexpected<Error> bad(const std::string& path, Position at, const std::string& what) {
    return fail(
        ErrorCode::InvalidArgument,
        format("{}:{}:{}: {}\ncorrect the file, or remove it and choose again with 'k3fleet context use'",
               path, at.line, at.column, what));
}

template <std::size_t N>
Status check_members(const std::string& path, const Value& object,
                     const std::array<std::string_view, N>& known) {
    if (!object.is_object()) return bad(path, object.position, "expected keys and values");
    for (const Member& member : object.members()) {
        if (std::ranges::find(known, member.key) == known.end()) {
            const std::vector<std::string> names(known.begin(), known.end());
            return bad(path, member.key_position,
                       format("unknown key '{}'; allowed: {}", member.key, join(names, ", ")));
        }
        if (member.value.as_string() == nullptr)
            return bad(path, member.value.position, format("'{}' must be a text", member.key));
    }
    return {};
}

Result<Context> read_context(const std::string& path, const Value& value) {
    K3F_TRY(check_members(path, value, kContextKeys));
    const std::string name = value.string_at("name");
    auto context = parse_context(name);
    if (!context) return bad(path, value.position, context.error().message);
    context->project = value.string_at("project");
    context->state_dir = value.string_at("state-dir");
    return context;
}

Value encode(const Context& context) {
    Value value = Value::object({{"name", context.name}, {"cloud", context.cloud}});
    const auto add = [&](std::string_view key, const std::string& text) {
        if (!text.empty()) value.set(key, text);
    };
    add("profile", context.profile);
    add("region", context.region);
    add("project", context.project);
    add("state-dir", context.state_dir);
    return value;
}

}  // namespace

Result<Context> parse_context(const std::string& name) {
    if (name == "sim" || name == "sim-aws") return Context{.name = name, .cloud = name};
    const std::size_t slash = name.rfind('/');
    if (name.starts_with("aws:") && slash != std::string::npos && slash > 4 && slash + 1 < name.size())
        return Context{.name = name,
                       .cloud = "aws",
                       .profile = name.substr(4, slash - 4),
                       .region = name.substr(slash + 1)};
    return fail(ErrorCode::InvalidArgument,
                format("'{}' is no context\na context is sim or sim-aws (a simulated cluster, a simulated "
                       "account: they cost "
                       "nothing) or aws:PROFILE/REGION, for example aws:default/eu-central-1",
                       name));
}

const Context* ContextFile::find(const std::string& name) const {
    const auto it = std::ranges::find(contexts, name, &Context::name);
    return it == contexts.end() ? nullptr : &*it;
}

void ContextFile::put(Context context) {
    std::erase_if(contexts, [&](const Context& old) { return old.name == context.name; });
    contexts.push_back(std::move(context));
    std::ranges::sort(contexts, {}, &Context::name);
}

Result<ContextFile> load_contexts(const std::string& path) {
    ContextFile file;
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        if (errno == ENOENT || errno == ENOTDIR) return file;
        return fail(ErrorCode::InvalidArgument, format("cannot read {}: {}", path, system_message()));
    }
    std::ostringstream text;
    text << stream.rdbuf();
    auto parsed = yaml::parse(text.str());
    if (!parsed) return fail(ErrorCode::InvalidArgument, format("{}: {}", path, parsed.error().message));
    if (parsed->is_null()) return file;
    if (!parsed->is_object()) return bad(path, parsed->position, "expected keys and values");
    for (const Member& member : parsed->members()) {
        if (member.key == "current" && member.value.as_string() != nullptr) {
            file.current = *member.value.as_string();
        } else if (member.key == "contexts" && member.value.is_array()) {
            for (const Value& item : member.value.items()) file.put(K3F_TRY(read_context(path, item)));
        } else if (member.key == "defaults" && member.value.is_object()) {
            K3F_TRY(check_members(path, member.value, kDefaultKeys));
            for (const Member& entry : member.value.members())
                file.defaults[entry.key] = *entry.value.as_string();
        } else {
            return bad(
                path, member.key_position,
                format("'{}' is unknown or of the wrong kind; allowed: current (a text), contexts (a list), "
                       "defaults (keys and values)",
                       member.key));
        }
    }
    if (!file.current.empty() && file.chosen() == nullptr)
        return fail(
            ErrorCode::InvalidArgument,
            format("{}: the current context '{}' is not in the list\nchoose one with 'k3fleet context use'",
                   path, file.current));
    return file;
}

Status save_contexts(const std::string& path, const ContextFile& file) {
    Value document = Value::object({});
    if (!file.current.empty()) document.set("current", file.current);
    Value list = Value::array();
    for (const Context& context : file.contexts) list.push(encode(context));
    document.set("contexts", std::move(list));
    if (!file.defaults.empty()) {
        Value defaults = Value::object({});
        for (const auto& [key, text] : file.defaults) defaults.set(key, text);
        document.set("defaults", std::move(defaults));
    }
    const std::filesystem::path target(path);
    std::error_code error;
    if (!std::filesystem::exists(target.parent_path(), error)) {
        std::filesystem::create_directories(target.parent_path(), error);
        if (!error)
            std::filesystem::permissions(target.parent_path(), std::filesystem::perms::owner_all, error);
        if (error)
            return fail(
                ErrorCode::InvalidArgument,
                format("cannot make the directory {}: {}\nset XDG_CONFIG_HOME to a directory you may write",
                       target.parent_path().string(), error.message()));
    }
    // A new file that is moved into place: never half written, never readable by others.
    const std::string fresh = format("{}.{}.new", path, ::getpid());
    const std::string text = yaml::write(document);
    ::unlink(fresh.c_str());
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool written = fd >= 0 &&
                         ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(fd) == 0 && ::rename(fresh.c_str(), path.c_str()) == 0;
    const std::string why = written ? "" : system_message();
    if (fd >= 0) ::close(fd);
    if (written) return {};
    ::unlink(fresh.c_str());
    return fail(ErrorCode::InvalidArgument, format("cannot write {}: {}", path, why));
}

}  // namespace k3fleet::cli
