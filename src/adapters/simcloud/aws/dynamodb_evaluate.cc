#include "adapters/simcloud/aws/dynamodb_evaluate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/simcloud/aws/decimal.h"
#include "adapters/simcloud/aws/dynamodb_values.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

using Kind = Condition::Kind;

std::unexpected<Error> wrong(std::string message) {
    return fail(ErrorCode::InvalidArgument, std::move(message));
}

const std::string& name_of(const Path::Step& step, const Bindings& bindings) {
    if (!step.name.starts_with('#')) return step.name;
    const auto found = bindings.names.find(step.name);
    return found == bindings.names.end() ? step.name : found->second;
}

const Datum* find(const Path& path, const Attributes& item, const Bindings& bindings) {
    const auto top = item.find(name_of(path.steps.front(), bindings));
    const Datum* at = top == item.end() ? nullptr : &top->second;
    for (std::size_t i = 1; at != nullptr && i < path.steps.size(); ++i) {
        const Path::Step& step = path.steps[i];
        if (step.name.empty()) {
            const bool there = at->kind == Datum::Kind::List && step.index < at->items.size();
            at = there ? &at->items[step.index] : nullptr;
            continue;
        }
        const auto member = at->members.find(name_of(step, bindings));
        at = member == at->members.end() ? nullptr : &member->second;
    }
    return at;
}

std::optional<std::size_t> size_of(const Datum& datum) {
    switch (datum.kind) {
        case Datum::Kind::String:
        case Datum::Kind::Binary: return datum.text.size();
        case Datum::Kind::List:
        case Datum::Kind::StringSet:
        case Datum::Kind::NumberSet:
        case Datum::Kind::BinarySet: return datum.items.size();
        case Datum::Kind::Map: return datum.members.size();
        case Datum::Kind::Number:
        case Datum::Kind::Boolean:
        case Datum::Kind::Null: return std::nullopt;
    }
    return std::nullopt;
}

// An operand of a condition; null: there is no such attribute. `made` holds what is not in the item, and has
// room for it.
const Datum* value_of(const Operand& operand, const Attributes& item, const Bindings& bindings,
                      std::vector<Datum>& made) {
    if (operand.kind == Operand::Kind::Value) {
        const auto found = bindings.values.find(operand.value);
        return found == bindings.values.end() ? nullptr : &found->second;
    }
    const Datum* at = find(operand.path, item, bindings);
    if (operand.kind != Operand::Kind::Size || at == nullptr) return at;
    const auto size = size_of(*at);
    if (!size) return nullptr;
    return &made.emplace_back(Datum{.kind = Datum::Kind::Number, .text = std::to_string(*size)});
}

// DynamoDB refuses values of the request that can never fit; attributes that do not are just not equal.
Status check_kind(const Operand& operand, const Datum* value, bool fits, std::string_view function) {
    if (fits || value == nullptr || operand.kind != Operand::Kind::Value) return {};
    return wrong(
        format("Invalid ConditionExpression: Incorrect operand type for operator or function; "
               "operator or function: {}, operand type: {}",
               function, name_of(value->kind)));
}

bool ordered(Kind kind, std::strong_ordering order) {
    switch (kind) {
        case Kind::Less: return order < 0;
        case Kind::LessOrEqual: return order <= 0;
        case Kind::Greater: return order > 0;
        default: return order >= 0;
    }
}

std::string_view symbol(Kind kind) {
    switch (kind) {
        case Kind::Less: return "<";
        case Kind::LessOrEqual: return "<=";
        case Kind::Greater: return ">";
        case Kind::Between: return "BETWEEN";
        default: return ">=";
    }
}

bool contains(const Datum& whole, const Datum& part) {
    if (whole.kind == Datum::Kind::String || whole.kind == Datum::Kind::Binary)
        return part.kind == whole.kind && whole.text.find(part.text) != std::string::npos;
    return std::ranges::find(whole.items, part) != whole.items.end();
}

