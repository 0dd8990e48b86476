// backtest: what policies would have done on a recorded load.
#include "app/backtest.h"

#include <memory>

#include "app/clusters.h"
#include "app/wire.h"
#include "base/text.h"
#include "cli/backtest_view.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string file;
    std::string history;
    std::string unit = "scaled";
    std::optional<double> nodes;
    std::optional<double> cores_per_request;
    std::optional<Duration> last;
    std::optional<Duration> gap;
    std::optional<Duration> boot;
    std::optional<Duration> patience;
    std::optional<double> usable;
    std::optional<double> price;
    std::optional<double> spot_price;
};

backtest::Unit unit_of(const std::string& word) {
    if (word == "cores") return backtest::Unit::Cores;
    if (word == "percent") return backtest::Unit::Percent;
    if (word == "requests") return backtest::Unit::Requests;
    return backtest::Unit::Scaled;
}

app::BacktestOptions to_options(const Options& given) {
    app::BacktestOptions options{.history = given.history,
                                 .demand = {.unit = unit_of(given.unit),
                                            .nodes = given.nodes,
                                            .cores_per_request = given.cores_per_request,
                                            .gap_limit = given.gap,
                                            .last = given.last},
                                 .boot = given.boot,
                                 .patience = given.patience,
                                 .usable_percent = given.usable,
                                 .now = app::real_time()};
    if (given.price) options.price = UsdPerHour::from_dollars(*given.price);
    if (given.spot_price) options.spot_price_percent = *given.spot_price;
    return options;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const app::ClusterFile file = K3F_TRY(read_cluster_file(session, options.file));
    remark_warnings(session, file, options.file);
    const auto report = K3F_TRY(
        app::run_backtest(file.intent, to_options(options), app::history_reader(file.intent.metrics)));
    session.result(backtest_document(report),
                   [&](Colours colours) { return render_backtest(report, colours); });
    return ExitCode::Done;
}

void describe_options(Command& command, Options& options) {
    command.option("--file", "FILE", options.file, "The cluster file: pools, types and policy")
        .short_name("-f")
        .required();
    command
        .option("--history", "SOURCE", options.history,
                "The load: csv:FILE, csv:FILE#COLUMN, prometheus:URL?query=PROMQL, or synthetic:SEED")
        .required();
    command.option("--unit", "UNIT", options.unit, "What the numbers are")
        .one_of({"scaled", "cores", "percent", "requests"})
        .default_is("scaled");
    command.option("--nodes", "NUMBER", options.nodes,
                   "scaled: nodes that the 99th percentile needs (default 0.7 * max); percent: nodes it was "
                   "measured on");
    command.option("--cores-per-request", "NUMBER", options.cores_per_request,
                   "requests: core-seconds each one takes");
    command.option("--last", "DURATION", options.last, "Only the newest part of the history")
        .default_is("all of it");
    command.option("--gap", "DURATION", options.gap,
                   "Longer gaps in the history are not known, shorter ones bridged");
    command.option("--boot", "DURATION", options.boot, "From launch to Ready");
    command.option("--patience", "DURATION", options.patience, "How long work waits before it is lost");
    command.option("--usable", "PERCENT", options.usable, "Share of a node that work can use");
    command.option("--price", "USD", options.price, "Price of a node an hour, where the catalogue has none");
    command.option("--spot-price", "PERCENT", options.spot_price, "Price on spot, of on demand")
        .default_is("40");
}

}  // namespace

Command backtest_command() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "backtest",
        .purpose = Purpose::Scaling,
        .summary = "Show what policies would have done on your load",
        .about =
            "Takes a recorded load and calls the same decision that production calls, slot by slot: what it "
            "would "
            "have cost, how much work would have waited, how often it would have changed its mind; beside a "
            "fixed "
            "size, the rule this project began with, and the rules of other autoscalers. Reads only; needs "
            "no "
            "account and no cluster.",
        .examples = {{"backtest -f shop.yaml --history csv:load.csv --unit cores",
                      "cores in use, from a file"},
                     {"backtest -f shop.yaml --history synthetic:7",
                      "a made-up week, to see what it looks like"},
                     {"backtest -f shop.yaml --history "
                      "'prometheus:http://127.0.0.1:9090?query=sum(rate(x[5m]))' --last 7d",
                      "from your Prometheus"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    describe_options(command, *options);
    return command;
}

}  // namespace k3fleet::cli
