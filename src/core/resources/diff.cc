#include "core/resources/diff.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "core/resources/kinds.h"

namespace k3fleet::resources {

namespace {

// An order in which kinds can go whatever refers to what.
constexpr auto kRemoval = std::to_array<std::string_view>({
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Events::Rule",
    "AWS::Lambda::EventSourceMapping",
    "AWS::SNS::Subscription",
    "AWS::Lambda::Permission",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::CloudWatch::Alarm",
    "AWS::Logs::MetricFilter",
    "AWS::CloudTrail::Trail",
    "AWS::EC2::FlowLog",
    "AWS::EC2::Route",
    "AWS::EC2::EIPAssociation",
    "AWS::EC2::NatGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::Subnet",
    "AWS::EC2::RouteTable",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::VPC",
    "AWS::Logs::LogGroup",
    "AWS::SNS::TopicPolicy",
    "AWS::SNS::Topic",
    "AWS::S3::BucketPolicy",
    "AWS::S3::Bucket",
    "AWS::SQS::QueuePolicy",
    "AWS::SQS::Queue",
    "AWS::DynamoDB::Table",
    "AWS::SecretsManager::Secret",
    "AWS::SSM::Document",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::Role",
    "AWS::IAM::Group",
    "AWS::IAM::ManagedPolicy",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
});

bool holds_data(std::string_view type) {
    return type == "AWS::DynamoDB::Table" || type == "AWS::S3::Bucket" || type == "AWS::KMS::Key" ||
           type == "AWS::SecretsManager::Secret";
}

std::string name_for(const Resource& resource) {
    const Kind& kind = kind_of(resource.type);
    if (kind.find == FindBy::Name)
        if (const Value* name = resource.properties.find(kind.name); name != nullptr && name->as_string())
            return *name->as_string();
    const auto tag = resource.tags.find(std::string(model::names::kNameTag));
    return tag != resource.tags.end() ? tag->second : resource.id.str();
}

std::string name_for(const Observed& observed) {
    const auto tag = observed.tags.find(std::string(model::names::kNameTag));
    return tag != observed.tags.end() ? tag->second : observed.physical_id;
}

Change change_of(Verb verb, const Resource& resource, const Observed* there) {
    return {.verb = verb,
            .id = resource.id,
            .type = resource.type,
            .name = name_for(resource),
            .physical_id = there != nullptr ? there->physical_id : "",
            .operator_only = kind_of(resource.type).writer == Writer::Operator};
}

Change deletion_of(const Observed& observed, std::string reason) {
    const Kind* kind = find_kind(observed.type);
    return {.verb = Verb::Delete,
            .id = observed.id,
            .type = observed.type,
            .name = name_for(observed),
            .physical_id = observed.physical_id,
            .reason = std::move(reason),
            .operator_only = kind == nullptr || kind->writer == Writer::Operator};
}

// "CidrBlock cannot be changed in place"; empty if all can.
std::string why_replaced(const Kind& kind, const std::vector<Difference>& found) {
    for (const Difference& difference : found) {
        const std::string property = difference.path.substr(0, difference.path.find('.'));
        if (needs_replacement(kind, property)) return format("{} cannot be changed in place", property);
    }
    return "";
}

class Planner {
public:
    Planner(const Graph& wanted, const Sight& sight) : wanted_(wanted), sight_(sight), staying_(sight.there) {
        plan_.scope = wanted.scope;
    }

    Result<ChangePlan> changes() {
        for (const Resource& resource : wanted_.resources) K3F_TRY(judge(resource));
        add_replaced_away();
        for (const Resource& resource : wanted_.resources) add_step(resource);
        add_others(plan_.changes.size());
        return std::move(plan_);
    }

    ChangePlan removal(Purge purge) {
        for (const Resource& resource : wanted_.resources) {
            const auto at = sight_.there.find(resource.id);
            if (at == sight_.there.end() || at->second.kept_until) continue;
            if (is_accounts(resource, sight_.there) || !at->second.ours ||
                resource.retain == Retain::Always ||
                (resource.retain == Retain::UnlessPurged && purge == Purge::No)) {
                plan_.kept.push_back(resource.id);
                continue;
            }
            gone_.emplace(resource.id, "");
        }
        add_replaced_away();
        add_others(0);
        return std::move(plan_);
    }

private:
    // Decides what happens to it, seen that what it refers to may be new.
    Status judge(const Resource& resource) {
        if (is_accounts(resource, sight_.there)) return plan_.adopted.push_back(resource.id), Status{};
        const auto at = sight_.there.find(resource.id);
        if (at == sight_.there.end() || at->second.kept_until) return make(resource.id), Status{};
        const Observed& there = at->second;
        const Kind& kind = kind_of(resource.type);
        auto found = differences(kind, resolved(resource, staying_), there);
        if (found.empty()) return ++plan_.unchanged, Status{};
        if (std::string why = why_replaced(kind, found); !why.empty()) {
            if (holds_data(resource.type))
                return fail(
                    ErrorCode::Refused,
                    format("the {} {} would have to be made anew ({}), and what it holds would be lost; "
                           "move its content and delete it yourself",
                           kind.word, name_for(resource), why));
            gone_.emplace(resource.id, why);
            make(resource.id);
        }
        found_.emplace(resource.id, std::move(found));
        return {};
    }

    void make(const LogicalId& id) {
        made_.insert(id);
        staying_.erase(id);
    }

