#include "aws/paginate.h"

#include <utility>

#include "aws/find_path.h"
#include "aws/value.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

constexpr ValueOptions kAsItIs{.secrets = ValueOptions::Secrets::Shown, .blobs = ValueOptions::Blobs::Base64};

// Tokens are texts, but for dynamodb's maps of keys: as documents both are copied in one way. Null: none.
Result<Value> token_of(const Operation& operation, const void* response, const char* path) {
    const auto found = K3F_TRY(find_path(*operation.output, response, path));
    if (found.empty()) return Value();
    Value token = to_value(*found.front().type, found.front().value, kAsItIs);
    const std::string* text = token.as_string();
    if (text != nullptr && text->empty()) return Value();
    if (token.is_object() && token.members().empty()) return Value();
    return token;
}

Status put(const Operation& operation, void* request, const char* name, const Value& token) {
    for (const Member& member : operation.input->fields()) {
        if (std::string_view(member.name) != name) continue;
        return from_value(*member.type, token, member.access->emplace(member.in(request)), name, kAsItIs);
    }
    return fail(ErrorCode::Internal, format("{} has no member {}", operation.name, name));
}

std::size_t length_of(const std::vector<Found>& found) {
    if (found.empty()) return 0;
    const Found& list = found.front();
    return list.type->kind == Kind::List ? list.type->list->size(list.value) : found.size();
}

}  // namespace

Result<bool> PageWalk::more(const void* response) const {
    const char* flag = operation_.pagination->more_results;
    if (flag == nullptr) return true;
    const auto texts = K3F_TRY(evaluate(*operation_.output, response, flag));
    return !texts.empty() && texts.front() == "true";
}

Status PageWalk::count(const void* response) {
    ++pages_;
    if (const char* key = operation_.pagination->result_key; key != nullptr)
        items_ += length_of(K3F_TRY(find_path(*operation_.output, response, key)));
    if (items_ > limits_.items)
        return fail(ErrorCode::Corrupt, format("{} gives more than {} items; narrow what is asked for",
                                               operation_.name, limits_.items));
    return {};
}

Result<bool> PageWalk::next(const void* response, void* request) {
    K3F_TRY(count(response));
    if (!K3F_TRY(more(response))) return false;
    std::string all;
    bool any = false;
    std::vector<std::pair<const char*, Value>> tokens;
    for (const PageToken& token : operation_.pagination->tokens) {
        Value value = K3F_TRY(token_of(operation_, response, token.output));
        any = any || !value.is_null();
        all += json::write(value) + "\n";
        tokens.emplace_back(token.input, std::move(value));
    }
    if (!any) return false;
    if (!seen_.insert(crypto::sha256_hex(all)).second)
        return fail(
            ErrorCode::Corrupt,
            format("{} gives the same page token twice, so that its pages would never end", operation_.name));
    if (pages_ >= limits_.pages)
        return fail(ErrorCode::Corrupt, format("{} gives more than {} pages; narrow what is asked for",
                                               operation_.name, limits_.pages));
    for (const auto& [name, value] : tokens)
        if (!value.is_null()) K3F_TRY(put(operation_, request, name, value));
    return true;
}

}  // namespace k3fleet::aws
