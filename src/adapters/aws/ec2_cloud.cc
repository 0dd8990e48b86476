#include "adapters/aws/ec2_cloud.h"

#include <algorithm>
#include <set>

#include "adapters/aws/instance_tags.h"
#include "aws/gen/ec2.h"
#include "aws/paginate.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/lifecycle/offers.h"
#include "core/model/names.h"
#include "core/model/resource_names.h"

namespace k3fleet::aws {
namespace {

using model::Instance;
using model::Market;
using model::Role;
namespace names = model::names;

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
constexpr Duration kNotice = std::chrono::minutes{2};
constexpr std::size_t kMaxNotices = 1000;

// Lists every instance that the filters let through.
template <typename Visit>
Status each_instance(Api& api, List<ec2::Filter> filters, const CallOptions& options, Visit visit) {
    const ec2::DescribeInstancesRequest request{.filters = std::move(filters)};
    const auto note = [&](const ec2::DescribeInstancesResponse& page) -> Status {
        for (const auto& reservation : page.reservations)
            for (const auto& instance : reservation.instances) visit(instance);
        return {};
    };
    return for_each_page(api, request, note, {}, options);
}

bool gone(const Error& error) { return error.provider_code == "InvalidInstanceID.NotFound"; }

Result<std::optional<ec2::Instance>> find(Api& api, const model::InstanceId& instance,
                                          const CallOptions& options) {
    const ec2::DescribeInstancesRequest question{.instance_ids = {instance.str()}};
    const auto answer = api.call(question, options);
    if (!answer && gone(answer.error())) return std::nullopt;
    if (!answer) return std::unexpected(answer.error());
    for (const auto& reservation : answer->reservations)
        for (const auto& found : reservation.instances) return found;
    return std::nullopt;
}

// What was found by tag a while ago is not there any more.
bool place_is_stale(const Error& error) {
    static constexpr std::string_view kCodes[] = {"InvalidSubnetID.NotFound", "InvalidGroup.NotFound",
                                                  "InvalidNetworkInterfaceID.NotFound",
                                                  "InvalidSecurityGroupID.NotFound"};
    return contains(kCodes, std::string_view(error.provider_code));
}

bool same_offer(const Instance& instance, const ports::LaunchRequest& request) {
    const auto& [a, b] = std::tie(instance.offering, request.offering);
    return instance.role == request.role && instance.pool == request.pool && instance.slot == request.slot &&
           a.instance_type == b.instance_type && a.zone == b.zone && a.market == b.market;
}

ports::Resource describe(const Instance& instance, const ec2::Instance& raw) {
    return {.kind = "instance",
            .id = instance.id.str(),
            .name = tag_of(raw.tags, names::kNameTag),
            .cluster = model::ClusterName(tag_of(raw.tags, names::kClusterTag)),
            .state = std::string(model::to_string(instance.state)),
            .price = instance.alive() ? instance.offering.price : UsdPerHour{},
            .created_at = instance.launched_at};
}

}  // namespace

Ec2Cloud::Ec2Cloud(Api& api, ports::Clock& clock, Ec2Options options)
    : api_(api),
      clock_(clock),
      options_(std::move(options)),
      site_(api, clock, options_.project),
      offerings_(api, clock, options_.region) {}

Result<std::vector<Instance>> Ec2Cloud::instances(const model::ClusterName& cluster) {
    std::vector<Instance> list;
    K3F_TRY_WHILE(
        "listing the instances of " + cluster.str(),
        each_instance(api_, machines_of(options_.project, cluster), options(), [&](const ec2::Instance& raw) {
            if (auto read = read_instance(raw, options_.region)) list.push_back(*std::move(read));
        }));
    std::ranges::sort(list, {}, &Instance::id);
    add_notices(list);
    return list;
}

void Ec2Cloud::add_notices(std::vector<Instance>& instances) {
    const auto spot = [](const Instance& i) { return i.alive() && i.offering.market == Market::Spot; };
    if (std::ranges::none_of(instances, spot)) return;
    (void)ask_for_notices();  // The event tells the same; see the header.
    const std::scoped_lock lock(mutex_);
    for (Instance& instance : instances) {
        const auto notice = notices_.find(instance.id);
        if (notice != notices_.end()) instance.interruption_at = notice->second;
    }
}

Status Ec2Cloud::ask_for_notices() {
    ec2::DescribeSpotInstanceRequestsRequest request{
        .filters = {filter("status-code", "marked-for-termination"),
                    filter(format("tag:{}", names::kProjectTag), options_.project.str())}};
    const auto note = [&](const ec2::DescribeSpotInstanceRequestsResponse& page) -> Status {
        for (const auto& each : page.spot_instance_requests) {
            if (!each.instance_id || !each.status || !each.status->update_time) continue;
            note_interruption(model::InstanceId(*each.instance_id), *each.status->update_time + kNotice);
        }
        return {};
    };
    return for_each_page(api_, request, note, {}, options());
}

void Ec2Cloud::note_interruption(const model::InstanceId& instance, Timestamp at) {
    const std::scoped_lock lock(mutex_);
    if (notices_.size() >= kMaxNotices) notices_.clear();  // A process does not live that long.
    notices_.try_emplace(instance, at);
}

Result<std::vector<model::Offering>> Ec2Cloud::offerings(const model::ClusterIntent& intent) {
    const std::vector<std::string> zones =
        intent.zones.empty() ? K3F_TRY(site_.zones(intent.name)) : intent.zones;
    return offerings_.list(lifecycle::may_be_bought(intent, zones));
}

Result<Instance> Ec2Cloud::launch(const ports::LaunchRequest& request) {
    if (request.project != options_.project)
        return fail(ErrorCode::InvalidArgument, format("machines of project {} are launched here, not of {}",
                                                       options_.project.str(), request.project.str()));
    K3F_TRY(check_launch(request));
    const Place place = K3F_TRY(site_.place(request));
    const auto run = K3F_TRY(launch_request(request, place, options_.launch, options_.region));
    CallReport report;
    CallOptions how = options();
    how.report = &report;
    const auto done = api_.call(run, how);
    if (done) {
        if (done->instances.empty()) return fail(ErrorCode::Corrupt, "EC2 launched and named no instance");
        auto launched = read_instance(done->instances.front(), options_.region);
        if (!launched) return fail(ErrorCode::Corrupt, "EC2 launched an instance without our tags");
        return *std::move(launched);
    }
    const Error& error = done.error();
    if (place_is_stale(error)) site_.forget();
    if (error.provider_code == "IdempotentParameterMismatch" ||
        error.provider_code == "IdempotentInstanceTerminated")
        return launched_before(request, error);
    // EC2 counts calls and looks at credentials before it looks at the token: what an earlier try of this
    // call may have launched, such a refusal does not know.
    const bool before_token = error.code == ErrorCode::Throttled || error.code == ErrorCode::PermissionDenied;
    if (!before_token || report.applied != CallReport::Applied::Maybe) return std::unexpected(error);
    Error unknown = error;
    unknown.code = ErrorCode::Unavailable;
    return std::unexpected(std::move(unknown));
}

// AWS says that this token has launched something: what was it?
Result<Instance> Ec2Cloud::launched_before(const ports::LaunchRequest& request, const Error& refusal) {
    const auto found = K3F_TRY(launched_with(request.cluster, request.token));
    for (const Instance& instance : found)
        if (same_offer(instance, request)) return instance;
    if (!found.empty() || refusal.provider_code == "IdempotentParameterMismatch")
        return fail(ErrorCode::InvalidArgument,
                    format("token {} was used with other parameters: every attempt needs a token of its own",
                           request.token.str()));
    return fail(ErrorCode::Conflict,
                format("what token {} launched has ended long ago", request.token.str()));
}

Result<std::vector<Instance>> Ec2Cloud::launched_with(const model::ClusterName& cluster,
                                                      const model::Token& token) {
    auto filters = machines_of(options_.project, cluster);
    filters.push_back(filter(format("tag:{}", kTokenTag), token.str()));
    std::vector<Instance> list;
    K3F_TRY_WHILE("looking for what a token launched",
                  each_instance(api_, std::move(filters), options(), [&](const ec2::Instance& raw) {
                      if (auto read = read_instance(raw, options_.region)) list.push_back(*std::move(read));
                  }));
    std::ranges::sort(list, {}, &Instance::id);
    return list;
}

Result<std::optional<model::ClusterName>> Ec2Cloud::owner(const model::InstanceId& instance) {
    const auto there = K3F_TRY(find(api_, instance, options()));
    if (!there || !read_instance(*there, options_.region)) return std::nullopt;
    if (tag_of(there->tags, names::kProjectTag) != options_.project.str()) return std::nullopt;
    const std::string cluster = tag_of(there->tags, names::kClusterTag);
    if (cluster.empty()) return std::nullopt;
    return model::ClusterName(cluster);
}

Status Ec2Cloud::terminate(const model::ClusterName& cluster, const model::Terminate& target) {
    const auto there = K3F_TRY(find(api_, target.instance, options()));
    if (!there) return {};
    const auto known = read_instance(*there, options_.region);
    const bool ours = known && tag_of(there->tags, names::kProjectTag) == options_.project.str() &&
                      tag_of(there->tags, names::kClusterTag) == cluster.str();
    if (!ours || known->role != target.role || known->pool != target.pool)
        return fail(ErrorCode::Refused,
                    format("{} is not the {} of cluster {}{} that was to be terminated: nothing was done",
                           target.instance.str(), model::to_string(target.role), cluster.str(),
                           target.pool.empty() ? "" : format(", pool {},", target.pool.str())));
    if (known->state == model::InstanceState::Terminated ||
        known->state == model::InstanceState::ShuttingDown)
        return {};
    if (target.role == Role::Master) {
        ec2::ModifyInstanceAttributeRequest unlock{.instance_id = target.instance.str()};
        unlock.disable_api_termination.emplace().value = false;
        K3F_TRY_WHILE("lifting the lock against termination", api_.call(unlock, options()));
    }
    const auto done =
        api_.call(ec2::TerminateInstancesRequest{.instance_ids = {target.instance.str()}}, options());
    if (!done && !gone(done.error())) return std::unexpected(done.error());
    return {};
}

Result<std::vector<ports::Resource>> Ec2Cloud::resources(const model::ProjectName& project) {
    List<ec2::Filter> filters{project.empty()
                                  ? filter(format("tag:{}", names::kManagedByTag), options_.launch.managed_by)
                                  : filter(format("tag:{}", names::kProjectTag), project.str())};
    std::vector<ports::Resource> list;
    K3F_TRY_WHILE("listing machines",
                  each_instance(api_, std::move(filters), options(), [&](const ec2::Instance& raw) {
                      const auto read = read_instance(raw, options_.region);
                      if (read && read->state != model::InstanceState::Terminated)
                          list.push_back(describe(*read, raw));
                  }));
    std::ranges::sort(list, {}, &ports::Resource::id);
    return list;
}

}  // namespace k3fleet::aws
