// Finding tables and items of the simulated DynamoDB, as its operations share it.
#pragma once

#include <optional>
#include <string>

#include "adapters/simcloud/aws/dynamodb_evaluate.h"
#include "adapters/simcloud/aws/dynamodb_state.h"
#include "adapters/simcloud/aws/service.h"
#include "aws/gen/dynamodb.h"

namespace k3fleet::simcloud {

// What DynamoDB calls an invalid request.
template <typename T>
Result<T> validated(Result<T> result) {
    if (result || !result.error().provider_code.empty()) return result;
    return refuse("ValidationException", std::move(result.error().message));
}

// For its items. ResourceNotFoundException, also of a table that is not active yet or being deleted.
Result<DynamoTable*> find_table(Call& call, const std::optional<std::string>& name);
// For what is said of it, whatever its state: ResourceNotFoundException.
Result<DynamoTable*> find_described(Call& call, const std::optional<std::string>& name);
// For a change: also ResourceInUseException while it is made, changed or deleted.
Result<DynamoTable*> find_changeable(Call& call, const std::optional<std::string>& name);
aws::dynamodb::TableDescription described(const Call& call, const DynamoTable& table);

// What a request says of encryption: ValidationException.
Status set_encryption(const Call& call, DynamoTable& table, const aws::dynamodb::SSESpecification& wanted);

// The bytes under which an item of this key is kept.
std::string item_key(const DynamoTable& table, const Attributes& key);
// Of a request's `Key`: exactly the table's attributes. ValidationException.
Result<std::string> read_key(const DynamoTable& table, const aws::Map<aws::dynamodb::AttributeValue>& key,
                             Attributes& out);
// Of a whole item: they are among its attributes.
Result<std::string> key_within(const DynamoTable& table, const Attributes& item);

// The item as the last write left it; null: there is none. An item whose time has come is removed by this, up
// to two days late as on AWS.
DynamoItem* find_item(Call& call, DynamoTable& table, const std::string& key);
// What a read sees; null: nothing. Without consistency perhaps what was there before the last write.
enum class Read { Consistent, Eventual };
const Attributes* seen(Call& call, DynamoTable& table, const std::string& key, Read read);
// Null: the item is removed.
void write(Call& call, DynamoTable& table, const std::string& key, std::optional<Attributes> item);

// dynamodb:LeadingKeys and the rest of what DynamoDB says about an item to IAM.
void needs_item(const Call& call, Needs& needs, std::string_view action,
                const std::optional<std::string>& table, const aws::Map<aws::dynamodb::AttributeValue>& key);
std::string table_arn(const Call& call, const std::string& name);

}  // namespace k3fleet::simcloud
