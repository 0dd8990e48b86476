// What the operations on networks share: finding and listing things, what a token has made, what holds what,
// and what AWS does by itself as time passes.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/simcloud/aws/ec2_common.h"
#include "base/text.h"

namespace k3fleet::simcloud {

// Refused with EC2's code for its kind: "The vpc ID 'vpc-0' does not exist".
template <typename Thing>
Result<Thing*> find_thing(std::map<std::string, Thing>& things, const std::string& id, std::string_view code,
                          std::string_view what) {
    const auto found = things.find(id);
    if (found == things.end()) return refuse(code, format("The {} '{}' does not exist", what, id));
    return &found->second;
}
Result<Vpc*> find_vpc(const Call& call, const std::string& id);
Result<Subnet*> find_subnet(const Call& call, const std::string& id);
Result<SecurityGroup*> find_group(const Call& call, const std::string& id);
Result<Interface*> find_interface(const Call& call, const std::string& id);
Result<RouteTable*> find_table(const Call& call, const std::string& id);
Result<InternetGateway*> find_gateway(const Call& call, const std::string& id);
Result<PublicAddress*> find_address(const Call& call, const std::string& allocation);
// The one that EC2 makes with each VPC.
RouteTable* main_table(const Call& call, const std::string& vpc);
SecurityGroup* default_group(const Call& call, const std::string& vpc);

// Whether it still is: what ends by itself stays in the state until the next call that changes something, so
// that a look changes nothing.
template <typename Thing>
bool is_there(const Call&, const Thing&) {
    return true;
}
bool is_there(const Call& call, const Interface& interface);
bool is_there(const Call& call, const NatGateway& gateway);
bool is_there(const Call& call, const Endpoint& endpoint);
// Null: there is none, or none any more.
const Interface* interface_there(const Call& call, const std::string& id);

// The right to do this to a thing that is there: "vpc-endpoint", its id and tags.
void needs_thing(const Call& call, Needs& needs, std::string_view type, const std::string& id,
                 const Tags& tags);

// DryRunOperation, if that is what was asked for and the rest is in order.
Status stop_if_dry(const std::optional<bool>& dry_run);

// What all but the ids and filters of a listing ask for.
struct Listing {
    const aws::List<std::string>& ids;
    const aws::List<ec2::Filter>& filters;
    Page page;
    std::string_view unknown;  // EC2's code for an id that there is not.
};

// A page of what passes the filters, and the token of the next one. `show` makes the answer's element,
// `judge` knows filters. An id that there is not is refused.
template <typename Thing, typename Judge, typename Show>
auto list_things(const Call& call, const std::map<std::string, Thing>& things, const Listing& asked,
                 Judge judge, Show show)
    -> Result<
        std::pair<std::vector<decltype(show(std::declval<const Thing&>()))>, std::optional<std::string>>> {
    std::pair<std::vector<decltype(show(std::declval<const Thing&>()))>, std::optional<std::string>> answer;
    for (const std::string& id : asked.ids)
        if (const auto thing = things.find(id); thing == things.end() || !is_there(call, thing->second))
            return refuse(asked.unknown, format("The ID '{}' does not exist", id));
    std::string last;
    for (const auto& [id, thing] : things) {
        if (id <= asked.page.after || !is_there(call, thing) ||
            (!asked.ids.empty() && std::ranges::find(asked.ids, id) == asked.ids.end()))
            continue;
        if (!K3F_TRY(passes(asked.filters, thing.tags,
                            [&](const ec2::Filter& filter) { return judge(thing, filter); })))
            continue;
        if (answer.first.size() == asked.page.limit) {
            answer.second = last;
            break;
        }
        last = id;
        answer.first.push_back(show(thing));
    }
    return answer;
}

// An id that does not count: of what comes along with something else, so that whoever makes only that gets
// the same ids as ever.
std::string derived_id(const Call& call, std::string_view kind, const std::string& of);

// What this token has made, if it is still there; null: nothing. Tokens are known for a day. The same token
// with other parameters: IdempotentParameterMismatch.
Result<std::string> id_made_before(const Call& call, const std::optional<std::string>& token,
                                   const void* request);
template <typename Thing>
Result<const Thing*> made_before(const Call& call, const std::map<std::string, Thing>& things,
                                 const std::optional<std::string>& token, const void* request) {
    const auto found = things.find(K3F_TRY(id_made_before(call, token, request)));
    return found == things.end() ? nullptr : &found->second;
}
void remember_made(Call& call, const std::optional<std::string>& token, const void* request,
                   const std::string& id);

// Whether a machine or a service of AWS has it.
bool is_used(const Call& call, const Interface& interface);
// Refused unless all are groups of this VPC, and at most five.
Status check_groups(const Call& call, const aws::List<std::string>& groups, const std::string& vpc);

// An interface that a service of AWS keeps in one of our subnets: a function's, an endpoint's, a gateway's.
// It holds its subnet and its groups as any other does, and nobody but the service may change it.
struct ServiceInterface {
    std::string service;  // "lambda"
    std::string subnet;
    std::vector<std::string> groups;
    std::string description;  // "AWS Lambda VPC ENI-fleet-autoscaler-…"
};
// Its id. Refused as EC2 refuses it: no such subnet or group, no address free.
Result<std::string> add_service_interface(Call& call, const ServiceInterface& what);
// It stays until then. No error if it is not there.
void remove_service_interface(Call& call, const std::string& id, Timestamp until);

// Of an endpoint's service that is a gateway: what routes to it are known by.
std::string prefix_list(const Call& call, const std::string& service);

// Takes out of the state what is not there any more, before something is changed.
void settle_network(Call& call);

// Where a thing of EC2 keeps its tags, and what its ARN says it is ("elastic-ip"); null: there is no such id.
struct Tagged {
    std::string_view type;
    Tags* tags = nullptr;
};
Tagged find_tagged_thing(Account& account, const std::string& id);

// Parts of the services of service.h.
void add_ec2_interfaces(Handlers& handlers);
void add_ec2_endpoints(Handlers& handlers);
void add_ec2_groups(Handlers& handlers);
void add_ec2_tags(Handlers& handlers);

}  // namespace k3fleet::simcloud
