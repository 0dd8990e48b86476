// Puts graphs together: what the files of core/resources share and nobody else needs.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/iam/principals.h"
#include "core/resources/graph.h"

namespace k3fleet::resources {

using Members = std::initializer_list<std::pair<std::string_view, Value>>;

inline Value object(Members members) { return Value::object(members); }
Value list(std::initializer_list<Value> items);

// What another resource has once it is there.
Value ref_to(std::string_view id);
Value att_of(std::string_view id, std::string_view name);

// Times in seconds. The key is an ARN, or null: then SQS's own.
Value queue_properties(const std::string& name, int visibility, int keep, const Value& key);
// What fails five times goes to that queue (its ARN).
Value with_dead_letters(Value queue, Value failed);

class Builder {
public:
    Builder(model::Scope scope, std::string managed_by) : managed_by_(std::move(managed_by)) {
        graph_.scope = std::move(scope);
    }

    const model::Scope& scope() const { return graph_.scope; }
    // Adds it with the tags of G-13 if its kind carries tags; `name` is the tag Name.
    Resource& add(std::string_view id, std::string_view type, const std::string& name, Value properties);
    // For kinds without tags.
    Resource& add(std::string_view id, std::string_view type, Value properties);
    bool has(const std::string& id) const { return graph_.find(LogicalId(id)) != nullptr; }
    Graph take() { return std::move(graph_); }

private:
    std::string managed_by_;
    Graph graph_;
};

// A function with all that belongs to it: log group, role, settings, schedule.
struct FunctionPlan {
    std::string_view id;  // "Controller"
    std::string name;
    iam::Principal who{};
    std::string_view what;  // Said in the description.
    int timeout_seconds = 60;
    int memory_mib = 256;
    int log_days = 90;
    std::string schedule;  // "rate(5 minutes)"; empty: none.
    Value environment = Value::object();
    Value vpc;  // Null: not in a VPC.
    Value key;  // ARN of a customer-managed key; null: AWS's own.
};
void add_function(Builder& b, const FunctionPlan& plan, const PolicyOf& policy, const FunctionCode& code);
// The queue's messages to the function, in batches with partial failures.
void add_event_source(Builder& b, std::string_view id, std::string_view function, std::string_view queue);
// Name, trust and AWS's own policies are those of core/iam.
void add_role(Builder& b, const std::string& id, iam::Principal who, const PolicyOf& policy);

void add_storage(Builder& b, const AccountInput& input);
void add_audit_trail(Builder& b, const AccountInput& input);
Status add_network(Builder& b, const ClusterInput& input);
void add_security_groups(Builder& b, const ClusterInput& input);

// ARN of the project's own key, or null where AWS's keys were chosen (G-19).
Value key_of(const AccountInput& input);
Value key_of(const ClusterInput& input);

}  // namespace k3fleet::resources
