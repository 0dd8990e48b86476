// Puts the program together: which implementation stands behind each port. The only place that names them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/backtest.h"
#include "app/sim_load.h"
#include "app/tick.h"
#include "base/result.h"
#include "core/model/intent.h"
#include "core/model/resource_names.h"
#include "ports/aws_account.h"
#include "ports/clock.h"
#include "ports/random.h"
#include "ports/remote_exec.h"
#include "ports/resources.h"
#include "ports/secrets.h"
#include "ports/wakeups.h"

namespace k3fleet::app {

// Where to find an AWS account.
struct AccountSettings {
    // Or a simulated one, which is kept in the state directory and has its own time: machines, functions and
    // their schedules go on in it while a command waits, and from one command to the next.
    enum class Where { Aws, Simulated } where = Where::Aws;
    std::string profile;  // Empty: as the AWS command chooses.
    std::string region;   // Empty: the profile's.
    std::string state_dir;
    std::function<std::string(const std::string&)> variable;  // Of the environment; empty text if unset.
    bool person_there = false;       // At the terminal, to be asked for codes of MFA devices.
    ports::AwsCallObserver on_call;  // After each call, possibly several at once; may be empty.
};

struct WireSettings {
    std::string cloud;  // "sim" or "aws"
    // Of aws: the project whose clusters are worked on. The account's number is asked for if it is empty.
    std::string project;
    std::string home_region;  // Of the project; empty: as `init` recorded it, else the region worked in.
    std::string account_id;
    AccountSettings account;
    // Whether API servers and metrics are within reach: they are inside the clusters' networks only (G-5).
    enum class Reach { Inside, Outside } reach = Reach::Inside;
    // Of sim.
    std::string state_dir;
    std::string kubeconfig;  // Empty: the simulated API server.
    std::string
        prometheus_url;  // Empty: what the cluster's file says; if that says nothing, simulated signals.
    std::optional<Timestamp> at;  // The moment decisions are made for; empty: now.
    // Real time that a simulated minute of waiting takes; 0: waiting is a jump. At least a minute when real
    // servers are asked and no moment was chosen.
    Duration pace{};
    // Of a simulated world that is made now: what it is drawn from,
    // and whether one that is there already is refused.
    std::uint64_t seed = 1;
    std::optional<SimulatedLoad> load;  // Of its clusters; empty: made up.
    bool must_be_new = false;
    std::string crash_at;  // Tests only: the probe at which the process kills itself; empty: never.
};

// Something that goes wrong in the simulated world.
struct SimulatedFault {
    std::string kind;  // One of fault_kinds().
    Timestamp at;
    Duration duration{};  // Zero: for ever, or until it has happened.
    std::string argument;
};
std::vector<std::string> fault_kinds();

// Everything outside the process, behind its ports. What belongs to no cluster is there at once; a cluster's
// own services (its API server, its metrics) are made when asked for.
class Wiring {
public:
    virtual ~Wiring() = default;
    virtual ports::Objects& objects() = 0;
    virtual ports::LoopState& state() = 0;
    virtual ports::Cloud& cloud() = 0;
    virtual ports::Clock& clock() = 0;
    virtual const model::HolderId& holder() const = 0;
    // What the site keeps of a cluster that is gone. Refused while a machine of it is alive. Idempotent.
    virtual Status forget(const model::ClusterName& cluster) = 0;
    // InvalidArgument: no such kind of fault.
    virtual Status inject(const SimulatedFault& fault) = 0;
    // Lives as long as the wiring or until forget(); the same for the same cluster.
    virtual Result<Services*> services(const model::ClusterIntent& intent) = 0;
    // Whether API servers and load can be asked from here. Those of a cluster on AWS answer inside its
    // network only: what an operator may know of them is what the cluster's function saw and recorded.
    virtual bool reaches_clusters() const { return true; }
    // Whether a cluster has more than machines: networks, roles, secrets, which somebody takes away before it
    // may be forgotten.
    virtual bool has_more_than_machines() const { return false; }
};

// Errors say which setting is wrong or what cannot be opened.
Result<std::unique_ptr<Wiring>> wire(const WireSettings& settings);

// What a function of AWS Lambda works with besides.
class FunctionSite : public Wiring {
public:
    virtual ports::Wakeups& wakeups() = 0;
    // An event said that AWS takes this instance back then: from now on the cloud shows it.
    virtual void note_interruption(const model::InstanceId& instance, Timestamp at) = 0;
};
Result<std::unique_ptr<FunctionSite>> wire_function(const WireSettings& settings);

// What the function `notifier` works with, and nothing else.
class NotifierSite {
public:
    virtual ~NotifierSite() = default;
    virtual ports::Secrets& secrets() = 0;
    virtual ports::Clock& clock() = 0;
};
Result<std::unique_ptr<NotifierSite>> wire_notifier(const AccountSettings& settings);

// InvalidArgument if files or variables contradict themselves; asks nothing of AWS yet. Clock and random must
// outlive the account.
Result<std::unique_ptr<ports::AwsAccount>> wire_account(const AccountSettings& settings, ports::Clock& clock,
                                                        ports::Random& random);

// A project in one region of an AWS account, with everything that its set-up and the preparing of its
// clusters work on besides. Nothing of it need be there yet: what lies in the project's table, bucket and
// secrets is NotFound then.
class AwsSite : public FunctionSite {
public:
    virtual ports::AwsAccount& account() = 0;
    virtual bool simulated() const = 0;  // No account that anybody pays for.
    // Account and region are those of the credentials and of the settings.
    virtual const model::Scope& scope() const = 0;
    virtual ports::Resources& resources() = 0;
    virtual ports::RemoteExec& remote() = 0;
    virtual ports::Secrets& secrets() = 0;
    virtual ports::Executor& executor() = 0;
    virtual ports::Random& random() = 0;
    // Names of the region's zones that this account may use, sorted; no Local Zones.
    virtual Result<std::vector<std::string>> zones() = 0;
    // What AWS itself publishes in the Systems Manager of the region: "/aws/service/...".
    virtual Result<std::string> public_parameter(const std::string& name) = 0;
    // A small text from the web, see local::fetch_text.
    virtual Result<std::string> fetch(const std::string& url) = 0;
};

// Asks AWS who we are. InvalidArgument: no project or region is chosen. PermissionDenied, with what to do, if
// we are nobody.
Result<std::unique_ptr<AwsSite>> wire_aws_site(const AccountSettings& settings,
                                               const model::ProjectName& project);

// Everything that may be called on AWS: needs no account.
std::vector<ports::AwsOperation> aws_operations();

// Reads recorded series from a Prometheus, with the login and the CA that the source names.
RangeReader history_reader(const model::MetricsSource& source);

// The machine's clock: for commands that work on no site.
Timestamp real_time();
std::unique_ptr<ports::Clock> real_clock();
std::unique_ptr<ports::Random> real_random();

}  // namespace k3fleet::app