// A test of an attribute, with the values of its operands; null: there is none.
Result<bool> compared(const Condition& test, const std::vector<const Datum*>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool fits = values[i] == nullptr || has_order(values[i]->kind);
        K3F_TRY(check_kind(test.operands[i], values[i], fits, symbol(test.kind)));
    }
    const bool literal = test.operands.back().kind == Operand::Kind::Value;
    if (test.kind == Kind::Between && literal && test.operands[1].kind == Operand::Kind::Value) {
        if (values[1]->kind != values[2]->kind)
            return wrong(
                "Invalid ConditionExpression: The BETWEEN operator requires same data type for lower and "
                "upper bounds");
        if (compare(*values[1], *values[2]) > 0)
            return wrong(
                "Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than "
                "or equal to lower bound");
    }
    for (const Datum* value : values)
        if (value == nullptr || !has_order(value->kind) || value->kind != values[0]->kind) return false;
    if (test.kind == Kind::Between)
        return compare(*values[0], *values[1]) >= 0 && compare(*values[0], *values[2]) <= 0;
    return ordered(test.kind, compare(*values[0], *values[1]));
}

Result<bool> has_type(const Condition& test, const std::vector<const Datum*>& values) {
    const Datum* wanted = values[1];
    K3F_TRY(check_kind(test.operands[1], wanted, wanted != nullptr && wanted->kind == Datum::Kind::String,
                       "attribute_type"));
    bool known = false;
    for (auto kind = Datum::Kind::String; kind <= Datum::Kind::Map;
         kind = static_cast<Datum::Kind>(static_cast<int>(kind) + 1))
        known = known || (wanted != nullptr && wanted->text == name_of(kind));
    if (!known)
        return wrong(
            "Invalid ConditionExpression: Invalid attribute type name found; valid types: "
            "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
    return values[0] != nullptr && name_of(values[0]->kind) == wanted->text;
}

Result<bool> tested(const Condition& test, const Attributes& item, const Bindings& bindings) {
    const auto sizes = std::ranges::count(test.operands, Operand::Kind::Size, &Operand::kind);
    std::vector<Datum> made;
    made.reserve(static_cast<std::size_t>(sizes));
    std::vector<const Datum*> values;
    values.reserve(test.operands.size());
    for (const Operand& operand : test.operands) values.push_back(value_of(operand, item, bindings, made));
    const auto equal = [&](std::size_t n) {
        return values[0] != nullptr && values[n] != nullptr && *values[0] == *values[n];
    };
    switch (test.kind) {
        case Kind::Exists: return values[0] != nullptr;
        case Kind::NotExists: return values[0] == nullptr;
        case Kind::Equal: return equal(1);
        case Kind::NotEqual: return !equal(1);
        case Kind::HasType: return has_type(test, values);
        case Kind::In: {
            bool any = false;
            for (std::size_t i = 1; i < values.size(); ++i) any = any || equal(i);
            return any;
        }
        case Kind::BeginsWith: {
            const auto text = [](const Datum* value) {
                return value != nullptr &&
                       (value->kind == Datum::Kind::String || value->kind == Datum::Kind::Binary);
            };
            K3F_TRY(check_kind(test.operands[1], values[1], text(values[1]), "begins_with"));
            return text(values[0]) && text(values[1]) && values[0]->kind == values[1]->kind &&
                   values[0]->text.starts_with(values[1]->text);
        }
        case Kind::Contains:
            return values[0] != nullptr && values[1] != nullptr && contains(*values[0], *values[1]);
        default: return compared(test, values);
    }
}

using Names = std::vector<std::string>;

// Two changes must not touch one place, or a place and what is inside it.
Names place_of(const Path& path, const Bindings& bindings) {
    Names place;
    for (const Path::Step& step : path.steps)
        place.push_back(step.name.empty() ? format("[{}]", step.index) : name_of(step, bindings));
    return place;
}

Status check_places(const UpdateExpression& update, const Bindings& bindings,
                    const std::set<std::string>& keys) {
    std::vector<Names> places;
    for (const auto* changes : {&update.set, &update.remove, &update.add, &update.subtract})
        for (const auto& change : *changes) places.push_back(place_of(change.path, bindings));
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (keys.contains(places[i].front()))
            return wrong(
                format("One or more parameter values were invalid: Cannot update attribute {}. This "
                       "attribute is part of the key",
                       places[i].front()));
        for (std::size_t j = 0; j < i; ++j) {
            const std::size_t common = std::min(places[i].size(), places[j].size());
            if (!std::equal(places[i].begin(), places[i].begin() + static_cast<std::ptrdiff_t>(common),
                            places[j].begin()))
                continue;
            return wrong(
                format("Invalid UpdateExpression: Two document paths overlap with each other; must "
                       "remove or rewrite one of these paths; path one: [{}], path two: [{}]",
                       join(places[j], ", "), join(places[i], ", ")));
        }
    }
    return {};
}

