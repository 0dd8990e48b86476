#include "adapters/aws/resources/bucket_settings.h"

#include <array>
#include <string_view>

#include "adapters/aws/resources/documents.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace {

// Where an event goes, in CloudFormation and in S3.
struct Target {
    std::string_view list;
    std::string_view member;
    std::string_view list_of_s3;
    std::string_view member_of_s3;
};
constexpr std::array<Target, 3> kTargets = {
    {{"QueueConfigurations", "Queue", "QueueConfigurations", "QueueArn"},
     {"TopicConfigurations", "Topic", "TopicConfigurations", "TopicArn"},
     {"LambdaConfigurations", "Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"}}};

// S3 takes "prefix" and shows "Prefix".
Value rules_from_aws(const Value& configuration) {
    Value rules = Value::array();
    for (const Value& rule : at(configuration, "Filter.Key.FilterRules").items())
        rules.push(
            Value::object({{"Name", lower(rule.string_at("Name"))}, {"Value", rule.string_at("Value")}}));
    return rules;
}

}  // namespace

Value encryption_from_aws(const Value& configuration) {
    Value rules = Value::array();
    for (const Value& rule : at(configuration, "Rules").items()) {
        Value said = take(rule, {"BucketKeyEnabled"});
        rename(said, rule, {{"ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault"}});
        rules.push(std::move(said));
    }
    return Value::object({{"ServerSideEncryptionConfiguration", rules}});
}

Value encryption_to_aws(const Value& property) {
    Value rules = Value::array();
    for (const Value& rule : at(property, "ServerSideEncryptionConfiguration").items()) {
        Value said = take(rule, {"BucketKeyEnabled"});
        rename(said, rule, {{"ApplyServerSideEncryptionByDefault", "ServerSideEncryptionByDefault"}});
        rules.push(std::move(said));
    }
    return Value::object({{"Rules", rules}});
}

Value lifecycle_from_aws(const Value& configuration) {
    Value rules = Value::array();
    for (const Value& rule : at(configuration, "Rules").items()) {
        Value said =
            take(rule, {"Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload", "Prefix"});
        rename(said, rule, {{"Id", "ID"}});
        if (const Value prefix = at(rule, "Filter.Prefix"); prefix.is_string()) said.set("Prefix", prefix);
        rename(said, at(rule, "Expiration"),
               {{"ExpirationInDays", "Days"}, {"ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"}});
        rules.push(std::move(said));
    }
    return Value::object({{"Rules", rules}});
}

Value lifecycle_to_aws(const Value& property) {
    Value rules = Value::array();
    for (const Value& rule : at(property, "Rules").items()) {
        Value said = take(rule, {"Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"});
        rename(said, rule, {{"ID", "Id"}});
        said.set("Filter", Value::object({{"Prefix", rule.string_at("Prefix")}}));
        Value expiration = Value::object();
        rename(expiration, rule,
               {{"Days", "ExpirationInDays"}, {"ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"}});
        if (!expiration.members().empty()) said.set("Expiration", expiration);
        rules.push(std::move(said));
    }
    return Value::object({{"Rules", rules}});
}

Value notifications_from_aws(const Value& configuration) {
    Value said = Value::object();
    for (const Target& target : kTargets) {
        Value list = Value::array();
        for (const Value& one : at(configuration, target.list_of_s3).items()) {
            for (const Value& event : at(one, "Events").items()) {
                Value item = Value::object({{"Event", event}, {target.member, at(one, target.member_of_s3)}});
                if (const Value rules = rules_from_aws(one); !rules.items().empty())
                    item.set("Filter", Value::object({{"S3Key", Value::object({{"Rules", rules}})}}));
                list.push(std::move(item));
            }
        }
        said.set(target.list, list);
    }
    if (configuration.find("EventBridgeConfiguration") != nullptr)
        said.set("EventBridgeConfiguration", Value::object({{"EventBridgeEnabled", true}}));
    return said;
}

Value notifications_to_aws(const Value& property) {
    Value said = Value::object();
    for (const Target& target : kTargets) {
        Value list = Value::array();
        for (const Value& one : at(property, target.list).items()) {
            Value item = Value::object({{"Events", Value::array({at(one, "Event")})},
                                        {target.member_of_s3, at(one, target.member)}});
            if (const Value rules = at(one, "Filter.S3Key.Rules"); !rules.items().empty())
                item.set("Filter", Value::object({{"Key", Value::object({{"FilterRules", rules}})}}));
            list.push(std::move(item));
        }
        if (!list.items().empty()) said.set(target.list_of_s3, list);
    }
    if (at(property, "EventBridgeConfiguration.EventBridgeEnabled").as_bool() == true)
        said.set("EventBridgeConfiguration", Value::object());
    return said;
}

}  // namespace k3fleet::resources
