// What several commands need: the site they work on, the cluster that is meant, and waiting with a display.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/clusters.h"
#include "app/pause.h"
#include "app/runner.h"
#include "app/sight.h"
#include "app/wire.h"
#include "cli/session.h"

namespace k3fleet::cli {

// Refused if no cloud was chosen. On AWS the settings do not count, and a command that changes anything opens
// with the account and project that it changes.
Result<std::unique_ptr<app::Wiring>> open_site(const Session& session, app::WireSettings settings = {});

bool on_aws(const Session& session);
// "AWS 123456789012 ap-southeast-1, project shop"
std::string place(const app::AwsSite& site);
std::string account(const app::AwsSite& site);  // The same without the project.
// The chosen project of the chosen account.
Result<std::unique_ptr<app::AwsSite>> open_aws(const Session& session);

// An account with the clock and the randomness that it lives on.
struct OpenAccount {
    std::unique_ptr<ports::Clock> clock;
    std::unique_ptr<ports::Random> random;
    std::unique_ptr<ports::AwsAccount> account;
};

// Which account was chosen. Refused on another cloud.
Result<app::AccountSettings> account_settings(const Session& session);

// The AWS account of the chosen profile and region, for commands that speak to AWS alone. Refused on another
// cloud. Asks nothing of AWS yet.
Result<OpenAccount> open_account(const Session& session);

// The cluster of this name; without a name the only one there is.
// InvalidArgument names them if there are several.
Result<app::ClusterFile> chosen_cluster(app::Wiring& site, const std::string& name);

// A cluster's file, checked, with what the project says where it does not.
// InvalidArgument lists its mistakes.
Result<app::ClusterFile> read_cluster_file(const Session& session, const std::string& path,
                                           const model::ProjectIntent* project = nullptr);
void remark_warnings(const Session& session, const app::ClusterFile& file, const std::string& path);

// Says so if that version of K3s gets no more fixes, or if nothing is known of it. `whose`: "K3s of cluster
// x".
void remark_old_k3s(const Session& session, const std::string& whose, const std::string& version);

// What differs between two versions of a file, as data and as a table.
Value changes_value(const std::vector<app::Change>& changes);
std::string changes_text(const std::vector<app::Change>& changes, Colours colours);

// The person at the keyboard, for the journal.
app::Doer doer(const Session& session, app::Wiring& site);

using app::Sight;
// Of the chosen cluster: see chosen_cluster.
Result<Sight> look_at(app::Wiring& site, const std::string& name);
// "as the autoscaler saw it 40s ago"; empty if everything was seen just now.
std::string seen_text(const Sight& sight);
// When what the screen shows was seen, where that was not now: RFC 3339 or null.
Value seen_value(const Sight& sight);

enum class WaitFor { Settled, Gone };
struct Wait {
    model::ClusterName cluster;
    WaitFor what = WaitFor::Settled;
    Duration timeout = std::chrono::minutes{30};
    std::string how_to_continue;  // The command that goes on where this one was stopped.
};
// Runs ticks of one cluster until it is what is waited for, with a live display. Incomplete at the timeout;
// Interrupted by Ctrl-C: both say what was left and how to go on.
Result<ExitCode> wait_with_ticks(const Session& session, app::Wiring& site, const Wait& wait);

// Ends a wait before its end, by Ctrl-C or at the timeout: says how it stands and which command goes on.
enum class Early { Interrupted, TimedOut };
ExitCode end_early(const Session& session, Early early, Duration timeout, const std::string& state,
                   const std::string& command);

// Watches what others do until the cluster is up, with a live display. Ends as wait_with_ticks.
Result<ExitCode> wait_and_watch(const Session& session, app::Wiring& site, const Wait& wait);

// "3 workers, 1 booting, 1/1 masters".
std::string in_words(const app::Overview& overview);

// "$0.0832/h"; a dash where it is not known.
std::string price_text(const app::Overview& overview);

}  // namespace k3fleet::cli