std::unexpected<Error> wrong_operand() {
    return wrong("An operand in the update expression has an incorrect data type");
}

Result<Datum> computed(const Operand& operand, const Attributes& item, const Bindings& bindings) {
    using Sort = Operand::Kind;
    switch (operand.kind) {
        case Sort::Value: return bindings.values.at(operand.value);
        case Sort::Path:
        case Sort::IfNotExists: {
            if (const Datum* there = find(operand.path, item, bindings)) return *there;
            if (operand.kind == Sort::IfNotExists) return computed(operand.arguments[0], item, bindings);
            return wrong("The provided expression refers to an attribute that does not exist in the item");
        }
        case Sort::ListAppend: {
            Datum list = K3F_TRY(computed(operand.arguments[0], item, bindings));
            const Datum more = K3F_TRY(computed(operand.arguments[1], item, bindings));
            if (list.kind != Datum::Kind::List || more.kind != Datum::Kind::List) return wrong_operand();
            list.items.insert(list.items.end(), more.items.begin(), more.items.end());
            return list;
        }
        case Sort::Plus:
        case Sort::Minus: {
            Datum sum = K3F_TRY(computed(operand.arguments[0], item, bindings));
            const Datum other = K3F_TRY(computed(operand.arguments[1], item, bindings));
            if (sum.kind != Datum::Kind::Number || other.kind != Datum::Kind::Number) return wrong_operand();
            const std::string term = operand.kind == Sort::Plus ? other.text : negative_number(other.text);
            sum.text = K3F_TRY(add_numbers(sum.text, term));
            return sum;
        }
        case Sort::Size: break;
    }
    return wrong_operand();
}

std::unexpected<Error> wrong_path() {
    return wrong("The document path provided in the update expression is invalid for update");
}

// What holds the last step of a path. Null: the path begins at the item itself.
Result<Datum*> parent_of(const Path& path, Attributes& item, const Bindings& bindings) {
    if (path.steps.size() == 1) return nullptr;
    Path above = path;
    above.steps.pop_back();
    const Datum* parent = find(above, item, bindings);
    const bool element = path.steps.back().name.empty();
    if (parent == nullptr || parent->kind != (element ? Datum::Kind::List : Datum::Kind::Map))
        return wrong_path();
    return const_cast<Datum*>(parent);  // Found in an item that may be changed.
}

Status set_value(const Path& path, Datum value, Attributes& item, const Bindings& bindings) {
    Datum* parent = K3F_TRY(parent_of(path, item, bindings));
    const Path::Step& last = path.steps.back();
    if (parent == nullptr || !last.name.empty()) {
        Attributes& members = parent == nullptr ? item : parent->members;
        members.insert_or_assign(name_of(last, bindings), std::move(value));
    } else if (last.index < parent->items.size()) {
        parent->items[last.index] = std::move(value);
    } else {
        parent->items.push_back(std::move(value));
    }
    return {};
}

