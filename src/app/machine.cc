#include "app/machine.h"

#include <charconv>

#include "base/text.h"

namespace k3fleet::app {

bool plugin_suffices(std::string_view version) {
    const auto oldest = split(kOldestPlugin, '.');
    const auto parts = split(version, '.');
    for (std::size_t i = 0; i < oldest.size(); ++i) {
        const auto number = [&](const std::vector<std::string>& words) {
            int value = -1;
            if (i < words.size()) std::from_chars(words[i].data(), words[i].data() + words[i].size(), value);
            return value;
        };
        if (number(parts) != number(oldest)) return number(parts) > number(oldest);
    }
    return true;
}

std::string plugin_advice() {
    return format(
        "install AWS's Session Manager plugin, {} or newer:\n"
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
        "session-manager-working-with-install-plugin.html",
        kOldestPlugin);
}

Result<std::string> usable_plugin() {
    const auto version = plugin_version();
    if (!version)
        return fail(ErrorCode::Refused, format("this needs the program session-manager-plugin: {}\n{}",
                                               version.error().message, plugin_advice()));
    if (plugin_suffices(*version)) return version;
    return fail(ErrorCode::Refused,
                format("session-manager-plugin {} is too old: it would be given the session's token as an "
                       "argument, where everybody on this machine sees it\n{}",
                       *version, plugin_advice()));
}

}  // namespace k3fleet::app
