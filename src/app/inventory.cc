#include "app/inventory.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "core/resources/kinds.h"
#include "core/resources/price.h"

namespace k3fleet::app {

namespace {

Belonging described(resources::Observed&& thing, const model::ClusterName& cluster, std::string_view region) {
    const resources::Kind* kind = resources::find_kind(thing.type);
    const resources::StandingCost cost = resources::standing_cost(thing, region);
    Belonging belonging{.kind = kind != nullptr ? std::string(kind->word) : thing.type,
                        .id = std::move(thing.physical_id),
                        .cluster = cluster,
                        .name = resources::tag_of(thing.tags, model::names::kNameTag),
                        .state = thing.pending ? "being made" : "there",
                        .price = {},
                        .by_use = cost.by_use,
                        .since = thing.created_at};
    if (cost.usd_per_hour) belonging.price = UsdPerHour::from_dollars(*cost.usd_per_hour);
    return belonging;
}

Status add(std::vector<Belonging>& all, ports::Survey& survey, const model::ClusterName& cluster,
           std::string_view region) {
    for (resources::Observed& thing : K3F_TRY(survey.listing(cluster)))
        if (!thing.kept_until) all.push_back(described(std::move(thing), cluster, region));
    return {};
}

}  // namespace

Result<std::vector<Belonging>> inventory(ports::Cloud& cloud, const model::ProjectName& project) {
    std::vector<Belonging> all;
    for (ports::Resource& r : K3F_TRY(cloud.resources(project)))
        all.push_back({.kind = std::move(r.kind),
                       .id = std::move(r.id),
                       .cluster = r.cluster,
                       .name = std::move(r.name),
                       .state = std::move(r.state),
                       .price = r.price,
                       .since = r.created_at});
    return all;
}

Result<std::vector<Belonging>> inventory(AwsSite& site) {
    const model::Scope& scope = site.scope();
    std::vector<Belonging> all = K3F_TRY(inventory(site.cloud(), scope.project));
    const auto survey = K3F_TRY(site.resources().survey(scope));
    K3F_TRY(add(all, *survey, model::ClusterName(), scope.region));
    for (const model::ClusterName& cluster : K3F_TRY(survey->clusters()))
        K3F_TRY(add(all, *survey, cluster, scope.region));
    std::ranges::sort(all, {}, [](const Belonging& one) { return std::tie(one.cluster, one.kind, one.id); });
    return all;
}

}  // namespace k3fleet::app
