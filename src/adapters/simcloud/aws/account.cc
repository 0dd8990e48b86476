#include "adapters/simcloud/aws/account.h"

#include <algorithm>

namespace k3fleet::simcloud {
namespace {

bool sound(const Datum& datum) {
    const auto member = [](const auto& entry) { return sound(entry.second); };
    return datum.kind <= Datum::Kind::Map &&
           std::ranges::all_of(datum.items, [](const Datum& item) { return sound(item); }) &&
           std::ranges::all_of(datum.members, member);
}

bool sound(const DynamoTable& table) {
    const auto key = [](Datum::Kind kind) { return kind <= Datum::Kind::Binary; };
    const auto attribute = [](const auto& entry) { return sound(entry.second); };
    const auto item = [&](const auto& entry) {
        return std::ranges::all_of(entry.second.attributes, attribute) &&
               std::ranges::all_of(entry.second.before, attribute);
    };
    const bool days = table.recovery_days >= 0 && table.recovery_days <= 35;
    return days && key(table.hash_kind) && key(table.range_kind) && std::ranges::all_of(table.items, item);
}

bool sound(const S3Bucket& bucket) {
    const auto versions = [](const auto& entry) { return !entry.second.empty(); };
    return bucket.versioning <= S3Bucket::Versioning::Suspended &&
           std::ranges::all_of(bucket.objects, versions);
}

bool sound(const RunDocument& document) {
    return document.default_version >= 1 && document.default_version <= std::ssize(document.versions);
}

bool sound(const SimLogGroup& group) { return group.days >= 0 && group.days <= 3653; }

// Interfaces are shown with their subnets and groups; what is deleted goes at some time.
bool sound(const Ec2State& ec2) {
    const auto known = [&](const std::string& group) { return ec2.groups.contains(group); };
    const auto placed = [&](const auto& entry) {
        return ec2.subnets.contains(entry.second.subnet) && std::ranges::all_of(entry.second.groups, known);
    };
    const auto ends = [](const auto& entry) {
        return entry.second.deleted_at.has_value() == entry.second.gone_at.has_value();
    };
    return std::ranges::all_of(ec2.interfaces, placed) && std::ranges::all_of(ec2.nat_gateways, ends);
}

}  // namespace

bool sound(const Account& account) {
    const auto one = [](const auto& entry) { return sound(entry.second); };
    return sound(account.ec2) && std::ranges::all_of(account.dynamo.tables, one) &&
           std::ranges::all_of(account.s3.buckets, one) &&
           std::ranges::all_of(account.commands.documents, one) &&
           std::ranges::all_of(account.log_groups.groups, one);
}

}  // namespace k3fleet::simcloud
