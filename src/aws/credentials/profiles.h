// ~/.aws/config and ~/.aws/credentials together, as the AWS CLI sees them.
//
// Profiles of both files are one: where both set a key, the credentials file counts. AWS_CONFIG_FILE and
// AWS_SHARED_CREDENTIALS_FILE name other files; a file that is not there is an empty one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials/outside.h"
#include "base/result.h"

namespace k3fleet::credentials {

struct Setting {
    std::string value;
    std::string where;                          // "/home/u/.aws/config:12".
    std::map<std::string, std::string> nested;  // Of `s3 =` with indented lines below.
};

struct Section {
    std::string name;
    std::map<std::string, Setting> settings;

    // The value, or empty: an empty value counts as not set.
    std::string get(std::string_view key) const;
    std::string nested(std::string_view key, std::string_view inner) const;
    // "/home/u/.aws/config:12" of a key that is set.
    std::string where(std::string_view key) const;
};

struct Profiles {
    std::map<std::string, Section> profiles;
    std::map<std::string, Section> sso_sessions;
    std::map<std::string, Section> services;
    std::vector<std::string> files;  // Those that are there.

    // NotFound, with the nearest names, if there is none.
    Result<Section> profile(const std::string& name) const;
    Result<Section> sso_session(const std::string& name) const;
};

// InvalidArgument: a file cannot be read as such a file, with its line. Refused: a file with secrets is open
// to others; the message says the chmod to run.
Result<Profiles> load_profiles(const Outside& outside);

// The profile to use: the one asked for by option, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else
// "default".
struct ProfileChoice {
    std::string name = "default";
    enum class By { Option, Variable, Default } by = By::Default;
};
ProfileChoice choose_profile(const Outside& outside, const std::string& option);

// "~/x" below the home directory.
std::string expand_home(const Outside& outside, const std::string& path);

}  // namespace k3fleet::credentials
