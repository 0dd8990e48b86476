// Book-keeping of one reading.
#include "core/intent/session.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace k3fleet::intent {

namespace {

void in_file_order(std::vector<Problem>& problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::tie(a.position.line, a.position.column) < std::tie(b.position.line, b.position.column);
    });
}

}  // namespace

std::string parent_path(std::string_view path) {
    auto cut = path.find_last_of(".[");
    return cut == std::string_view::npos ? std::string() : std::string(path.substr(0, cut));
}

Position Session::position(const std::string& path) const {
    for (std::string at = path;; at = parent_path(at)) {
        auto found = positions_.find(at);
        if (found != positions_.end()) return found->second;
        if (at.empty()) return {1, 1};
    }
}

bool Session::sound(const std::string& path) const {
    for (auto below = unsound_.lower_bound(path); below != unsound_.end() && below->starts_with(path);
         ++below) {
        char next = below->size() > path.size() ? (*below)[path.size()] : '.';
        if (next == '.' || next == '[') return false;
    }
    return readable(path);
}

bool Session::readable(const std::string& path) const {
    for (std::string at = path;; at = parent_path(at)) {
        if (unsound_.contains(at)) return false;
        if (at.empty()) return true;
    }
}

void Session::error(std::string path, std::string message, std::string allowed, std::string remedy) {
    auto where = position(path);
    error_at(where, std::move(path), std::move(message), std::move(allowed), std::move(remedy));
}

void Session::error_at(Position where, std::string path, std::string message, std::string allowed,
                       std::string remedy) {
    unsound_.insert(path);
    errors_.push_back(
        {where, std::move(path), std::move(message), std::move(allowed), std::move(remedy), "", -1});
}

void Session::warning(std::string path, std::string message, std::string remedy) {
    auto where = position(path);
    warnings_.push_back({where, std::move(path), std::move(message), "", std::move(remedy), "", -1});
}

ReadError Session::take_errors(std::string_view text) {
    in_file_order(errors_);
    ReadError result{std::move(errors_), 0};
    if (result.problems.size() > kMaxProblems) {
        result.left_out = static_cast<int>(result.problems.size()) - kMaxProblems;
        result.problems.resize(kMaxProblems);
    }
    add_source(result.problems, text, secrets_);
    return result;
}

std::vector<Problem> Session::take_warnings(std::string_view text) {
    in_file_order(warnings_);
    add_source(warnings_, text, secrets_);
    return std::move(warnings_);
}

}  // namespace k3fleet::intent
