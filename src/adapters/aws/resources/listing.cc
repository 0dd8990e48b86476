#include "adapters/aws/resources/listing.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "adapters/aws/resources/documents.h"
#include "aws/gen/iam.h"
#include "aws/gen/resourcegroupstaggingapi.h"

namespace k3fleet::resources {

namespace {

enum class Id { Last, AfterColon, Whole, AfterFirstSlash };

// How the ARN of a type goes on behind its account (or what stands for it), and what of it the id is.
struct Form {
    std::string_view service;
    std::string_view begins;
    std::string_view type;
    Id id = Id::Last;
};
constexpr std::array kForms = {
    Form{"cloudtrail", "trail/", "AWS::CloudTrail::Trail"},
    Form{"cloudwatch", "alarm:", "AWS::CloudWatch::Alarm", Id::AfterColon},
    Form{"dynamodb", "table/", "AWS::DynamoDB::Table"},
    Form{"ec2", "elastic-ip/", "AWS::EC2::EIP"},
    Form{"ec2", "vpc-flow-log/", "AWS::EC2::FlowLog"},
    Form{"ec2", "internet-gateway/", "AWS::EC2::InternetGateway"},
    Form{"ec2", "natgateway/", "AWS::EC2::NatGateway"},
    Form{"ec2", "network-interface/", "AWS::EC2::NetworkInterface"},
    Form{"ec2", "route-table/", "AWS::EC2::RouteTable"},
    Form{"ec2", "security-group/", "AWS::EC2::SecurityGroup"},
    Form{"ec2", "subnet/", "AWS::EC2::Subnet"},
    Form{"ec2", "vpc/", "AWS::EC2::VPC"},
    Form{"ec2", "vpc-endpoint/", "AWS::EC2::VPCEndpoint"},
    Form{"events", "rule/", "AWS::Events::Rule"},
    Form{"iam", "instance-profile/", "AWS::IAM::InstanceProfile"},
    Form{"iam", "policy/", "AWS::IAM::ManagedPolicy", Id::Whole},
    Form{"iam", "role/", "AWS::IAM::Role"},
    Form{"kms", "key/", "AWS::KMS::Key"},
    Form{"lambda", "function:", "AWS::Lambda::Function", Id::AfterColon},
    Form{"logs", "log-group:", "AWS::Logs::LogGroup", Id::AfterColon},
    Form{"s3", "", "AWS::S3::Bucket"},
    Form{"sns", "", "AWS::SNS::Topic"},
    Form{"sqs", "", "AWS::SQS::Queue"},
    Form{"ssm", "document/", "AWS::SSM::Document", Id::AfterFirstSlash},
    Form{"scheduler", "schedule-group/", "AWS::Scheduler::ScheduleGroup"},
    Form{"secretsmanager", "secret:", "AWS::SecretsManager::Secret", Id::Whole},
};

// arn:aws:SERVICE:REGION:ACCOUNT:REST
struct Parts {
    std::string_view service;
    std::string_view rest;
};

Parts parts_of(std::string_view arn) {
    Parts parts;
    for (int i = 0; i < 5; ++i) {
        const auto colon = arn.find(':');
        if (colon == std::string_view::npos) return {};
        if (i == 2) parts.service = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    parts.rest = arn;
    return parts;
}

std::string id_of(const Form& form, std::string_view arn, std::string_view rest) {
    rest.remove_prefix(form.begins.size());
    switch (form.id) {
        case Id::Whole: return std::string(arn);
        case Id::Last: return last_part(rest);
        case Id::AfterColon:
            if (rest.ends_with(":*")) rest.remove_suffix(2);
            return std::string(rest);
        case Id::AfterFirstSlash: return std::string(rest);
    }
    return "";
}

void add(Tagged& all, const std::string& arn, const Tags& tags) {
    all[model::ClusterName(tag_of(tags, model::names::kClusterTag))].push_back(arn);
}

Status add_regional(Context& context, const model::Scope& scope, Tagged& all) {
    Value filters = Value::array();
    const auto want = [&](std::string_view key, const std::string& value) {
        filters.push(Value::object({{"Key", key}, {"Values", Value::array({value})}}));
    };
    want(model::names::kProjectTag, scope.project.str());
    if (!scope.cluster.str().empty()) want(model::names::kClusterTag, scope.cluster.str());
    const auto found = K3F_TRY(ask_all<aws::resourcegroupstaggingapi::GetResourcesRequest>(
        context, Value::object({{"TagFilters", filters}}), "ResourceTagMappingList"));
    for (const Value& one : found) add(all, one.string_at("ResourceARN"), tags_of(at(one, "Tags")));
    return {};
}

// The tagging API knows nothing of roles, and of the rest of IAM in us-east-1 only.
Status add_global(Context& context, const model::Scope& scope, Tagged& all) {
    const Value kinds = Value::array({"Role", "LocalManagedPolicy"});
    const auto add_ours = [&](const Value& item) {
        const Tags tags = tags_of(at(item, "Tags"));
        if (tag_of(tags, model::names::kProjectTag) != scope.project.str()) return;
        if (!scope.cluster.empty() && tag_of(tags, model::names::kClusterTag) != scope.cluster.str()) return;
        add(all, item.string_at("Arn"), tags);
    };
    const auto roles = K3F_TRY(ask_all<aws::iam::GetAccountAuthorizationDetailsRequest>(
        context, Value::object({{"Filter", kinds}}), "RoleDetailList"));
    for (const Value& role : roles) {
        add_ours(role);
        for (const Value& profile : at(role, "InstanceProfileList").items()) add_ours(profile);
    }
    return {};
}

Result<std::optional<Observed>> observed_at(Context& context, const model::ClusterName& cluster,
                                            const std::string& arn) {
    const Named named = named_by(arn);
    const Implementation* kind = find_implementation(named.type);
    if (kind == nullptr || kind->observe == nullptr) return std::optional<Observed>();
    auto observed = K3F_TRY(kind->observe(context, named.physical_id));
    if (!observed || tag_of(observed->tags, model::names::kProjectTag) != context.scope.project.str() ||
        tag_of(observed->tags, model::names::kClusterTag) != cluster.str())
        return std::optional<Observed>();
    observed->type = named.type;
    observed->id = LogicalId(tag_of(observed->tags, model::names::kLogicalTag));
    return observed;
}

}  // namespace

Named named_by(std::string_view arn) {
    const Parts parts = parts_of(arn);
    const auto form = std::ranges::find_if(kForms, [&](const Form& one) {
        return one.service == parts.service && parts.rest.starts_with(one.begins);
    });
    if (parts.rest.empty() || form == kForms.end()) return {};
    return {form->type, id_of(*form, arn, parts.rest)};
}

Result<Tagged> list_tagged(Context& context, const model::Scope& scope) {
    Tagged all;
    K3F_TRY(add_regional(context, scope, all));
    K3F_TRY(add_global(context, scope, all));
    for (auto& [cluster, arns] : all) {
        std::ranges::sort(arns);
        const auto repeated = std::ranges::unique(arns);
        arns.erase(repeated.begin(), repeated.end());
    }
    return all;
}

Result<std::vector<Observed>> observe_all(Context& context, ports::Executor& executor,
                                          const model::ClusterName& cluster,
                                          const std::vector<std::string>& arns) {
    auto seen = ports::gather(executor, arns.size(),
                              [&](std::size_t i) { return observed_at(context, cluster, arns[i]); });
    std::vector<Observed> all;
    for (auto& one : seen)
        if (auto observed = K3F_TRY(std::move(one))) all.push_back(*std::move(observed));
    std::ranges::sort(all, {}, [](const Observed& one) { return std::tie(one.type, one.physical_id); });
    return all;
}

Result<bool> any_is_there(Context& context, const model::ClusterName& cluster,
                          const std::vector<std::string>& arns) {
    for (const std::string& arn : arns) {
        const auto observed = K3F_TRY(observed_at(context, cluster, arn));
        if (observed && !observed->kept_until) return true;
    }
    return false;
}

}  // namespace k3fleet::resources