    // Those that are deleted and were made from this graph: who refers goes before what it refers to.
    void add_replaced_away() {
        for (auto resource = wanted_.resources.rbegin(); resource != wanted_.resources.rend(); ++resource) {
            const auto gone = gone_.find(resource->id);
            if (gone == gone_.end()) continue;
            Change change = change_of(Verb::Delete, *resource, &sight_.there.at(resource->id));
            change.replacement = made_.contains(resource->id);
            change.reason = gone->second;
            for (const Resource& other : wanted_.resources)
                if (deleted_at_.contains(other.id) && needs_of(other).contains(resource->id))
                    change.needs.push_back(deleted_at_.at(other.id));
            deleted_at_[resource->id] = plan_.changes.size();
            plan_.changes.push_back(std::move(change));
        }
    }

    void add_step(const Resource& resource) {
        const bool made = made_.contains(resource.id);
        const auto found = found_.find(resource.id);
        if (!made && found == found_.end()) return;
        const auto there = sight_.there.find(resource.id);
        Change change = change_of(made ? Verb::Create : Verb::Update, resource,
                                  there != sight_.there.end() ? &there->second : nullptr);
        if (found != found_.end()) change.differences = found->second;
        if (const auto gone = deleted_at_.find(resource.id); gone != deleted_at_.end()) {
            change.replacement = true;
            change.physical_id.clear();
            change.reason = gone_.at(resource.id);
            change.needs.push_back(gone->second);
        }
        for (const LogicalId& id : needs_of(resource))
            if (const auto before = done_at_.find(id); before != done_at_.end())
                change.needs.push_back(before->second);
        std::ranges::sort(change.needs);
        done_at_[resource.id] = plan_.changes.size();
        plan_.changes.push_back(std::move(change));
    }

    // What carries our tags, an id among them, and is in no graph: left from another choice (a NAT gateway
    // that became an instance). After everything that may have used it, in the order of the kinds.
    void add_others(std::size_t after) {
        std::vector<const Observed*> others;
        for (const Observed& other : sight_.others)
            if (other.ours && !other.kept_until && !other.id.empty()) others.push_back(&other);
        std::ranges::stable_sort(others, {}, [](const Observed* o) { return removal_rank(o->type); });
        std::vector<std::size_t> before(after);
        for (std::size_t i = 0; i < after; ++i) before[i] = i;
        int rank = -1;
        std::vector<std::size_t> same;
        for (const Observed* other : others) {
            if (removal_rank(other->type) != rank) {
                before.insert(before.end(), same.begin(), same.end());
                same.clear();
                rank = removal_rank(other->type);
            }
            Change change = deletion_of(*other, "nothing asks for it any more");
            change.needs = before;
            same.push_back(plan_.changes.size());
            plan_.changes.push_back(std::move(change));
        }
    }

    const Graph& wanted_;
    const Sight& sight_;
    ObservedById staying_;  // What is there and is not made anew.
    ChangePlan plan_;
    std::set<LogicalId> made_;               // Are created, replacements too.
    std::map<LogicalId, std::string> gone_;  // Are deleted, and why.
    std::map<LogicalId, std::vector<Difference>> found_;
    std::map<LogicalId, std::size_t> deleted_at_;
    std::map<LogicalId, std::size_t> done_at_;
};

}  // namespace

std::string_view to_string(Verb verb) {
    switch (verb) {
        case Verb::Create: return "create";
        case Verb::Update: return "update";
        case Verb::Delete: return "delete";
    }
    return "";
}

bool is_accounts(const Resource& resource, const ObservedById& there) {
    if (resource.claim != Claim::Accounts) return false;
    if (kind_of(resource.type).find == FindBy::Parent) {
        for (const LogicalId& id : needs_of(resource))
            if (const auto whole = there.find(id); whole != there.end()) return !whole->second.ours;
    }
    const auto at = there.find(resource.id);
    return at != there.end() && !at->second.ours;
}

int removal_rank(std::string_view type) {
    return static_cast<int>(std::ranges::find(kRemoval, type) - kRemoval.begin());
}

std::string ChangePlan::digest() const {
    Value list = Value::array();
    for (const Change& change : changes) {
        Value found = Value::array();
        for (const Difference& d : change.differences)
            found.push(Value::object({{"path", d.path}, {"wanted", d.wanted}, {"found", d.found}}));
        list.push(Value::object({{"verb", to_string(change.verb)},
                                 {"id", change.id.str()},
                                 {"type", change.type},
                                 {"physical", change.physical_id},
                                 {"differences", found}}));
    }
    const Value whole = Value::object({{"project", scope.project.str()},
                                       {"cluster", scope.cluster.str()},
                                       {"account", scope.account},
                                       {"region", scope.region},
                                       {"changes", list}});
    return crypto::sha256_hex(json::write(whole));
}

ChangePlan part_of(const ChangePlan& plan, const std::set<std::size_t>& wanted) {
    ChangePlan part{.scope = plan.scope};
    std::map<std::size_t, std::size_t> moved;
    for (const std::size_t i : wanted) {
        moved[i] = part.changes.size();
        part.changes.push_back(plan.changes[i]);
        std::vector<std::size_t>& needs = part.changes.back().needs;
        std::erase_if(needs, [&](std::size_t need) { return !wanted.contains(need); });
        for (std::size_t& need : needs) need = moved.at(need);
    }
    return part;
}

Result<ChangePlan> plan_changes(const Graph& wanted, const Sight& sight) {
    return Planner(wanted, sight).changes();
}

ChangePlan plan_removal(const Graph& graph, const Sight& sight, Purge purge) {
    return Planner(graph, sight).removal(purge);
}

}  // namespace k3fleet::resources
