#include "core/remote/person.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::remote {

namespace {

constexpr std::size_t kLongest = 64;  // X.509's limit of a common name.
constexpr std::size_t kLongestGroup = 63;

}  // namespace

Result<std::string> user_of(std::string_view arn) {
    // arn:aws:iam::ACCOUNT:user/PATH/NAME, arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, ...:root
    const auto parts = split(arn, ':');
    if (parts.size() < 6 || parts[0] != "arn" || (parts[2] != "iam" && parts[2] != "sts"))
        return fail(ErrorCode::InvalidArgument, format("AWS says that we are '{}', which is no person", arn));
    std::string who;
    for (std::size_t i = 5; i < parts.size(); ++i) who += (i > 5 ? ":" : "") + parts[i];
    const auto words = split(who, '/');
    if (words.front() == "user" && words.size() > 2) who = "user/" + words.back();  // A path names nobody.
    if (words.front() == "assumed-role") who = who.substr(std::string_view("assumed-").size());
    const auto fits = [](char c) {
        return is_letter_or_digit(c) || std::string_view("@._/:=,+-").contains(c);
    };
    if (who.empty() || !std::ranges::all_of(who, fits))
        return fail(ErrorCode::InvalidArgument, format("AWS says that we are '{}', which is no name", arn));
    std::string user = "aws:" + who;
    if (user.size() <= kLongest) return user;
    const std::string digest = crypto::sha256_hex(arn).substr(0, 12);
    const std::size_t kept = kLongest - std::string_view("aws:~").size() - digest.size();
    return format("aws:{}~{}", digest, who.substr(who.size() - kept));
}

Result<std::string> group_of(std::string_view given) {
    for (const std::string_view own : {kViewers, kOperators, kAdmins})
        if (given == own.substr(std::string_view("k3fleet:").size())) return std::string(own);
    if (lower(given).starts_with("system:"))
        return fail(ErrorCode::Refused,
                    format("the group {} is Kubernetes' own, and nobody gets into it by a certificate\n"
                           "for every right there is --admin: the group {}",
                           given, kAdmins));
    const auto fits = [](char c) { return is_letter_or_digit(c) || std::string_view("._:-").contains(c); };
    if (given.empty() || given.size() > kLongestGroup || !is_letter_or_digit(given.front()) ||
        !std::ranges::all_of(given, fits))
        return fail(ErrorCode::InvalidArgument,
                    format("'{}' is no group: letters, digits, '.', '_', ':' and '-', at most {}", given,
                           kLongestGroup));
    return std::string(given);
}

}  // namespace k3fleet::remote
