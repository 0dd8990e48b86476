// AWS::DynamoDB::Table. A new table takes seconds until its other settings can be made: creating it again
// then goes on where it was.
#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/dynamodb.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace dynamodb = aws::dynamodb;

namespace {

Value named(const std::string& table) { return Value::object({{"TableName", table}}); }

Value encryption(const Value& table) {
    const std::string status = table.string_at("SSEDescription.Status");
    Value said = Value::object({{"SSEEnabled", status == "ENABLED" || status == "ENABLING"}});
    rename(said, at(table, "SSEDescription"),
           {{"SSEType", "SSEType"}, {"KMSMasterKeyId", "KMSMasterKeyArn"}});
    return said;
}

Value encryption_to_aws(const Value& property) {
    Value said = take(property, {"SSEType", "KMSMasterKeyId"});
    rename(said, property, {{"Enabled", "SSEEnabled"}});
    return said;
}

Result<Value> time_to_live(Context& context, const std::string& name) {
    const Value answer = K3F_TRY(ask<dynamodb::DescribeTimeToLiveRequest>(context, named(name)));
    const Value ttl = at(answer, "TimeToLiveDescription");
    const std::string status = ttl.string_at("TimeToLiveStatus");
    Value said = take(ttl, {"AttributeName"});
    return said.set("Enabled", status == "ENABLED" || status == "ENABLING");
}

Result<bool> recoverable(Context& context, const std::string& name) {
    const Value answer = K3F_TRY(ask<dynamodb::DescribeContinuousBackupsRequest>(context, named(name)));
    return answer.string_at(
               "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus") ==
           "ENABLED";
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto answer = K3F_TRY(look<dynamodb::DescribeTableRequest>(context, named(name)));
    if (!answer || answer->string_at("Table.TableStatus") == "DELETING") return std::optional<Observed>();
    const Value table = at(*answer, "Table");
    Observed observed;
    observed.physical_id = name;
    observed.attributes = Value::object({{"Arn", at(table, "TableArn")}});
    observed.properties = take(table, {"TableName", "KeySchema", "AttributeDefinitions"});
    observed.properties.set("BillingMode", table.string_at("BillingModeSummary.BillingMode", "PROVISIONED"));
    observed.properties.set("DeletionProtectionEnabled",
                            at(table, "DeletionProtectionEnabled").as_bool() == true);
    observed.properties.set("SSESpecification", encryption(table));
    observed.properties.set("TimeToLiveSpecification", K3F_TRY(time_to_live(context, name)));
    observed.properties.set(
        "PointInTimeRecoverySpecification",
        Value::object({{"PointInTimeRecoveryEnabled", K3F_TRY(recoverable(context, name))}}));
    const auto tags = K3F_TRY(ask_all<dynamodb::ListTagsOfResourceRequest>(
        context, Value::object({{"ResourceArn", at(table, "TableArn")}}), "Tags"));
    observed.tags = tags_of(Value::array(tags));
    observed.created_at = time_at(table, "CreationDateTime");
    observed.pending = table.string_at("TableStatus") != "ACTIVE";
    if (observed.pending) observed.waiting_for = "the table becomes active";
    return std::optional(std::move(observed));
}

Status settle(Context& context, const std::string& name) {
    const Value answer = K3F_TRY(ask<dynamodb::DescribeTableRequest>(context, named(name)));
    if (answer.string_at("Table.TableStatus") == "ACTIVE") return {};
    Error error{.code = ErrorCode::Unavailable,
                .message = format("table {} is not active yet", name),
                .trail = {},
                .provider_code = "",
                .retry_after = std::chrono::seconds{2}};
    return std::unexpected(std::move(error));
}

Status set_rest(Context& context, const Observed& observed, const Resource& resource) {
    if (differs(observed, resource, "PointInTimeRecoverySpecification")) {
        K3F_TRY(settle(context, observed.physical_id));
        Value request = named(observed.physical_id);
        take(request, resource.properties, {"PointInTimeRecoverySpecification"});
        K3F_TRY(tell<dynamodb::UpdateContinuousBackupsRequest>(context, request));
    }
    if (differs(observed, resource, "TimeToLiveSpecification")) {
        K3F_TRY(settle(context, observed.physical_id));
        Value request = named(observed.physical_id);
        take(request, resource.properties, {"TimeToLiveSpecification"});
        K3F_TRY(tell<dynamodb::UpdateTimeToLiveRequest>(context, request));
    }
    return {};
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second table of that name is refused.
    Value request = take(resource.properties, {"TableName", "KeySchema", "AttributeDefinitions",
                                               "BillingMode", "DeletionProtectionEnabled"});
    if (const Value sse = at(resource.properties, "SSESpecification"); !sse.is_null())
        request.set("SSESpecification", encryption_to_aws(sse));
    request.set("Tags", tag_list(resource.tags));
    K3F_TRY(tell<dynamodb::CreateTableRequest>(context, request));
    Observed fresh;
    fresh.physical_id = text(resource, "TableName");
    fresh.properties.set("TimeToLiveSpecification", Value::object({{"Enabled", false}}));
    K3F_TRY(set_rest(context, fresh, resource));
    return fresh.physical_id;
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(tell<dynamodb::TagResourceRequest>(
            context,
            Value::object({{"ResourceArn", at(observed.attributes, "Arn")}, {"Tags", tag_list(tags)}})));
    // AWS takes one of these a call.
    for (const std::string_view property : {"BillingMode", "DeletionProtectionEnabled"}) {
        if (!differs(observed, resource, property)) continue;
        K3F_TRY(settle(context, observed.physical_id));
        Value request = named(observed.physical_id);
        take(request, resource.properties, {property});
        K3F_TRY(tell<dynamodb::UpdateTableRequest>(context, request));
    }
    if (differs(observed, resource, "SSESpecification")) {
        K3F_TRY(settle(context, observed.physical_id));
        Value request = named(observed.physical_id);
        request.set("SSESpecification", encryption_to_aws(at(resource.properties, "SSESpecification")));
        K3F_TRY(tell<dynamodb::UpdateTableRequest>(context, request));
    }
    return set_rest(context, observed, resource);
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const auto answer = K3F_TRY(look<dynamodb::DescribeTableRequest>(context, named(observed.physical_id)));
    if (!answer) return Removal{};
    if (answer->string_at("Table.TableStatus") == "DELETING") return going("AWS deletes the table");
    if (at(*answer, "Table.DeletionProtectionEnabled").as_bool() == true) {
        Value request = named(observed.physical_id);
        K3F_TRY(tell<dynamodb::UpdateTableRequest>(context, request.set("DeletionProtectionEnabled", false)));
    }
    const Status done = tell<dynamodb::DeleteTableRequest>(context, named(observed.physical_id));
    if (!done) return removed(done);
    const auto now = K3F_TRY(look<dynamodb::DescribeTableRequest>(context, named(observed.physical_id)));
    return now ? going("AWS deletes the table") : Removal{};
}

}  // namespace

constinit const Implementation kTable = {
    .type = "AWS::DynamoDB::Table",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
