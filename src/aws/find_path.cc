#include "aws/find_path.h"

#include <charconv>

#include "aws/wire/cursor.h"
#include "aws/wire/text.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

std::unexpected<Error> not_understood(std::string_view expression) {
    return fail(ErrorCode::InvalidArgument,
                format("the path `{}` is written in a way that is not understood here", expression));
}

const Member* member_of(const Type& type, std::string_view name) {
    for (const Member& member : type.fields())
        if (name == member.name) return &member;
    return nullptr;
}

void elements_into(Found list, std::vector<Found>& out) {
    wire::each_element({list.type, list.value}, [&](wire::View item) {
        if (!item.null()) out.push_back({item.type, item.value});
    });
}

struct Comparison {
    std::string_view path;
    std::string_view sign;
    long long number = 0;
};

// length(PATH) SIGN `NUMBER`
std::optional<Comparison> parse_comparison(std::string_view text) {
    constexpr std::string_view kBegin = "length(";
    if (!text.starts_with(kBegin)) return std::nullopt;
    text.remove_prefix(kBegin.size());
    const auto end = text.find(')');
    if (end == std::string_view::npos) return std::nullopt;
    Comparison comparison{.path = text.substr(0, end)};
    text = trim(text.substr(end + 1));
    const auto quote = text.find('`');
    if (quote == std::string_view::npos || !text.ends_with('`')) return std::nullopt;
    comparison.sign = trim(text.substr(0, quote));
    const std::string_view digits = trim(text.substr(quote + 1, text.size() - quote - 2));
    const auto [last, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), comparison.number);
    if (error != std::errc() || last != digits.data() + digits.size()) return std::nullopt;
    return comparison;
}

std::optional<bool> compare(long long length, const Comparison& with) {
    if (with.sign == "==") return length == with.number;
    if (with.sign == "!=") return length != with.number;
    if (with.sign == ">") return length > with.number;
    if (with.sign == ">=") return length >= with.number;
    if (with.sign == "<") return length < with.number;
    if (with.sign == "<=") return length <= with.number;
    return std::nullopt;
}

// Of what a path leads to: a projection's own, else that of the list or text it leads to.
long long length_of(const std::vector<Found>& found, std::string_view path) {
    if (is_projection(path) || found.empty()) return static_cast<long long>(found.size());
    const Found& only = found.front();
    if (only.type->kind == Kind::List) return static_cast<long long>(only.type->list->size(only.value));
    if (only.type->kind == Kind::Map) return static_cast<long long>(only.type->map->size(only.value));
    return static_cast<long long>(wire::to_text({only.type, only.value}, {}).size());
}

bool is_single(Kind kind) { return kind != Kind::List && kind != Kind::Map && kind != Kind::Structure; }

}  // namespace

bool is_projection(std::string_view path) { return path.find("[]") != std::string_view::npos; }

Result<std::vector<Found>> find_path(const Type& type, const void* structure, std::string_view path) {
    std::vector<Found> found = {{&type, structure}};
    const Type* at = &type;
    for (const std::string& step : split(path, '.')) {
        std::string_view name = step;
        const bool flatten = name.ends_with("[]");
        if (flatten) name.remove_suffix(2);
        const Member* member = at->kind == Kind::Structure ? member_of(*at, name) : nullptr;
        if (member == nullptr || (flatten && member->type->kind != Kind::List)) return not_understood(path);
        std::vector<Found> next;
        for (const Found& from : found) {
            const void* place = member->in(from.value);
            if (!member->access->present(place)) continue;
            const Found value{member->type, member->access->get(place)};
            if (flatten)
                elements_into(value, next);
            else
                next.push_back(value);
        }
        at = flatten ? member->type->element : member->type;
        found = std::move(next);
    }
    return found;
}

Result<std::vector<std::string>> evaluate(const Type& type, const void* structure,
                                          std::string_view expression) {
    if (const auto comparison = parse_comparison(expression)) {
        const auto found = K3F_TRY(find_path(type, structure, comparison->path));
        const auto holds = compare(length_of(found, comparison->path), *comparison);
        if (!holds) return not_understood(expression);
        return std::vector<std::string>{*holds ? "true" : "false"};
    }
    std::vector<std::string> texts;
    for (const Found& value : K3F_TRY(find_path(type, structure, expression))) {
        if (!is_single(value.type->kind)) return not_understood(expression);
        texts.push_back(wire::to_text({value.type, value.value}, {}));
    }
    return texts;
}

}  // namespace k3fleet::aws
