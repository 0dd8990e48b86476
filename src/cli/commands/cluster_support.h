// Clusters on AWS: what `cluster create`, `apply` and `cluster delete` share there. On the simulated cloud
// there is nothing to prepare, and they need none of this.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/cluster_setup.h"
#include "cli/commands/setup_support.h"

namespace k3fleet::cli {

// A project that was set up, as a place where clusters are prepared.
class OpenClusters {
public:
    // Refused: the project is not set up here.
    static Result<std::unique_ptr<OpenClusters>> open(const Session& session, const std::string& code_zip,
                                                      Code code);

    app::ClusterSite& site() { return *site_; }
    OpenSetup& setup() { return *setup_; }
    app::AwsSite& aws() { return setup_->aws(); }
    const model::Scope& scope() const { return setup_->scope(); }

private:
    std::unique_ptr<OpenSetup> setup_;
    std::optional<app::ClusterSite> site_;
};

struct PrepareOptions {
    std::string file;
    std::string function_code;
    bool yes = false;
    bool dry_run = false;
};
void add_options(Command& command, PrepareOptions& options);

enum class Prepare { Create, Apply };
// Done when everything is as the file says, also if it was before. With a time, watches as long as that for
// the functions to bring the cluster up.
Result<ExitCode> prepare_cluster(const Session& session, OpenClusters& open, const PrepareOptions& options,
                                 Prepare what, std::optional<Duration> watch = {});

struct DeleteOptions {
    std::string name;
    bool wait = false;
    bool dry_run = false;
    Duration timeout = std::chrono::minutes{30};
};
Result<ExitCode> delete_cluster(const Session& session, OpenClusters& open, const DeleteOptions& options);

}  // namespace k3fleet::cli
