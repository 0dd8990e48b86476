#include "core/resources/cloudformation.h"

#include "base/text.h"
#include "core/resources/kinds.h"

namespace k3fleet::resources {

namespace {

Value tag_list(const Tags& tags) {
    Value list = Value::array();
    for (const auto& [key, value] : tags) list.push(Value::object({{"Key", key}, {"Value", value}}));
    return list;
}

Value parameter(std::string_view what) { return Value::object({{"Type", "String"}, {"Description", what}}); }

Value properties_of(const Resource& resource) {
    Value properties = resource.properties;
    if (resource.type == "AWS::Lambda::Function")
        properties.set("Code", Value::object({{"S3Bucket", Value::object({{"Ref", "CodeBucket"}})},
                                              {"S3Key", Value::object({{"Ref", "CodeKey"}})}}));
    if (resource.tags.empty()) return properties;
    // The API tags policies and profiles as well; CloudFormation cannot.
    if (resource.type != "AWS::IAM::ManagedPolicy" && resource.type != "AWS::IAM::InstanceProfile")
        properties.set("Tags", tag_list(resource.tags));
    return properties;
}

Value entry(const Resource& resource) {
    Value entry = Value::object({{"Type", resource.type}, {"Properties", properties_of(resource)}});
    if (!resource.after.empty()) {
        Value ids = Value::array();
        for (const LogicalId& id : resource.after) ids.push(id.str());
        entry.set("DependsOn", std::move(ids));
    }
    if (resource.retain != Retain::No || resource.type == "AWS::S3::Bucket" ||
        resource.type == "AWS::DynamoDB::Table" || resource.type == "AWS::KMS::Key") {
        entry.set("DeletionPolicy", "Retain");
        entry.set("UpdateReplacePolicy", "Retain");
    }
    return entry;
}

}  // namespace

Value cloudformation(const Graph& graph) {
    Value resources = Value::object();
    bool code = false;
    for (const Resource& resource : graph.resources) {
        if (resource.type.starts_with("K3fleet::")) continue;
        code = code || resource.type == "AWS::Lambda::Function";
        resources.set(resource.id.str(), entry(resource));
    }
    const std::string whose =
        graph.scope.cluster.empty()
            ? format("k3fleet: project {} in {}", graph.scope.project.str(), graph.scope.region)
            : format("k3fleet: cluster {} of project {}", graph.scope.cluster.str(),
                     graph.scope.project.str());
    Value whole = Value::object({{"AWSTemplateFormatVersion", "2010-09-09"}, {"Description", whose}});
    if (code)
        whole.set("Parameters",
                  Value::object({{"CodeBucket", parameter("Bucket that holds the functions' zip")},
                                 {"CodeKey", parameter("Its key; the zip holds k3fleet as bootstrap")}}));
    whole.set("Resources", std::move(resources));
    return whole;
}

}  // namespace k3fleet::resources
