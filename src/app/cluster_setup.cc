#include "app/cluster_setup.h"

#include <algorithm>
#include <array>
#include <set>

#include "app/pins.h"
#include "app/policies.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/resources/kinds.h"

namespace k3fleet::app {

namespace {

namespace names = model::names;
using resources::ChangePlan;
using resources::Graph;
using resources::LogicalId;
using resources::Verb;

constexpr Duration kLookAgain = std::chrono::seconds{10};
// A controller that was killed keeps its lease for 315 s.
constexpr Duration kLongestLease = std::chrono::minutes{6};

// Of the account's set-up, what clusters cannot be made without.
constexpr auto kGround = std::to_array<std::string_view>(
    {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::Lambda::Function",
     "AWS::SNS::Topic", "AWS::KMS::Key", "AWS::Scheduler::ScheduleGroup"});

// What machines stand on while they live.
constexpr auto kBelowMachines = std::to_array<std::string_view>(
    {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NetworkInterface", "AWS::EC2::SecurityGroup"});

model::Scope scope_of(const ClusterSite& site, const model::ClusterName& name) {
    model::Scope scope = site.account.scope;
    scope.cluster = name;
    return scope;
}

std::unexpected<Error> not_set_up(const ClusterSite& site) {
    const model::Scope& s = site.account.scope;
    return fail(
        ErrorCode::Refused,
        format("project {} is not set up in {}\nset it up first: k3fleet init --project {} --region {}",
               s.project.str(), s.region, s.project.str(), s.region));
}

// The project's clusters with this one or without it, sorted.
using Names = std::vector<model::ClusterName>;
Result<Names> clusters_besides(ports::Survey& survey, const model::ClusterName& name) {
    auto clusters = K3F_TRY(survey.clusters());
    std::erase(clusters, name);
    return clusters;
}

Result<Names> clusters_with(ports::Survey& survey, const model::ClusterName& name) {
    auto clusters = K3F_TRY(clusters_besides(survey, name));
    clusters.insert(std::ranges::lower_bound(clusters, name), name);
    return clusters;
}

// What of the account's set-up says which clusters there are.
std::set<LogicalId> naming_clusters(const Graph& some, const Graph& none) {
    std::set<LogicalId> ids;
    for (const auto& resource : some.resources) {
        const auto* same = none.find(resource.id);
        if (same == nullptr || json::write(same->properties) != json::write(resource.properties))
            ids.insert(resource.id);
    }
    return ids;
}

// Fills in what of the account is to be changed when these are its clusters. A cluster cannot be made on an
// account that lacks something, but it can be taken away from it.
enum class Ground { Needed, AsItIs };
Status plan_rights(ClusterSite& site, const std::vector<model::ClusterName>& clusters, ports::Survey& survey,
                   ClusterPlan& plan, Ground ground) {
    const Graph none = K3F_TRY(site.account_graph({}));
    const Names named = K3F_TRY(clusters_with(survey, plan.file.intent.name));
    Graph all = K3F_TRY(site.account_graph(named));
    const std::set<LogicalId> ids = naming_clusters(all, none);
    const bool with_it = contains(clusters, plan.file.intent.name);
    Graph wanted = with_it ? std::move(all) : clusters.empty() ? none : K3F_TRY(site.account_graph(clusters));
    plan.rights = K3F_TRY(plan_setup(site.account, std::move(wanted), survey));
    const ChangePlan& whole = plan.rights.plan;
    std::set<std::size_t> chosen;
    for (std::size_t i = 0; i < whole.changes.size(); ++i) {
        const resources::Change& change = whole.changes[i];
        const bool lacking = change.verb == Verb::Create && contains(kGround, change.type);
        if (lacking && ground == Ground::Needed) return not_set_up(site);
        if (!lacking && ids.contains(change.id)) chosen.insert(i);
    }
    plan.otherwise = whole.changes.size() - chosen.size();
    plan.rights.plan = resources::part_of(whole, chosen);
    plan.rights.prices.clear();
    return {};
}

Result<Graph> graph_of(const ClusterSite& site, const model::ClusterIntent& intent, const ClusterPlan& plan) {
    resources::ClusterInput input{.scope = scope_of(site, intent.name),
                                  .intent = intent,
                                  .managed_by = site.project.managed_by,
                                  .zones = site.zones,
                                  .code = site.code};
    input.policy = policies_for(
        {.scope = input.scope, .clusters = {intent.name}, .keys = resources::keys_of(site.project.keys)});
    const auto key = plan.rights.sight.there.find(LogicalId("Key"));
    if (site.project.keys == model::KeyOwner::Customer && key != plan.rights.sight.there.end())
        input.key_arn = key->second.attributes.string_at("Arn");
    return resources::cluster_graph(input);
}

Status check_place(const ClusterSite& site, const model::ClusterIntent& intent) {
    const model::Scope& here = site.account.scope;
    if (intent.project != here.project)
        return fail(
            ErrorCode::InvalidArgument,
            format("cluster {} belongs to project {}, and this is project {}\nadd --project {}",
                   intent.name.str(), intent.project.str(), here.project.str(), intent.project.str()));
    if (intent.region != here.region)
        return fail(ErrorCode::InvalidArgument,
                    format("cluster {} is for {}, and this is {}\nadd --region {}", intent.name.str(),
                           intent.region, here.region, intent.region));
    for (const std::string& zone : intent.zones)
        if (!contains(site.zones, zone))
            return fail(ErrorCode::InvalidArgument, format("this account has no zone {}\nzones of {}: {}",
                                                           zone, here.region, join(site.zones, ", ")));
    return {};
}

Status check_version(ClusterSite& site, const std::string& version) {
    const auto pins = load_pins(site.objects, version);
    if (pins) return {};
    if (pins.error().code != ErrorCode::NotFound) return std::unexpected(pins.error());
    return fail(ErrorCode::Refused,
                format("what machines of K3s {} are made of is not recorded\nrecord it first: k3fleet init "
                       "--project {} --k3s {}",
                       version, site.account.scope.project.str(), version));
}

// What would be asked for and could not be done while the cluster lives.
Status check_change(const model::ClusterIntent& from, const model::ClusterIntent& to) {
    if (from.network.egress != to.network.egress)
        return fail(
            ErrorCode::Refused,
            format("the way out of cluster {} (network.egress, which mode: ha changes, too, where the "
                   "file does not say it) cannot be changed while it stands\nkeep it in the file, or "
                   "make another cluster, move over, and delete this one",
                   to.name.str()));
    if (to.masters() < from.masters())
        return fail(ErrorCode::Refused,
                    format("cluster {} has {} masters, and none can be taken away: what they agree on needs "
                           "most of them\nmake another cluster, move over, and delete this one",
                           to.name.str(), from.masters()));
    return {};
}

Result<bool> token_missing(ClusterSite& site, const model::ClusterName& name) {
    return !K3F_TRY(site.secrets.get(names::server_secret(scope_of(site, name))));
}

std::vector<resources::PriceLine> costs(const Graph& graph, const model::ClusterIntent& intent) {
    auto lines = resources::price_lines(graph);
    for (auto& line : resources::machine_lines(intent)) lines.push_back(std::move(line));
    return lines;
}

Result<ClusterPlan> plan_file(ClusterSite& site, const ClusterFile& file, std::optional<ClusterFile> stored) {
    ClusterPlan plan{.file = file, .stored = std::move(stored)};
    if (plan.stored) plan.changes = changes(plan.stored->intent, file.intent);
    const auto survey = K3F_TRY(survey_project(site.account));
    const Names clusters = K3F_TRY(clusters_with(*survey, file.intent.name));
    K3F_TRY(plan_rights(site, clusters, *survey, plan, Ground::Needed));
    K3F_TRY(check_version(site, file.intent.k3s_version));
    Graph wanted = K3F_TRY(graph_of(site, file.intent, plan));
    plan.own = K3F_TRY(plan_setup(site.account, std::move(wanted), *survey));
    plan.own.prices = costs(plan.own.graph, file.intent);
    plan.usd_more = resources::sum(plan.own.prices).usd;
    if (plan.stored) {
        const Graph before = K3F_TRY(graph_of(site, plan.stored->intent, plan));
        plan.usd_more -= resources::sum(costs(before, plan.stored->intent)).usd;
    }
    plan.token_missing = K3F_TRY(token_missing(site, file.intent.name));
    return plan;
}

Result<std::optional<ClusterFile>> stored_file(ClusterSite& site, const model::ClusterName& name) {
    auto stored = load_cluster(site.objects, name);
    if (!stored && stored.error().code == ErrorCode::NotFound) return std::optional<ClusterFile>();
    if (!stored) return std::unexpected(stored.error());
    return std::optional(std::move(*stored));
}

// The file must be the one that the plan was made from.
Status unchanged(ClusterSite& site, const ClusterPlan& plan) {
    const auto now = K3F_TRY(stored_file(site, plan.file.intent.name));
    const bool same = now.has_value() == plan.stored.has_value() &&
                      (!now || (now->version == plan.stored->version &&
                                now->intent.deleting == plan.stored->intent.deleting));
    if (same) return {};
    return fail(ErrorCode::Conflict,
                format("somebody else has changed cluster {} meanwhile\nlook at it again",
                       plan.file.intent.name.str()));
}

Status write_token(ClusterSite& site, const model::ClusterName& name) {
    // Two texts, since agents must not be able to become servers (docs/node.md).
    const Secret value(
        json::write(Value::object({{"server", site.random.hex(32)}, {"agent", site.random.hex(32)}})));
    return site.secrets.put(names::server_secret(scope_of(site, name)), value, site.random.hex(16));
}

std::set<std::size_t> removals(const ChangePlan& plan, bool wanted) {
    std::set<std::size_t> chosen;
    for (std::size_t i = 0; i < plan.changes.size(); ++i)
        if ((plan.changes[i].verb == Verb::Delete && !plan.changes[i].replacement) == wanted)
            chosen.insert(i);
    return chosen;
}

// Parts of plans one after the other, told as one, under the project's lease.
class Work {
public:
    Work(ClusterSite& site, const ClusterPlan& plan)
        : site_(site),
          lease_(site.account.state, site.account.provisioning.clock, site.account.holder),
          total_(plan.own.plan.changes.size() + plan.rights.plan.changes.size()) {}
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    Status begin() { return lease_.hold(); }
    void end() { lease_.give_back(); }
    Status may_go_on() { return lease_.hold(); }

    // False: it did not come to its end, and nothing more is to be done.
    bool done(const ChangePlan& part, SetupPlan& of) {
        Provisioning with = site_.account.provisioning;
        with.may_go_on = [this] { return lease_.hold(); };
        with.tell = [this, before = outcome.resources.done](ProvisionProgress progress) {
            progress.done += before;
            progress.total = total_;
            site_.account.provisioning.tell(progress);
        };
        Outcome result = carry_out(part, of.graph, of.sight, with);
        Outcome& all = outcome.resources;
        all.done += result.done;
        all.skipped += result.skipped;
        std::ranges::move(result.failed, std::back_inserter(all.failed));
        std::ranges::move(result.kept, std::back_inserter(all.kept));
        all.stopped = std::move(result.stopped);
        return all.complete();
    }

    ClusterOutcome outcome;

private:
    ClusterSite& site_;
    ProjectLease lease_;
    std::size_t total_;
};

Result<ClusterOutcome> under_lease(ClusterSite& site, const ClusterPlan& plan,
                                   const std::function<Status(Work&)>& all) {
    Work work(site, plan);
    if (const Status begun = work.begin(); !begun) {
        work.outcome.resources.stopped = begun.error();
        return std::move(work.outcome);
    }
    const Status done = all(work);
    work.end();
    if (!done) return std::unexpected(done.error());
    return std::move(work.outcome);
}

Status upload(ClusterSite& site, const ClusterPlan& plan, const Doer& doer) {
    if (!plan.stored) {
        K3F_TRY(create_cluster(site.objects, plan.file, doer));
    } else {
        K3F_TRY(replace_cluster(site.objects, *plan.stored, plan.file, doer));
    }
    return {};
}

Status prepare(ClusterSite& site, ClusterPlan& plan, const Doer& doer, Work& work) {
    K3F_TRY(unchanged(site, plan));
    const ChangePlan needed = resources::part_of(plan.own.plan, removals(plan.own.plan, false));
    const ChangePlan spare = resources::part_of(plan.own.plan, removals(plan.own.plan, true));
    if (!work.done(needed, plan.own) || !work.done(plan.rights.plan, plan.rights)) return {};
    // Asked again: a secret that AWS had kept since a deletion was restored with what it held.
    if (K3F_TRY(token_missing(site, plan.file.intent.name))) {
        K3F_TRY(write_token(site, plan.file.intent.name));
        work.outcome.token_written = true;
    }
    K3F_TRY(work.may_go_on());
    if (plan.uploads()) {
        K3F_TRY(upload(site, plan, doer));
        work.outcome.uploaded = true;
    }
    // Machines may stand on it until the functions have read the new file.
    (void)work.done(spare, plan.own);
    return {};
}

// Resources of whoever was never uploaded, or whose file is gone already: any intent does, since what is not
// of its graph and carries the cluster's tags goes, too.
model::ClusterIntent some_intent(const ClusterSite& site, const model::ClusterName& name) {
    model::ClusterIntent intent;
    intent.project = site.account.scope.project;
    intent.name = name;
    intent.region = site.account.scope.region;
    return intent;
}

Status refuse_living(ClusterSite& site, const model::ClusterName& name) {
    for (const model::Instance& instance : K3F_TRY(site.cloud.instances(name)))
        if (instance.state != model::InstanceState::Terminated)
            return fail(ErrorCode::Refused,
                        format("{} of cluster {} is still there", instance.id.str(), name.str()));
    return {};
}

// The loops' items may be held for as long as a function that was killed would have been.
Status forget(ClusterSite& site, const model::ClusterName& name, const Doer& doer, Work& work) {
    ports::Clock& clock = site.account.provisioning.clock;
    const Timestamp until = clock.now() + kLongestLease;
    for (;;) {
        const Status done = forget_cluster(site.objects, site.account.state, name, site.account.holder,
                                           {.who = doer.who, .at = clock.now()});
        if (done || done.error().code != ErrorCode::Conflict || clock.now() >= until) return done;
        K3F_TRY(clock.sleep_until(clock.now() + kLookAgain));
        K3F_TRY(work.may_go_on());
    }
}

Status dismantle(ClusterSite& site, ClusterPlan& plan, const Doer& doer, Work& work) {
    const model::ClusterName& name = plan.file.intent.name;
    K3F_TRY(refuse_living(site, name));
    if (!work.done(plan.own.plan, plan.own) || !work.done(plan.rights.plan, plan.rights)) return {};
    return forget(site, name, doer, work);
}

}  // namespace

Result<ClusterPlan> plan_creation(ClusterSite& site, const ClusterFile& file) {
    K3F_TRY(check_place(site, file.intent));
    auto stored = K3F_TRY(stored_file(site, file.intent.name));
    const std::string& name = file.intent.name.str();
    if (stored && stored->intent.deleting)
        return fail(ErrorCode::Conflict, format("cluster {} is being deleted\nfinish that first: k3fleet "
                                                "cluster delete {} --wait",
                                                name, name));
    if (stored && stored->intent.digest != file.intent.digest)
        return fail(
            ErrorCode::Conflict,
            format("there is a cluster '{}' already, and its file says something else\nchange it with "
                   "'k3fleet apply -f', or choose another name",
                   name));
    return plan_file(site, file, std::move(stored));
}

Result<ClusterPlan> plan_change(ClusterSite& site, const ClusterFile& file) {
    K3F_TRY(check_place(site, file.intent));
    const model::ClusterName& name = file.intent.name;
    ClusterFile stored = K3F_TRY(load_cluster(site.objects, name));
    if (stored.intent.deleting)
        return fail(ErrorCode::Refused,
                    format("cluster {} is being deleted and cannot be changed", name.str()));
    K3F_TRY(check_change(stored.intent, file.intent));
    ClusterPlan plan = K3F_TRY(plan_file(site, file, std::move(stored)));
    for (const resources::Change& change : plan.own.plan.changes) {
        if (!change.replacement || !contains(kBelowMachines, change.type)) continue;
        if (refuse_living(site, name)) break;
        return fail(ErrorCode::Refused,
                    format("machines of cluster {} stand on the {} {}, which would have to be made anew: {}\n"
                           "make another cluster, move over, and delete this one",
                           name.str(), resources::kind_of(change.type).word, change.name, change.reason));
    }
    return plan;
}

Status check_startable(const model::ClusterIntent& intent) {
    if (intent.masters() == 1) return {};
    return fail(
        ErrorCode::Refused,
        format("cluster {} has {} masters (mode: ha), and this version can start clusters of one on AWS\n"
               "write 'mode: dev'; --dry-run shows what ha will need and cost, and --cloud sim "
               "rehearses it",
               intent.name.str(), intent.masters()));
}

Result<ClusterOutcome> carry_out_cluster(ClusterSite& site, ClusterPlan& plan, const Doer& doer) {
    return under_lease(site, plan, [&](Work& work) { return prepare(site, plan, doer, work); });
}

Result<ClusterPlan> plan_deletion(ClusterSite& site, const model::ClusterName& name) {
    ClusterPlan plan{.stored = K3F_TRY(stored_file(site, name))};
    plan.file.intent = plan.stored ? plan.stored->intent : some_intent(site, name);
    const auto survey = K3F_TRY(survey_project(site.account));
    if (!plan.stored && !contains(K3F_TRY(survey->clusters()), name)) {
        // Names those that are.
        K3F_TRY(load_cluster(site.objects, name));
    }
    const Names others = K3F_TRY(clusters_besides(*survey, name));
    K3F_TRY(plan_rights(site, others, *survey, plan, Ground::AsItIs));
    plan.own.graph = K3F_TRY(graph_of(site, plan.file.intent, plan));
    plan.own.sight = K3F_TRY(see(plan.own.graph, site.account.provisioning, *survey));
    plan.own.plan = resources::plan_removal(plan.own.graph, plan.own.sight, resources::Purge::Yes);
    plan.own.digest = plan.own.plan.digest();
    return plan;
}

Status await_no_machines(ClusterSite& site, const ClusterPlan& plan, Timestamp until,
                         const MachinesLeft& tell) {
    const model::ClusterName& name = plan.file.intent.name;
    ports::Clock& clock = site.account.provisioning.clock;
    for (;;) {
        auto left = K3F_TRY(site.cloud.instances(name));
        std::erase_if(left, [](const model::Instance& instance) {
            return instance.state == model::InstanceState::Terminated;
        });
        if (left.empty()) return {};
        if (!plan.stored)
            return fail(
                ErrorCode::Refused,
                format("cluster {} has no file, so that no function ends its {}\nend them yourself: {}",
                       name.str(), counted(static_cast<long long>(left.size()), "machine"),
                       left.front().id.str()));
        tell(left);
        const Timestamp now = clock.now();
        if (now >= until)
            return fail(ErrorCode::DeadlineExceeded,
                        format("{} still there", counted(static_cast<long long>(left.size()), "machine")));
        K3F_TRY(clock.sleep_until(std::min(until, now + kLookAgain)));
    }
}

Result<ClusterOutcome> carry_out_deletion(ClusterSite& site, ClusterPlan& plan, const Doer& doer) {
    return under_lease(site, plan, [&](Work& work) { return dismantle(site, plan, doer, work); });
}

}  // namespace k3fleet::app
