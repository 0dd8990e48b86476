// What the kinds of EC2 share: they are found by their tags, described by their id,
// and held by network interfaces.
#pragma once

#include <functional>

#include "adapters/aws/resources/documents.h"

namespace k3fleet::resources {

struct Ec2Kind {
    const aws::Operation& (*describe)();
    std::string_view list;      // Of the answer: "Vpcs".
    std::string_view ids;       // Of the request: "VpcIds".
    std::string_view id;        // Of an item: "VpcId".
    std::string_view tag_type;  // In TagSpecifications: "vpc".
    Result<Observed> (*read)(Context& context, const Value& item);
    // Going or gone ones are not there; null: there are none such.
    bool (*alive)(const Value& item) = nullptr;
    std::string_view tags = "Tags";
    std::string_view filters = "Filters";
};

// In a survey EC2 is asked once for all of a kind that carries the project's tag; what is looked for is
// looked for among them first.

// The item as AWS shows it; empty: it is not there.
Result<std::optional<Value>> describe(Context& context, const Ec2Kind& kind, const std::string& id);
Result<std::optional<Observed>> observe(Context& context, const Ec2Kind& kind, const std::string& id);
// By Project, Cluster and k3fleet:id. Of several, which a lost answer may leave, the one with the least id.
Result<std::optional<Observed>> find_tagged(Context& context, const Ec2Kind& kind, const Resource& resource);
// Of those that the filters let through the one with the least id; `fits` says the same of an item.
using Fits = std::function<bool(const Value& item)>;
Result<std::optional<Value>> find_filtered(Context& context, const Ec2Kind& kind, const Value& filters,
                                           const Fits& fits);

Value filter(std::string_view name, std::string_view value);
// TagSpecifications of a creating request.
Value tag_specifications(const Ec2Kind& kind, const Tags& tags);
Status tag(Context& context, const std::string& id, const Observed& observed, const Resource& resource);
// The same of what has its physical id as id: the whole update of a kind of which only tags can be changed.
Status set_tags(Context& context, const Observed& observed, const Resource& resource);
// Physical id and tags.
Observed seen(const Ec2Kind& kind, const Value& item);

// "2 network interfaces, of AWS Lambda VPC ENI-fleet-autoscaler-…" by a filter of DescribeNetworkInterfaces;
// empty if there are none.
std::string interfaces_holding(Context& context, std::string_view filter_name, const std::string& value);

// For a change that takes one boolean or text at a time: {"Value": v}.
Value boxed(const Value& value);

}  // namespace k3fleet::resources
