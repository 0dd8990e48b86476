// Calls to AWS with documents, and what all kinds do with them: members taken over,
// tags in each service's form.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/aws/resources/kind.h"

namespace k3fleet::resources {

// Request and answer by the member names of AWS's models. Errors as Api::invoke, and InvalidArgument for a
// request that has a member that does not exist.
Result<Value> ask(Context& context, const aws::Operation& operation, const Value& request);
// The same with what AWS calls sensitive in sight: a function's variables.
Result<Value> ask_shown(Context& context, const aws::Operation& operation, const Value& request);
// The list `member` of all pages.
Result<Value::Array> ask_all(Context& context, const aws::Operation& operation, const Value& request,
                             std::string_view member);
// NotFound is an answer.
Result<std::optional<Value>> look(Context& context, const aws::Operation& operation, const Value& request);

template <typename Request>
Result<Value> ask(Context& context, const Value& request) {
    return ask(context, Request::operation(), request);
}
template <typename Request>
Result<Value::Array> ask_all(Context& context, const Value& request, std::string_view member) {
    return ask_all(context, Request::operation(), request, member);
}
template <typename Request>
Result<std::optional<Value>> look(Context& context, const Value& request) {
    return look(context, Request::operation(), request);
}
template <typename Request>
Status tell(Context& context, const Value& request) {
    K3F_TRY(ask(context, Request::operation(), request));
    return {};
}

// Names written at the call, or a constant array of them.
class Names {
public:
    Names(std::initializer_list<std::string_view> names) : names_(names) {}
    template <std::size_t N>
    Names(const std::array<std::string_view, N>& names) : names_(names.begin(), names.end()) {}
    auto begin() const { return names_.begin(); }
    auto end() const { return names_.end(); }

private:
    std::vector<std::string_view> names_;
};

// The members of these names that are there and not null.
Value take(const Value& from, const Names& names);
void take(Value& to, const Value& from, const Names& names);
// The same under another name: {to, from}.
void rename(Value& to, const Value& from,
            std::initializer_list<std::pair<std::string_view, std::string_view>> names);
// A member, or null. It lives as long as what it is a member of.
const Value& at(const Value& from, std::string_view path);
// Text of a property; empty if it is not there or still a reference.
std::string text(const Resource& resource, std::string_view path);
// "a/b/c" behind the last slash or colon.
std::string last_part(std::string_view arn, char separator = '/');
std::optional<Timestamp> time_at(const Value& from, std::string_view path);

// What AWS keeps as text, policies and patterns: JSON, percent-encoded or not. What is no JSON stays a text.
Value read_document(std::string_view text);
// Do both grant and deny the same? However they are written.
bool same_policy(const Value& a, const Value& b);
// Is a property that is wanted not as wanted, or was it not read?
bool differs(const Observed& observed, const Resource& resource, std::string_view property);
bool any_differs(const Observed& observed, const Resource& resource, const Names& properties);

// Tags as a list of pairs, or as a map.
Value tag_list(const Tags& tags, std::string_view key = "Key", std::string_view value = "Value");
Value tag_map(const Tags& tags);
// From either form. AWS's own (aws:...) are left out.
Tags tags_of(const Value& list_or_map);
// Those of the resource that are missing or have another value.
Tags missing_tags(const Observed& observed, const Resource& resource);
// All of the resource if any is missing: IAM grants it with Project in the request only.
Tags tags_to_set(const Observed& observed, const Resource& resource);

// The update of a kind of which everything is replaced.
Status nothing_to_change(Context& context, const Observed& observed, const Resource& resource);

// "The error says": provider's code.
bool is(const Error& error, std::string_view code);
// Deleted or not there: Gone. Something still holds it: Going,
// with the error's message or what `holder` says.
Result<Removal> removed(const Status& done, const std::string& holder = "");
Removal going(std::string waiting_for);

}  // namespace k3fleet::resources
