// What a simulated service of AWS is made of: for each operation what it understands of a request, which
// rights the call needs, and what it does.
//
//     void add_topics(Handlers& handlers) {
//         handlers.add<sns::PublishRequest>({"TopicArn", "Message", "Subject", "MessageAttributes"},
//                                           needs_publish, publish);
//     }
//
// A handler is called when the request is complete, holds nothing that is not understood, and the caller may
// do it. It reads and changes the account's state and nothing else; time comes from the call, and whatever is
// drawn comes from the world's seed and from what it is drawn for.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/simcloud/aws/account.h"
#include "aws/api.h"
#include "base/prng.h"
#include "base/result.h"
#include "base/time.h"
#include "core/iam/evaluate.h"

namespace k3fleet::simcloud {

class Engine;

struct Call {
    const aws::Operation& operation;
    const std::string& caller;  // Its ARN.
    Account& account;           // In the region of the call.
    Account& home;              // In its first region, which keeps what belongs to none: IAM.
    Engine& engine;             // The machines of the world, and what the world's faults say.
    Timestamp now;

    std::string arn(std::string_view service, std::string_view resource) const;  // In our account and region.
    // Of the world's seed, for this purpose and this thing.
    Prng dice(std::string_view purpose, std::string_view which) const;
};

// A refusal with AWS's own code, as the client would read it from an answer of this status.
std::unexpected<Error> refuse(std::string_view aws_code, std::string message, int status = 400);

// The rights that one call needs, each on one resource with what AWS says about it.
class Needs {
public:
    void add(std::string_view action, std::string resource, iam::Context context = {}) {
        list_.push_back({std::string(action), std::move(resource), std::move(context)});
    }
    std::vector<iam::Request>& list() { return list_; }

private:
    std::vector<iam::Request> list_;
};

struct Handler {
    // Of members of the request, by the model's names; whatever else is given is refused, since AWS would do
    // something that is not simulated.
    std::vector<std::string_view> understood;
    std::function<Status(const Call&, const void* request, Needs&)> needs;
    std::function<Status(Call&, const void* request, void* response)> act;
};

class Handlers {
public:
    template <typename Request>
    void add(std::initializer_list<std::string_view> understood,
             Status (*needs)(const Call&, const Request&, Needs&),
             Result<typename Request::Response> (*act)(Call&, const Request&)) {
        using Response = typename Request::Response;
        by_operation_.insert_or_assign(
            &Request::operation(),
            Handler{.understood = understood,
                    .needs =
                        [needs](const Call& call, const void* request, Needs& out) {
                            return needs(call, *static_cast<const Request*>(request), out);
                        },
                    .act = [act](Call& call, const void* request, void* response) -> Status {
                        *static_cast<Response*>(response) =
                            K3F_TRY(act(call, *static_cast<const Request*>(request)));
                        return {};
                    }});
    }
    // Null: this operation is not simulated.
    const Handler* find(const aws::Operation& operation) const {
        const auto found = by_operation_.find(&operation);
        return found == by_operation_.end() ? nullptr : &found->second;
    }

private:
    std::map<const aws::Operation*, Handler> by_operation_;  // Looked up only, never walked.
};

// One a file, called by sim_api.cc.
void add_ec2_machines(Handlers& handlers);
void add_ec2_network(Handlers& handlers);
void add_ec2_offers(Handlers& handlers);
void add_dynamodb_items(Handlers& handlers);
void add_dynamodb_query(Handlers& handlers);
void add_dynamodb_tables(Handlers& handlers);
void add_dynamodb_settings(Handlers& handlers);
void add_s3_objects(Handlers& handlers);
void add_s3_buckets(Handlers& handlers);
void add_secrets(Handlers& handlers);
void add_queues(Handlers& handlers);
void add_topics(Handlers& handlers);
void add_topic_settings(Handlers& handlers);
void add_identity(Handlers& handlers);
void add_documents(Handlers& handlers);
void add_commands(Handlers& handlers);
void add_numbers(Handlers& handlers);
void add_ec2_routes(Handlers& handlers);
void add_ec2_rules(Handlers& handlers);
void add_ec2_gateways(Handlers& handlers);
void add_ec2_flow_logs(Handlers& handlers);
void add_roles(Handlers& handlers);
void add_policies(Handlers& handlers);
void add_keys(Handlers& handlers);
void add_trails(Handlers& handlers);
void add_log_groups(Handlers& handlers);
void add_functions(Handlers& handlers);
void add_event_sources(Handlers& handlers);
void add_event_rules(Handlers& handlers);
void add_schedules(Handlers& handlers);
void add_s3_settings(Handlers& handlers);
void add_quotas(Handlers& handlers);
void add_alarms(Handlers& handlers);
void add_tagged(Handlers& handlers);

}  // namespace k3fleet::simcloud