Status remove_value(const Path& path, Attributes& item, const Bindings& bindings) {
    Datum* parent = K3F_TRY(parent_of(path, item, bindings));
    const Path::Step& last = path.steps.back();
    if (parent == nullptr || !last.name.empty()) {
        (parent == nullptr ? item : parent->members).erase(name_of(last, bindings));
    } else if (last.index < parent->items.size()) {
        parent->items.erase(parent->items.begin() + static_cast<std::ptrdiff_t>(last.index));
    }
    return {};
}

bool is_set(const Datum& datum) {
    return datum.kind >= Datum::Kind::StringSet && datum.kind <= Datum::Kind::BinarySet;
}

Status add_value(const Path& path, const Datum& value, Attributes& item, const Bindings& bindings) {
    if (value.kind != Datum::Kind::Number && !is_set(value)) return wrong_operand();
    const Datum* there = find(path, item, bindings);
    if (there == nullptr) return set_value(path, value, item, bindings);
    if (there->kind != value.kind) return wrong_operand();
    Datum sum = *there;
    if (value.kind == Datum::Kind::Number) {
        sum.text = K3F_TRY(add_numbers(there->text, value.text));
    } else {
        sum.items.insert(sum.items.end(), value.items.begin(), value.items.end());
        arrange_set(sum);
    }
    return set_value(path, std::move(sum), item, bindings);
}

Status subtract_value(const Path& path, const Datum& value, Attributes& item, const Bindings& bindings) {
    if (!is_set(value)) return wrong_operand();
    const Datum* there = find(path, item, bindings);
    if (there == nullptr) return {};
    if (there->kind != value.kind) return wrong_operand();
    Datum rest = *there;
    std::erase_if(rest.items,
                  [&](const Datum& one) { return std::ranges::find(value.items, one) != value.items.end(); });
    if (rest.items.empty()) return remove_value(path, item, bindings);
    return set_value(path, std::move(rest), item, bindings);
}

// Paths mean places of the item as it was: what is later in a list goes first.
std::vector<const Path*> in_order_of_removal(const std::vector<UpdateExpression::Change>& changes) {
    std::vector<const Path*> paths;
    for (const auto& change : changes) paths.push_back(&change.path);
    const auto before = [](const Path::Step& a, const Path::Step& b) {
        return a.index != b.index ? a.index < b.index : a.name < b.name;
    };
    std::ranges::sort(paths, [&](const Path* a, const Path* b) {
        return std::ranges::lexicographical_compare(b->steps, a->steps, before);
    });
    return paths;
}

// Copies what one path leads to, with what it goes through.
void copy_path(const Path& path, const Attributes& item, const Bindings& bindings, Attributes& out) {
    const Datum* value = find(path, item, bindings);
    if (value == nullptr) return;
    Attributes* to = &out;
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        Datum& place = (*to)[name_of(path.steps[i], bindings)];
        if (i + 1 == path.steps.size()) {
            place = *value;
            return;
        }
        if (path.steps[i + 1].name.empty()) {
            // What is in a list comes as a list of what was asked for.
            place.kind = Datum::Kind::List;
            place.items.push_back(*value);
            return;
        }
        place.kind = Datum::Kind::Map;
        to = &place.members;
    }
}

}  // namespace

Result<Bindings> read_bindings(const aws::Map<std::string>& names,
                               const aws::Map<aws::dynamodb::AttributeValue>& values) {
    for (const auto& [name, meaning] : names)
        if (!name.starts_with('#') || name.size() < 2)
            return wrong(
                format("ExpressionAttributeNames contains invalid key: Syntax error; key: \"{}\"", name));
    for (const auto& [name, value] : values)
        if (!name.starts_with(':') || name.size() < 2)
            return wrong(
                format("ExpressionAttributeValues contains invalid key: Syntax error; key: \"{}\"", name));
    if (names.present() && names.empty()) return wrong("ExpressionAttributeNames must not be empty");
    if (values.present() && values.empty()) return wrong("ExpressionAttributeValues must not be empty");
    auto read = read_attributes(values);
    if (!read) return wrong("ExpressionAttributeValues contains invalid value: " + read.error().message);
    return Bindings{.names = names, .values = *std::move(read)};
}

