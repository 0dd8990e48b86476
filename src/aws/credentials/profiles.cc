#include "aws/credentials/profiles.h"

#include <array>

#include "aws/credentials/ini.h"
#include "base/text.h"

namespace k3fleet::credentials {
namespace {

constexpr std::array<std::string_view, 2> kSecretKeys = {"aws_secret_access_key", "aws_session_token"};

struct Named {
    std::string kind;  // "profile", "sso-session", "services"; empty for anything else.
    std::string name;
    bool prefixed = false;
};

// In the config file profiles other than the default say so: [profile dev].
Named name_in_config(const std::string& section) {
    if (section == "default") return {"profile", section};
    const auto words = split_words(section);
    if (!words || words->size() != 2) return {};
    const std::string& kind = words->front();
    if (kind != "profile" && kind != "sso-session" && kind != "services") return {};
    return {kind, words->back(), true};
}

void add(Section& into, const IniSection& section, const std::string& file) {
    for (const auto& [key, value] : section.values)
        into.settings[key] = {
            .value = value.text, .where = format("{}:{}", file, value.line), .nested = value.nested};
}

Result<std::vector<IniSection>> read_sections(const Outside& outside, const std::string& path,
                                              Profiles& profiles) {
    if (path.empty()) return std::vector<IniSection>();
    const auto file = outside.read_file(path);
    if (!file) {
        if (file.error().code == ErrorCode::NotFound) return std::vector<IniSection>();
        return std::unexpected(file.error());
    }
    profiles.files.push_back(path);
    auto sections = K3F_TRY(parse_ini(file->content, path));
    if (!file->open_to_others) return sections;
    for (const auto& section : sections) {
        for (const auto key : kSecretKeys) {
            const auto secret = section.values.find(std::string(key));
            if (secret != section.values.end())
                return fail(ErrorCode::Refused,
                            format("{} holds a secret (line {}) and others may read it; run: chmod 600 {}",
                                   path, secret->second.line, path));
        }
    }
    return sections;
}

std::string path_of(const Outside& outside, const std::string& variable, const std::string& otherwise) {
    const std::string given = outside.variable(variable);
    if (!given.empty()) return expand_home(outside, given);
    return outside.home.empty() ? "" : outside.home + otherwise;
}

Result<Section> find(const std::map<std::string, Section>& sections, const std::string& name,
                     const std::string& kind, const std::vector<std::string>& files) {
    if (const auto found = sections.find(name); found != sections.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [known, section] : sections) names.push_back(known);
    const std::string meant = nearest(name, names);
    return fail(ErrorCode::NotFound,
                format("there is no {} '{}' in {}{}", kind, name,
                       files.empty() ? "~/.aws/config (no such file)" : join(files, " and "),
                       meant.empty() ? "" : format("; did you mean '{}'?", meant)));
}

}  // namespace

std::string Section::get(std::string_view key) const {
    const auto found = settings.find(std::string(key));
    return found == settings.end() ? "" : found->second.value;
}

std::string Section::nested(std::string_view key, std::string_view inner) const {
    const auto found = settings.find(std::string(key));
    if (found == settings.end()) return "";
    const auto value = found->second.nested.find(std::string(inner));
    return value == found->second.nested.end() ? "" : value->second;
}

std::string Section::where(std::string_view key) const {
    const auto found = settings.find(std::string(key));
    return found == settings.end() ? "" : found->second.where;
}

Result<Section> Profiles::profile(const std::string& name) const {
    return find(profiles, name, "profile", files);
}

Result<Section> Profiles::sso_session(const std::string& name) const {
    return find(sso_sessions, name, "sso-session", files);
}

std::string expand_home(const Outside& outside, const std::string& path) {
    if (outside.home.empty() || (path != "~" && !path.starts_with("~/"))) return path;
    return outside.home + path.substr(1);
}

Result<Profiles> load_profiles(const Outside& outside) {
    Profiles profiles;
    const std::string config = path_of(outside, "AWS_CONFIG_FILE", "/.aws/config");
    const std::string shared = path_of(outside, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
    const auto in_config = K3F_TRY(read_sections(outside, config, profiles));
    const auto in_shared = K3F_TRY(read_sections(outside, shared, profiles));
    // [profile default] is stronger than [default], so it is added later.
    for (const bool prefixed : {false, true}) {
        for (const auto& section : in_config) {
            const Named named = name_in_config(section.name);
            if (named.kind.empty() || named.prefixed != prefixed) continue;
            auto& kind = named.kind == "profile"       ? profiles.profiles
                         : named.kind == "sso-session" ? profiles.sso_sessions
                                                       : profiles.services;
            add(kind[named.name], section, config);
        }
    }
    for (const auto& section : in_shared) add(profiles.profiles[section.name], section, shared);
    for (auto* kind : {&profiles.profiles, &profiles.sso_sessions, &profiles.services})
        for (auto& [name, section] : *kind) section.name = name;
    return profiles;
}

ProfileChoice choose_profile(const Outside& outside, const std::string& option) {
    if (!option.empty()) return {option, ProfileChoice::By::Option};
    for (const char* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
        if (auto name = outside.variable(variable); !name.empty())
            return {std::move(name), ProfileChoice::By::Variable};
    return {};
}

}  // namespace k3fleet::credentials
