// Small text helpers. ASCII only: names and units here are ASCII, other text passes through untouched.
#include "base/text.h"

#include <algorithm>

namespace k3fleet {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

// Edits that turn a into b, where swapping two neighbours counts as one (optimal string alignment). Case does
// not count.
std::size_t spelling_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            const bool swapped =
                i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lower(c);
    return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text += separator;
        text += parts[i];
    }
    return text;
}

std::string join_words(const std::vector<std::string>& words, std::string_view conjunction) {
    if (words.size() < 2) return join(words, "");
    const std::vector<std::string> before(words.begin(), words.end() - 1);
    return format("{} {} {}", join(before, ", "), conjunction, words.back());
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    // Names are short; a longer word is no typing error, and the distance costs the product of the lengths.
    constexpr std::size_t kLongestWord = 128;
    if (word.empty() || word.size() > kLongestWord) return "";
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        if (candidate.empty() || candidate.size() > kLongestWord) continue;
        const auto distance = spelling_distance(word, candidate);
        if (distance >= best_distance || distance >= std::max(word.size(), candidate.size())) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

std::string counted(long long n, std::string_view singular, std::string_view plural) {
    if (n == 1 || n == -1) return format("{} {}", n, singular);
    if (plural.empty()) return format("{} {}s", n, singular);
    return format("{} {}", n, plural);
}

}  // namespace k3fleet
