// What holds for every command: cloud, project, region, profile, state directory, output. Each value knows
// where it came from, and the order is flag > variable > context > file > default.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "cli/contexts.h"
#include "cli/host.h"
#include "cli/table.h"

namespace k3fleet::cli {

enum class Format { Table, Json, Yaml };
enum class Verbosity { Quiet, Normal, Verbose };

// The global options as they were given.
struct GlobalFlags {
    std::optional<std::string> cloud, project, region, profile, state_dir, output;
    bool json = false;
    bool quiet = false;
    bool verbose = false;
};

// Their description, bound to `flags`, which must outlive it.
std::vector<Option> global_options(GlobalFlags& flags);

struct Setting {
    std::string value;   // Empty: not set anywhere, and there is no default.
    std::string origin;  // For people: "flag --cloud", "variable K3FLEET_CLOUD", "context sim", "default".
};

struct Settings {
    Setting cloud, project, region, profile, state_dir, output;
    Format format = Format::Table;
    Verbosity verbosity = Verbosity::Normal;
    Colours colours = Colours::Plain;  // On standard output.
    std::string config_file;           // Where contexts are kept.
};

// InvalidArgument if a variable or the file holds a value that is not allowed; names the place.
Result<Settings> resolve(const GlobalFlags& flags, const Host& host, const ContextFile& file);

// $XDG_CONFIG_HOME/k3fleet/config.yaml, else ~/.config/k3fleet/config.yaml.
Result<std::string> config_file_path(const Host& host);

}  // namespace k3fleet::cli
