// What one reading of a file has found so far: where each field stands, and what is wrong with it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "core/intent/intent.h"
#include "core/intent/problem.h"

namespace k3fleet::intent {

class Session {
public:
    Session(Kind kind, const Context& context) : kind_(kind), context_(context) {}

    const Context& context() const { return context_; }
    const cost::Catalogue& catalogue() const { return *context_.catalogue; }
    Kind kind() const { return kind_; }

    void place(const std::string& path, Position position) { positions_[path] = position; }
    // The position of the field, or of the nearest section around it that is in the file.
    Position position(const std::string& path) const;
    bool given(const std::string& path) const { return positions_.contains(path); }
    // The field, everything around it and everything in it was read without a problem.
    bool sound(const std::string& path) const;
    // The same for a list whose items are looked at one by one: what is wrong within it does not count.
    bool readable(const std::string& path) const;

    void error(std::string path, std::string message, std::string allowed, std::string remedy);
    void error_at(Position position, std::string path, std::string message, std::string allowed,
                  std::string remedy);
    void warning(std::string path, std::string message, std::string remedy);
    // From here to the end of the line nothing is shown to anybody.
    void hide(Position position) { secrets_.push_back(position); }
    bool found_secrets() const { return !secrets_.empty(); }

    // The findings in the order of the file, with their source lines.
    ReadError take_errors(std::string_view text);
    std::vector<Problem> take_warnings(std::string_view text);
    bool failed() const { return !errors_.empty(); }

private:
    Kind kind_;
    const Context& context_;
    std::map<std::string, Position> positions_;
    std::set<std::string> unsound_;
    std::vector<Problem> errors_;
    std::vector<Problem> warnings_;
    std::vector<Position> secrets_;
};

// "spec.pools[1]" of "spec.pools[1].max"; empty for the outermost.
std::string parent_path(std::string_view path);

}  // namespace k3fleet::intent
