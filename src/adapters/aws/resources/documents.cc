#include "adapters/aws/resources/documents.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "adapters/aws/resources/answers.h"
#include "aws/paginate.h"
#include "aws/value.h"
#include "base/json.h"
#include "base/text.h"
#include "core/resources/compare.h"
#include "net/url.h"

namespace k3fleet::resources {

namespace {

// A request or an answer of a type known only at run time.
struct Made {
    explicit Made(const aws::Type* of) : type(of), data(of == nullptr ? nullptr : of->make()) {}
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    ~Made() {
        if (type != nullptr) type->destroy(data);
    }
    Value document(aws::ValueOptions options = {}) const {
        return type == nullptr ? Value::object() : aws::to_value(*type, data, options);
    }

    const aws::Type* type;
    void* data;
};

Status fill(Made& request, const aws::Operation& operation, const Value& document) {
    if (request.type == nullptr) return {};
    return aws::from_value(*request.type, document, request.data, operation.name);
}

// Of a survey's question. `how` tells apart what the same request is answered with.
Result<Value> once(Context& context, const aws::Operation& operation, const Value& document,
                   std::string_view how, const std::function<Result<Value>()>& ask) {
    if (context.answers == nullptr) return ask();
    return context.answers->to(
        format("{} {} {} {}", operation.service->id, operation.name, how, json::write(document)), ask);
}

Result<Value> call(Context& context, const aws::Operation& operation, const Value& document,
                   aws::ValueOptions options) {
    Made request(operation.input);
    const Made response(operation.output);
    K3F_TRY(fill(request, operation, document));
    K3F_TRY_WHILE(operation.name, context.api.invoke(operation, request.data, response.data, {}));
    return response.document(options);
}

// The list `member` of all pages.
Result<Value> all_pages(Context& context, const aws::Operation& operation, const Value& document,
                        std::string_view member) {
    Made request(operation.input);
    K3F_TRY(fill(request, operation, document));
    aws::PageWalk walk(operation, {});
    Value::Array all;
    while (true) {
        const Made response(operation.output);
        K3F_TRY_WHILE(operation.name, context.api.invoke(operation, request.data, response.data, {}));
        const Value page = response.document();
        if (const Value* items = page.find(member))
            all.insert(all.end(), items->items().begin(), items->items().end());
        if (!K3F_TRY(walk.next(response.data, request.data))) return Value::array(std::move(all));
    }
}

}  // namespace

Result<Value> ask(Context& context, const aws::Operation& operation, const Value& request) {
    return once(context, operation, request, "", [&] { return call(context, operation, request, {}); });
}

Result<Value> ask_shown(Context& context, const aws::Operation& operation, const Value& request) {
    return once(context, operation, request, "shown", [&] {
        return call(context, operation, request, {.secrets = aws::ValueOptions::Secrets::Shown});
    });
}

Result<Value::Array> ask_all(Context& context, const aws::Operation& operation, const Value& document,
                             std::string_view member) {
    if (operation.pagination == nullptr)
        return at(K3F_TRY(ask(context, operation, document)), member).items();
    return K3F_TRY(once(context, operation, document, member,
                        [&] { return all_pages(context, operation, document, member); }))
        .items();
}

Result<std::optional<Value>> look(Context& context, const aws::Operation& operation, const Value& request) {
    auto answer = ask(context, operation, request);
    if (answer) return std::optional(std::move(*answer));
    if (answer.error().code == ErrorCode::NotFound) return std::optional<Value>();
    return std::unexpected(std::move(answer).error());
}

void take(Value& to, const Value& from, const Names& names) {
    for (const std::string_view name : names)
        if (const Value* member = from.find(name); member != nullptr && !member->is_null())
            to.set(name, *member);
}

Value take(const Value& from, const Names& names) {
    Value taken = Value::object();
    take(taken, from, names);
    return taken;
}

void rename(Value& to, const Value& from,
            std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
    for (const auto& [there, here] : names)
        if (const Value* member = from.find(here); member != nullptr && !member->is_null())
            to.set(there, *member);
}

const Value& at(const Value& from, std::string_view path) {
    static const Value kNull;
    const Value* found = from.path(path);
    return found == nullptr ? kNull : *found;
}

std::string text(const Resource& resource, std::string_view path) {
    return resource.properties.string_at(path);
}

std::string last_part(std::string_view arn, char separator) {
    const auto end = arn.rfind(separator);
    return std::string(end == std::string_view::npos ? arn : arn.substr(end + 1));
}

std::optional<Timestamp> time_at(const Value& from, std::string_view path) {
    const auto read = parse_timestamp(from.string_at(path));
    return read ? std::optional(*read) : std::nullopt;
}

Value read_document(std::string_view text) {
    if (auto plain = json::parse(text)) return *std::move(plain);
    if (const auto decoded = net::percent_decode(text))
        if (auto document = json::parse(*decoded)) return *std::move(document);
    return text;
}

bool same_policy(const Value& a, const Value& b) { return canonical_policy(a) == canonical_policy(b); }

bool differs(const Observed& observed, const Resource& resource, std::string_view property) {
    const Value* found = observed.properties.find(property);
    const Value& wanted = at(resource.properties, property);
    if (wanted.is_null()) return false;
    return found == nullptr || !same_property(kind_of(resource.type), property, wanted, *found);
}

bool any_differs(const Observed& observed, const Resource& resource, const Names& properties) {
    return std::ranges::any_of(properties,
                               [&](std::string_view name) { return differs(observed, resource, name); });
}

Value tag_list(const Tags& tags, std::string_view key, std::string_view value) {
    Value list = Value::array();
    for (const auto& [name, text] : tags) list.push(Value::object({{key, name}, {value, text}}));
    return list;
}

Value tag_map(const Tags& tags) {
    Value map = Value::object();
    for (const auto& [name, text] : tags) map.set(name, text);
    return map;
}

Tags tags_of(const Value& list_or_map) {
    Tags tags;
    for (const Member& tag : list_or_map.members())
        if (const std::string* text = tag.value.as_string()) tags[tag.key] = *text;
    for (const Value& tag : list_or_map.items()) {
        const bool of_kms = tag.find("TagKey") != nullptr;
        tags[tag.string_at(of_kms ? "TagKey" : "Key")] = tag.string_at(of_kms ? "TagValue" : "Value");
    }
    std::erase_if(tags, [](const auto& tag) { return tag.first.starts_with("aws:"); });
    return tags;
}

Tags missing_tags(const Observed& observed, const Resource& resource) {
    Tags missing;
    for (const auto& [key, value] : resource.tags) {
        const auto has = observed.tags.find(key);
        if (has == observed.tags.end() || has->second != value) missing[key] = value;
    }
    return missing;
}

Tags tags_to_set(const Observed& observed, const Resource& resource) {
    return missing_tags(observed, resource).empty() ? Tags() : resource.tags;
}

Status nothing_to_change(Context& /*context*/, const Observed& /*observed*/, const Resource& /*resource*/) {
    return {};
}

bool is(const Error& error, std::string_view code) { return error.provider_code == code; }

Removal going(std::string waiting_for) {
    return {.state = Removal::State::Going, .waiting_for = std::move(waiting_for), .until = {}};
}

Result<Removal> removed(const Status& done, const std::string& holder) {
    if (done || done.error().code == ErrorCode::NotFound) return Removal{};
    const Error& error = done.error();
    if (error.code == ErrorCode::Conflict) return going(holder.empty() ? error.message : holder);
    return std::unexpected(error);
}

}  // namespace k3fleet::resources
