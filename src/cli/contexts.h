// Contexts as in kubectl: named choices of a cloud, kept in a file that only its owner can read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace k3fleet::cli {

// "sim" or "aws:PROFILE/REGION".
struct Context {
    std::string name;
    std::string cloud;
    std::string profile;    // Of aws.
    std::string region;     // Of aws.
    std::string project;    // Empty: not part of the context.
    std::string state_dir;  // Empty: not part of the context.
    friend bool operator==(const Context&, const Context&) = default;
};

// InvalidArgument on a name that is neither form.
Result<Context> parse_context(const std::string& name);

struct ContextFile {
    std::string current;            // Empty: none chosen.
    std::vector<Context> contexts;  // Sorted by name.
    // The level below contexts: project, region, output, state-dir.
    std::map<std::string, std::string> defaults;

    const Context* find(const std::string& name) const;
    const Context* chosen() const { return find(current); }
    // Adds or replaces.
    void put(Context context);
    friend bool operator==(const ContextFile&, const ContextFile&) = default;
};

// A file that does not exist is an empty one. InvalidArgument, with line and column, if it is not ours in
// shape.
Result<ContextFile> load_contexts(const std::string& path);

// Replaces the file as a whole, mode 0600, in a directory made with mode 0700.
Status save_contexts(const std::string& path, const ContextFile& file);

}  // namespace k3fleet::cli
