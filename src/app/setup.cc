#include "app/setup.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "core/resources/kinds.h"

namespace k3fleet::app {

namespace {

const resources::LogicalId kTable{"StateTable"};

// The steps that the table's creation needs, and it: so that the lease can be taken before all the rest.
resources::ChangePlan table_first(const resources::ChangePlan& plan) {
    std::set<std::size_t> wanted;
    for (std::size_t i = plan.changes.size(); i-- > 0;)
        if (wanted.contains(i) ||
            (plan.changes[i].id == kTable && plan.changes[i].verb == resources::Verb::Create)) {
            wanted.insert(i);
            wanted.insert(plan.changes[i].needs.begin(), plan.changes[i].needs.end());
        }
    return resources::part_of(plan, wanted);
}

}  // namespace

Result<SetupPlan> plan_setup(SetupSite& site, resources::Graph graph, ports::Survey& survey) {
    SetupPlan plan{.graph = std::move(graph)};
    plan.sight = K3F_TRY(see(plan.graph, site.provisioning, survey));
    plan.plan = K3F_TRY(resources::plan_changes(plan.graph, plan.sight));
    plan.prices = resources::price_lines(plan.graph);
    plan.digest = plan.plan.digest();
    return plan;
}

Result<Outcome> carry_out_setup(SetupSite& site, SetupPlan& plan) {
    ProjectLease lease(site.state, site.provisioning.clock, site.holder);
    Provisioning with = site.provisioning;
    Outcome first;
    if (const auto part = table_first(plan.plan); !part.empty()) {
        with.tell = [&](ProvisionProgress progress) {
            progress.total = plan.plan.changes.size();
            site.provisioning.tell(progress);
        };
        first = carry_out(part, plan.graph, plan.sight, with);
        if (!first.complete()) return first;
        K3F_TRY(lease.hold());
        // Somebody else may have gone on meanwhile, up to the moment of the lease.
        plan.sight = K3F_TRY(see(plan.graph, with));
        plan.plan = K3F_TRY(resources::plan_changes(plan.graph, plan.sight));
    }
    K3F_TRY(lease.hold());
    with.may_go_on = [&] { return lease.hold(); };
    with.tell = site.provisioning.tell;
    if (first.done > 0) {
        with.tell = [&, done = first.done](ProvisionProgress progress) {
            progress.done += done;
            progress.total += done;
            site.provisioning.tell(progress);
        };
    }
    Outcome outcome = carry_out(plan.plan, plan.graph, plan.sight, with);
    outcome.done += first.done;
    lease.give_back();
    return outcome;
}

Result<std::unique_ptr<ports::Survey>> survey_project(SetupSite& site) {
    return site.provisioning.resources.survey(site.scope);
}

Result<SetupPlan> plan_takedown(SetupSite& site, resources::Graph graph, resources::Purge purge,
                                ports::Survey& survey) {
    std::vector<std::string> names;
    for (const auto& cluster : K3F_TRY(survey.clusters())) names.push_back(cluster.str());
    if (!names.empty())
        return fail(
            ErrorCode::Refused,
            format("project {} still has {} in {}: {}\ndelete {} first: k3fleet cluster delete {}",
                   site.scope.project.str(), counted(static_cast<long long>(names.size()), "cluster"),
                   site.scope.region, join(names, ", "), names.size() == 1 ? "it" : "them", names.front()));
    SetupPlan plan{.graph = std::move(graph)};
    plan.sight = K3F_TRY(see(plan.graph, site.provisioning, survey));
    plan.plan = resources::plan_removal(plan.graph, plan.sight, purge);
    plan.digest = plan.plan.digest();
    return plan;
}

}  // namespace k3fleet::app
