#include "core/readiness/k3s_age.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "base/toml_rows.h"

namespace k3fleet::readiness {

extern const std::string_view k3s_versions_toml;  // model/k3s-versions.toml, embedded by CMake.

namespace {

constexpr Duration kDay = std::chrono::hours{24};

// The minor version of "1.31", "1.31.4+k3s1"; -1 of anything else.
int minor_of(std::string_view version) {
    constexpr std::string_view kMajor = "1.";
    if (!version.starts_with(kMajor)) return -1;
    version.remove_prefix(kMajor.size());
    int minor = -1;
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), minor);
    const bool ends = end == version.data() + version.size() || *end == '.';
    return error == std::errc{} && ends ? minor : -1;
}

bool set_day(Timestamp& field, std::string_view text) {
    const auto day = parse_timestamp(format("{}T00:00:00Z", text));
    if (day) field = *day;
    return day.has_value();
}

bool set_field(K3sMinor& row, std::string_view key, std::string_view text) {
    if (key == "version") return (row.minor = minor_of(text)) > 0;
    if (key == "released") return set_day(row.released, text);
    if (key == "end_of_life") return set_day(row.end_of_life, text);
    return key == "source" && (text == "page" || text == "ended");
}

std::string name_of(const K3sMinor& minor) { return format("1.{}", minor.minor); }

// "1.35, 1.36 and 1.37": oldest first.
std::string maintained(const K3sVersions& versions, Timestamp now, std::string_view conjunction) {
    std::vector<std::string> names;
    for (const K3sMinor& minor : versions.minors)
        if (now < minor.end_of_life + kDay) names.insert(names.begin(), name_of(minor));
    return join_words(names, conjunction);
}

// How old the table is, if that matters; begins with a separator.
std::string age(const K3sVersions& versions, Timestamp now) {
    if (now - versions.as_of <= kOldTable) return "";
    return format("; the list of versions is {} old, of {}", to_rough_string(now - versions.as_of),
                  to_date(versions.as_of));
}

// No version of a cluster can be named here: which patches of K3s there are is not in the table.
std::string advice(const K3sVersions& versions, Timestamp now) {
    const std::string which = maintained(versions, now, "or");
    if (which.empty()) return "a newer k3fleet knows which versions are maintained";
    return format(
        "make clusters with a version of {}, as k3sVersion in their files; record it first: k3fleet "
        "init --k3s VERSION\na cluster that runs cannot be upgraded yet: make another one and move over",
        which);
}

std::string judged_old(int behind, const K3sMinor* row, const K3sVersions& versions, Timestamp now) {
    std::string text;
    if (row == nullptr)
        text = format("older than {}, of which this program knows that it is no longer maintained",
                      name_of(versions.minors.back()));
    else if (now >= row->end_of_life + kDay)
        text = format("no longer maintained since {}", to_date(row->end_of_life));
    else
        text = format("maintained until {}", to_date(row->end_of_life));
    if (behind > kMaintainedBehind)
        text += format(", {} minor versions behind {}", behind, name_of(versions.minors.front()));
    return text;
}

}  // namespace

Result<K3sVersions> parse_k3s_versions(std::string_view toml) {
    K3sVersions versions;
    const auto set = [&](std::string_view key, std::string_view value) {
        if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"')) return false;
        const std::string_view text = value.substr(1, value.size() - 2);
        return versions.minors.empty() ? key == "as_of" && set_day(versions.as_of, text)
                                       : set_field(versions.minors.back(), key, text);
    };
    K3F_TRY(read_toml_rows(toml, {.name = "minor",
                                  .what = "the versions of K3s",
                                  .begin = [&] { versions.minors.emplace_back(); },
                                  .set = set}));
    if (versions.as_of == Timestamp{} || versions.minors.empty())
        return fail(ErrorCode::Corrupt, "the versions of K3s lack their date or have no row");
    for (std::size_t i = 0; i < versions.minors.size(); ++i) {
        const K3sMinor& row = versions.minors[i];
        if (row.minor != versions.minors.front().minor - static_cast<int>(i) || row.released == Timestamp{} ||
            row.end_of_life <= row.released)
            return fail(ErrorCode::Corrupt,
                        format("row {} of the versions of K3s lacks something or is out of order", i + 1));
    }
    return versions;
}

const K3sVersions& k3s_versions() {
    static const K3sVersions versions = [] {
        auto parsed = parse_k3s_versions(k3s_versions_toml);
        K3F_CHECK(parsed.has_value(), "the embedded versions of K3s are broken");
        return std::move(*parsed);
    }();
    return versions;
}

Check check_k3s(std::string name, std::string_view version, const K3sVersions& versions, Timestamp now) {
    Check check{.name = std::move(name)};
    const int minor = minor_of(version.starts_with('v') ? version.substr(1) : version);
    const int behind = versions.minors.front().minor - minor;
    if (minor < 0 || behind < 0) {
        check.found = format("{}: not known to this program, whose newest is {} (as of {})", version,
                             name_of(versions.minors.front()), to_date(versions.as_of));
        check.fix = "a newer k3fleet may know how long it is maintained";
        return check;
    }
    const bool listed = std::cmp_less(behind, versions.minors.size());
    const K3sMinor* row = listed ? &versions.minors[static_cast<std::size_t>(behind)] : nullptr;
    const bool ended = row == nullptr || now >= row->end_of_life + kDay;
    check.found = format("{}: {}{}", version, judged_old(behind, row, versions, now), age(versions, now));
    check.result = ended || behind > kMaintainedBehind ? CheckResult::Warning : CheckResult::Ok;
    if (check.result == CheckResult::Warning) check.fix = advice(versions, now);
    return check;
}

Check maintained_k3s(const K3sVersions& versions, Timestamp now) {
    const std::string which = maintained(versions, now, "and");
    return {.name = "K3s",
            .result = CheckResult::NotChecked,
            .found = format("no cluster was looked at; maintained: {} (as of {}){}",
                            which.empty() ? "none that this program knows" : which, to_date(versions.as_of),
                            age(versions, now)),
            .fix = ""};
}

}  // namespace k3fleet::readiness