Status check_bindings(const Bindings& bindings, const std::vector<Use>& expressions) {
    if (expressions.empty() && !bindings.names.empty())
        return wrong("ExpressionAttributeNames can only be specified when using expressions");
    if (expressions.empty() && !bindings.values.empty())
        return wrong("ExpressionAttributeValues can only be specified when using expressions");
    for (const Use& use : expressions) {
        for (const std::string& name : use.used.names)
            if (!bindings.names.contains(name))
                return wrong(
                    format("Invalid {}: An expression attribute name used in the document path is not "
                           "defined; attribute name: {}",
                           use.what, name));
        for (const std::string& value : use.used.values)
            if (!bindings.values.contains(value))
                return wrong(
                    format("Invalid {}: An expression attribute value used in expression is not "
                           "defined; attribute value: {}",
                           use.what, value));
    }
    const auto used = [&](const std::string& key, std::vector<std::string> Placeholders::* list) {
        return std::ranges::any_of(
            expressions, [&](const Use& use) { return std::ranges::binary_search(use.used.*list, key); });
    };
    for (const auto& [name, meaning] : bindings.names)
        if (!used(name, &Placeholders::names))
            return wrong(format(
                "Value provided in ExpressionAttributeNames unused in expressions: keys: {{{}}}", name));
    for (const auto& [name, value] : bindings.values)
        if (!used(name, &Placeholders::values))
            return wrong(format(
                "Value provided in ExpressionAttributeValues unused in expressions: keys: {{{}}}", name));
    return {};
}

Result<bool> holds(const Condition& condition, const Attributes& item, const Bindings& bindings) {
    switch (condition.kind) {
        case Kind::Not: return !K3F_TRY(holds(condition.parts[0], item, bindings));
        case Kind::And:
        case Kind::Or: {
            // All parts are looked at, so that a wrong operand is found whatever the others say.
            bool all = true, any = false;
            for (const Condition& part : condition.parts) {
                const bool one = K3F_TRY(holds(part, item, bindings));
                all = all && one;
                any = any || one;
            }
            return condition.kind == Kind::And ? all : any;
        }
        default: return tested(condition, item, bindings);
    }
}

Result<Attributes> updated(const UpdateExpression& update, const Attributes& item, const Bindings& bindings,
                           const std::set<std::string>& keys) {
    K3F_TRY(check_places(update, bindings, keys));
    Attributes changed = item;
    for (const auto& change : update.set) {
        Datum value = K3F_TRY(computed(change.operand, item, bindings));
        K3F_TRY(set_value(change.path, std::move(value), changed, bindings));
    }
    for (const auto& change : update.add)
        K3F_TRY(add_value(change.path, bindings.values.at(change.operand.value), changed, bindings));
    for (const auto& change : update.subtract)
        K3F_TRY(subtract_value(change.path, bindings.values.at(change.operand.value), changed, bindings));
    for (const Path* path : in_order_of_removal(update.remove))
        K3F_TRY(remove_value(*path, changed, bindings));
    return changed;
}

Attributes projected(const std::vector<Path>& paths, const Attributes& item, const Bindings& bindings) {
    Attributes out;
    for (const Path& path : paths) copy_path(path, item, bindings, out);
    return out;
}

std::set<std::string> changed_names(const UpdateExpression& update, const Bindings& bindings) {
    std::set<std::string> names;
    for (const auto* changes : {&update.set, &update.remove, &update.add, &update.subtract})
        for (const auto& change : *changes) names.insert(name_of(change.path.steps.front(), bindings));
    return names;
}

}  // namespace k3fleet::simcloud
