// Rules for names, places, versions and instance types.
// Those for networks and credentials are in rules_net.cc.
#include "core/intent/rules.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "core/intent/problem.h"

namespace k3fleet::intent {

namespace {

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

std::string quoted(std::string_view text) { return "\"" + visible(text) + "\""; }

// The nearest name that a person may have meant: lower case, '-' for what is not allowed.
std::string as_label(std::string_view text, std::size_t most) {
    std::string label;
    for (char c : text) {
        const char small = lower(c);
        if (is_small(small) || digit(small))
            label += small;
        else if (!label.empty() && label.back() != '-')
            label += '-';
    }
    while (!label.empty() && !is_small(label.front())) label.erase(0, 1);
    label = label.substr(0, most);
    while (!label.empty() && label.back() == '-') label.pop_back();
    return label;
}

std::string use(std::string_view text) { return text.empty() ? "" : format("use \"{}\"", text); }

// A DNS label (RFC 1123) that begins with a letter, as CloudFormation and IAM names want.
std::optional<Complaint> check_label(std::string_view text, std::size_t most) {
    auto remedy = use(as_label(text, most));
    if (text.size() > most)
        return Complaint{
            format("{} has {} characters, {} more than fit", quoted(text), text.size(), text.size() - most),
            remedy};
    auto foreign =
        std::find_if(text.begin(), text.end(), [](char c) { return !is_small(c) && !digit(c) && c != '-'; });
    if (foreign != text.end()) {
        if (*foreign >= 'A' && *foreign <= 'Z')
            return Complaint{format("{} has capital letters", quoted(text)), remedy};
        if (static_cast<unsigned char>(*foreign) >= 0x80)
            return Complaint{format("{} has letters outside a-z", quoted(text)), remedy};
        return Complaint{format("{} has the character '{}'", quoted(text), visible({&*foreign, 1})), remedy};
    }
    if (!is_small(text.front()))
        return Complaint{format("{} does not begin with a letter", quoted(text)), remedy};
    if (text.back() == '-') return Complaint{format("{} ends with '-'", quoted(text)), remedy};
    return std::nullopt;
}

// Beginnings that an AWS service refuses for one of the names derived from a project or cluster.
std::optional<Complaint> check_aws_prefix(std::string_view text) {
    struct Reserved {
        std::string_view prefix, why;
    };
    for (auto [prefix, why] :
         std::array{Reserved{"aws", "SSM keeps document names that begin with \"aws\" for itself"},
                    Reserved{"amazon", "SSM keeps document names that begin with \"amazon\" for itself"},
                    Reserved{"amzn", "SSM and S3 keep names that begin with \"amzn\" for themselves"},
                    Reserved{"sg-", "EC2 takes no security group name that begins with \"sg-\""},
                    Reserved{"xn--", "S3 takes no bucket name that begins with \"xn--\""},
                    Reserved{"sthree-", "S3 takes no bucket name that begins with \"sthree-\""}})
        if (text.starts_with(prefix))
            return Complaint{format("{} cannot be used: {}", quoted(text), why),
                             "choose another beginning; AWS names are made from this one"};
    return std::nullopt;
}

std::optional<Complaint> check_project_name(std::string_view text, const cost::Catalogue&) {
    if (auto wrong = check_label(text, kMaxProjectName)) return wrong;
    return check_aws_prefix(text);
}

std::optional<Complaint> check_cluster_name(std::string_view text, const cost::Catalogue&) {
    if (auto wrong = check_label(text, kMaxPrefix)) return wrong;
    return check_aws_prefix(text);
}

std::optional<Complaint> check_pool_name(std::string_view text, const cost::Catalogue&) {
    return check_label(text, 40);
}

const std::vector<std::string>& regions() {
    static const std::vector<std::string> kRegions = {
        "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
        "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
        "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
        "ca-central-1",   "ca-west-1",      "eu-central-1",   "eu-central-2",   "eu-north-1",
        "eu-south-1",     "eu-south-2",     "eu-west-1",      "eu-west-2",      "eu-west-3",
        "il-central-1",   "me-central-1",   "me-south-1",     "mx-central-1",   "sa-east-1",
        "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2"};
    return kRegions;
}

bool region_syntax(std::string_view text) {
    auto parts = split(text, '-');
    if (parts.size() != 3 || parts[0].size() != 2 || !is_small(parts[0][0]) || !is_small(parts[0][1]))
        return false;
    constexpr std::array<std::string_view, 9> kDirections = {
        "north", "south", "east", "west", "central", "northeast", "southeast", "northwest", "southwest"};
    if (std::find(kDirections.begin(), kDirections.end(), parts[1]) == kDirections.end()) return false;
    return parts[2].size() == 1 && parts[2][0] >= '1' && parts[2][0] <= '9';
}

bool zone_of_region(std::string_view text) {
    return text.size() > 1 && is_small(text.back()) && region_syntax(text.substr(0, text.size() - 1));
}

std::optional<Complaint> check_region(std::string_view text, const cost::Catalogue&) {
    constexpr std::string_view kStandard =
        "choose a region of the standard partition (aws), such as ap-southeast-1 or us-east-1";
    if (text.starts_with("cn-"))
        return Complaint{
            format("{} is in AWS China (partition aws-cn), which this release does not support: its "
                   "accounts, ARNs and endpoints are separate",
                   quoted(text)),
            std::string(kStandard)};
    if (text.starts_with("us-gov-"))
        return Complaint{
            format("{} is in AWS GovCloud (partition aws-us-gov), which this release does not support: "
                   "its accounts, ARNs and endpoints are separate",
                   quoted(text)),
            std::string(kStandard)};
    if (zone_of_region(text))
        return Complaint{format("{} is an availability zone, not a region", quoted(text)),
                         use(text.substr(0, text.size() - 1))};
    if (region_syntax(text)) return std::nullopt;
    auto meant = nearest(text, regions());
    return Complaint{format("{} is not the name of an AWS region", quoted(text)),
                     meant.empty()
                         ? "see https://docs.aws.amazon.com/general/latest/gr/rande.html for the names"
                         : format("did you mean \"{}\"?", meant)};
}

std::optional<Complaint> check_zone(std::string_view text, const cost::Catalogue&) {
    if (zone_of_region(text)) return std::nullopt;
    if (region_syntax(text))
        return Complaint{format("{} is a region, not an availability zone", quoted(text)),
                         format("add the letter of the zone: \"{}a\"", text)};
    return Complaint{format("{} is not the name of an availability zone", quoted(text)),
                     "write the region and one letter; local and wavelength zones are not supported"};
}

std::optional<Complaint> check_instance_type(std::string_view text, const cost::Catalogue& catalogue) {
    if (catalogue.find(text)) return std::nullopt;
    auto meant = nearest(text, catalogue.names());
    return Complaint{
        format("{} is not among the {} instance types k3fleet knows", quoted(text), catalogue.size()),
        meant.empty() ? "write it as EC2 does, family and size: t4g.small, m7i.large"
                      : format("did you mean \"{}\"?", meant)};
}

// Takes digits off the front; empty if there are none or more than four.
std::string_view take_number(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && digit(text[n])) ++n;
    auto number = text.substr(0, n);
    text.remove_prefix(n);
    return number;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool plain_number(std::string_view text) {
    return !text.empty() && text.size() <= 3 && (text.size() == 1 || text.front() != '0');
}

bool k3s_syntax(std::string_view text) {
    if (!take(text, "v1.")) return false;
    auto minor = take_number(text);
    if (minor.size() != 2 || minor.front() == '0' || !take(text, ".")) return false;
    auto patch = take_number(text);
    if (!plain_number(patch) || !take(text, "+k3s")) return false;
    auto build = take_number(text);
    return plain_number(build) && build != "0" && text.empty();
}

// The version a person may have meant by a near miss, or empty.
std::string k3s_meant(std::string_view text) {
    std::string meant(text);
    if (!meant.starts_with('v')) meant = "v" + meant;
    if (auto dash = meant.find("-k3s"); dash != std::string::npos) meant[dash] = '+';
    if (!meant.contains("+k3s")) meant += "+k3s1";
    return k3s_syntax(meant) ? meant : "";
}

std::optional<Complaint> check_k3s_version(std::string_view text, const cost::Catalogue&) {
    if (k3s_syntax(text)) return std::nullopt;
    constexpr std::string_view kList = "see https://github.com/k3s-io/k3s/releases for the versions";
    if (text == "latest" || text == "stable" || text.starts_with("stable") || text.starts_with("latest"))
        return Complaint{
            format("{} is a channel: two nodes made on different days would get different versions",
                   quoted(text)),
            std::string(kList)};
    if (text.contains("-rc"))
        return Complaint{format("{} is a release candidate", quoted(text)), "choose a released version"};
    auto meant = k3s_meant(text);
    std::string message = format("{} is not a K3s version", quoted(text));
    if (!meant.empty() && !text.contains("k3s")) message += ": the build of K3s (+k3sN) is missing";
    return Complaint{message, meant.empty() ? std::string(kList) : use(meant)};
}

// A Kubernetes name segment: [A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?, at most 63.
bool name_segment(std::string_view text) {
    if (text.empty() || text.size() > 63 || !is_letter_or_digit(text.front()) ||
        !is_letter_or_digit(text.back()))
        return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

bool dns_subdomain(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    for (const auto& label : split(text, '.')) {
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::all_of(label.begin(), label.end(),
                         [](char c) { return is_small(c) || digit(c) || c == '-'; }))
            return false;
    }
    return true;
}

bool qualified_name(std::string_view text) {
    auto slash = text.find('/');
    if (slash == std::string_view::npos) return name_segment(text);
    return dns_subdomain(text.substr(0, slash)) && name_segment(text.substr(slash + 1));
}

bool below(std::string_view domain, std::string_view parent) {
    return domain == parent || (domain.ends_with(parent) && domain.size() > parent.size() &&
                                domain[domain.size() - parent.size() - 1] == '.');
}

// What the kubelet does not let a node say about itself (NodeRestriction), and what k3fleet says itself.
std::optional<Complaint> check_reserved_prefix(std::string_view text) {
    auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto domain = text.substr(0, slash);
    if (below(domain, "k3fleet.dev") || below(domain, "k3s.io"))
        return Complaint{format("{} is set by k3fleet or K3s itself", quoted(text)),
                         "use a prefix of your own, such as example.com/team"};
    bool kubernetes = below(domain, "kubernetes.io") || below(domain, "k8s.io");
    bool open = below(domain, "node.kubernetes.io") || below(domain, "kubelet.kubernetes.io");
    if (kubernetes && !open)
        return Complaint{
            format("a node may not give itself {}: Kubernetes reserves that prefix", quoted(text)),
            "use node.kubernetes.io/… or a prefix of your own"};
    return std::nullopt;
}

std::optional<Complaint> check_label_key(std::string_view text, const cost::Catalogue&) {
    if (!qualified_name(text))
        return Complaint{
            format("{} is not a label name", quoted(text)),
            "write [prefix/]name: the prefix a DNS name, the name of letters, digits, '-', '_' and '.'"};
    return check_reserved_prefix(text);
}

std::optional<Complaint> check_label_value(std::string_view text, const cost::Catalogue&) {
    if (text.empty() || name_segment(text)) return std::nullopt;
    return Complaint{format("{} is not a label value", quoted(text)),
                     text.size() > 63
                         ? "shorten it to 63 characters"
                         : "begin and end with a letter or digit; between them also '-', '_' and '.'"};
}

std::optional<Complaint> check_taint(std::string_view text, const cost::Catalogue& catalogue) {
    auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return Complaint{format("{} has no effect", quoted(text)),
                         format("write \"{}:NoSchedule\"", visible(text))};
    auto effect = text.substr(colon + 1);
    const std::vector<std::string> effects = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
    if (std::find(effects.begin(), effects.end(), effect) == effects.end()) {
        auto meant = nearest(effect, effects);
        return Complaint{format("{} is not an effect of a taint", quoted(effect)),
                         meant.empty() ? "use NoSchedule, PreferNoSchedule or NoExecute"
                                       : format("did you mean \"{}\"?", meant)};
    }
    auto rest = text.substr(0, colon);
    auto equals = rest.find('=');
    if (auto wrong = check_label_key(rest.substr(0, equals), catalogue)) return wrong;
    if (equals == std::string_view::npos) return std::nullopt;
    return check_label_value(rest.substr(equals + 1), catalogue);
}

std::optional<Complaint> check_metric_name(std::string_view text, const cost::Catalogue&) {
    for (auto* builtin : {"cpu", "memory", "pending"})
        if (text == builtin)
            return Complaint{format("\"{}\" is one of the built-in signals", text),
                             format("use \"my-{}\"", text)};
    bool fits = text.size() <= 63 && is_small(text.front()) &&
                std::all_of(text.begin(), text.end(),
                            [](char c) { return is_small(c) || digit(c) || c == '-' || c == '_'; });
    if (fits) return std::nullopt;
    return Complaint{format("{} is not a name for a metric", quoted(text)), use(as_label(text, 63))};
}

}  // namespace

Status obey(const TextRule& rule, std::string_view text) {
    if (rule.most > 0 && text.size() > rule.most)
        return fail(ErrorCode::InvalidArgument,
                    format("this has {} characters; allowed: {}", text.size(), rule.allowed));
    if (const auto complaint = rule.check(text, cost::Catalogue::builtin()))
        return fail(ErrorCode::InvalidArgument, format("{}\n{}", complaint->message, complaint->remedy));
    return {};
}

bool known_region(std::string_view region) {
    return std::find(regions().begin(), regions().end(), region) != regions().end();
}

const TextRule kProjectName{"lower-case letters, digits and '-', begins with a letter, at most 25 characters",
                            "^[a-z]([a-z0-9-]*[a-z0-9])?$", kMaxProjectName, "node-fleet",
                            check_project_name};
const TextRule kClusterName{"lower-case letters, digits and '-', begins with a letter, at most 28 characters",
                            "^[a-z]([a-z0-9-]*[a-z0-9])?$", kMaxPrefix, "shop", check_cluster_name};
const TextRule kPoolName{"lower-case letters, digits and '-', begins with a letter, at most 40 characters",
                         "^[a-z]([a-z0-9-]*[a-z0-9])?$", 40, "default", check_pool_name};
const TextRule kRegion{
    "a region of AWS's standard partition, such as ap-southeast-1",
    "^[a-z]{2}-(north|south|east|west|central|northeast|southeast|northwest|southwest)-[1-9]$", 14,
    "ap-southeast-1", check_region};
const TextRule kZone{
    "an availability zone, such as ap-southeast-1a",
    "^[a-z]{2}-(north|south|east|west|central|northeast|southeast|northwest|southwest)-[1-9][a-z]$", 15,
    "ap-southeast-1a", check_zone};
const TextRule kInstanceType{"an EC2 instance type, such as t4g.medium", "^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", 40,
                             "t4g.medium", check_instance_type};
const TextRule kK3sVersion{"a released K3s version in full: v1.NN.N+k3sN",
                           "^v1\\.[1-9][0-9]\\.(0|[1-9][0-9]{0,2})\\+k3s[1-9][0-9]{0,2}$", 24, "v1.36.1+k3s1",
                           check_k3s_version};
const TextRule kLabelKey{"a Kubernetes label name: [prefix/]name",
                         "^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$", 317, "team",
                         check_label_key};
const TextRule kLabelValue{"a Kubernetes label value: at most 63 letters, digits, '-', '_' and '.'",
                           "^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$", 63, "shop",
                           check_label_value};
const TextRule kTaint{
    "key=value:Effect or key:Effect; Effect is NoSchedule, PreferNoSchedule or NoExecute",
    "^[A-Za-z0-9][A-Za-z0-9_./-]*(=[A-Za-z0-9_.-]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$", 400,
    "dedicated=batch:NoSchedule", check_taint};
const TextRule kMetricName{
    "lower-case letters, digits, '-' and '_', begins with a letter, at most 63 characters",
    "^[a-z][a-z0-9_-]{0,62}$", 63, "queue-depth", check_metric_name};

}  // namespace k3fleet::intent
