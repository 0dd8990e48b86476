// node user-data: what a machine would run when it starts.
#include <memory>

#include "app/clusters.h"
#include "app/node_script.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string file;
    std::string role = "worker";
    std::string pool;
    std::optional<std::string> architecture;
    std::int64_t slot = 0;
};

Result<app::ScriptRequest> as_request(const Options& options) {
    app::ScriptRequest request;
    if (options.role == "master") request.machine = app::Machine::Master;
    if (options.role == "nat") request.machine = app::Machine::Nat;
    if (options.slot < 0 || options.slot > 2)
        return fail(ErrorCode::InvalidArgument, format("--slot is {}; it must be 0, 1 or 2", options.slot));
    request.slot = static_cast<int>(options.slot);
    request.pool = options.pool;
    if (options.architecture)
        request.architecture =
            *options.architecture == "arm64" ? cost::Architecture::Arm64 : cost::Architecture::Amd64;
    return request;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const app::ClusterFile file = K3F_TRY(read_cluster_file(session, options.file));
    remark_warnings(session, file, options.file);
    const auto request = K3F_TRY(as_request(options));
    const auto script = K3F_TRY(app::node_script(file.intent, request));
    session.remark(format("{} of {} bytes when packed; account, addresses and digests are placeholders",
                          script.packed, bootstrap::kMaxUserData));
    const Value data = Value::object({{"role", options.role},
                                      {"packed_bytes", static_cast<std::int64_t>(script.packed)},
                                      {"most_bytes", static_cast<std::int64_t>(bootstrap::kMaxUserData)},
                                      {"script", script.text}});
    session.result(data, [&](Colours) { return script.text; });
    return ExitCode::Done;
}

}  // namespace

Command node_user_data() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "node user-data",
        .purpose = Purpose::Clusters,
        .summary = "Show what a machine runs when it starts",
        .about =
            "Prints the whole script that a machine of this cluster gets as user data: every file it puts in "
            "place and every program it runs. It holds no secret; a machine reads those itself. Nothing is "
            "asked of AWS: zeros stand for the account and for the digests of what is downloaded, and the "
            "tenth address of each private subnet for the masters.",
        .examples = {{"node user-data -f shop.yaml", "a worker of the first pool"},
                     {"node user-data -f shop.yaml --role master", "the master that begins the cluster"},
                     {"node user-data -f shop.yaml --role master --slot 1", "one that joins it"},
                     {"node user-data -f shop.yaml --role nat", "the way out of the private subnets"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--file", "FILE", options->file, "The cluster file; - is standard input")
        .short_name("-f")
        .required();
    command.option("--role", "ROLE", options->role, "Which machine")
        .one_of({"master", "worker", "nat"})
        .default_is("worker");
    command.option("--pool", "NAME", options->pool, "Of a worker: its pool").default_is("the first");
    command.option("--arch", "ARCH", options->architecture, "Of a worker: its architecture")
        .one_of({"amd64", "arm64"})
        .default_is("that of the pool's first type");
    command.option("--slot", "N", options->slot, "Of a master: which, from 0").default_is("0");
    return command;
}

}  // namespace k3fleet::cli
