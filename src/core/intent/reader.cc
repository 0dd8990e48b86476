// Reading with one message for each thing that is wrong, worded for somebody who has not read the schema.
#include "core/intent/reader.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace k3fleet::intent {

namespace {

constexpr double kAnyNumber = 1e15;  // A range this wide says nothing to a person.
constexpr int kMaxUnknownKeys = 20;  // Reported one by one; past that only counted.

// "2.5" or "1e+15"; whole numbers without a fraction.
std::string shown(double value) {
    if (std::abs(value) < 1e15 && value == std::floor(value))
        return format("{}", static_cast<std::int64_t>(value));
    return format("{}", value);
}

// A scalar as the user wrote it, near enough.
std::string shown(const Value& value) {
    if (auto text = value.as_string()) return "\"" + visible(*text) + "\"";
    if (auto number = value.as_int()) return format("{}", *number);
    if (auto number = value.as_double()) return shown(*number);
    if (auto flag = value.as_bool()) return *flag ? "true" : "false";
    return std::string(value.kind_name());
}

template <typename T>
std::string range_text(std::string_view what, T least, T most) {
    return format("{} from {} to {}", what, least, most);
}

// Same letters, whatever their case and the dashes and underscores between them.
std::string folded(std::string_view key) {
    std::string plain;
    for (char c : key)
        if (c != '_' && c != '-') plain += lower(c);
    return plain;
}

std::string meant_key(std::string_view key, const std::vector<std::string>& keys) {
    for (const auto& candidate : keys)
        if (folded(candidate) == folded(key)) return candidate;
    return nearest(key, keys);
}

std::string last_key(std::string_view path) {
    auto dot = path.rfind('.');
    std::string key(dot == std::string_view::npos ? path : path.substr(dot + 1));
    if (key.ends_with("[]")) key.resize(key.size() - 2);
    return key;
}

// "5 minutes" -> "5m"; empty if it is not that simple.
std::string meant_duration(std::string_view text) {
    auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    auto unit = trim(text.substr(digits));
    for (std::string_view word : {"seconds", "minutes", "hours", "days"})
        if (digits > 0 && unit.size() > 1 && word.starts_with(unit))
            return std::string(text.substr(0, digits)) + word.front();
    return "";
}

// Fields that people look for, or that earlier versions read, where they are not: who takes what they say.
struct Elsewhere {
    Kind kind;
    std::string_view path;
    std::string_view remedy;
};
constexpr Elsewhere kElsewhere[] = {
    {Kind::Cluster, "spec.alerts",
     "a project tells for all its clusters: write mail addresses into its file (kind: Project, "
     "spec.alerts.emails), and put addresses of webhooks into its secret PROJECT/webhooks"},
    {Kind::Project, "spec.alerts.webhookSecrets",
     "put the addresses into the project's one secret, which init makes: aws secretsmanager put-secret-value "
     "--secret-id PROJECT/webhooks --secret-string file://webhooks.json, with {\"NAME\": \"https://...\"} in "
     "the file"},
    {Kind::Project, "spec.budget", "each cluster has a budget of its own: spec.budget in its file"},
};

bool long_text(std::string_view text, std::size_t most) {
    auto characters = std::count_if(text.begin(), text.end(),
                                    [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    return static_cast<std::size_t>(characters) > most;
}

}  // namespace

std::string Reader::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const Value* Reader::take(const Field& field, std::string_view allowed, std::string_view example) {
    keys_.emplace_back(field.key);
    auto path = path_of(field.key);
    const Member* found = nullptr;
    if (object_)
        for (const auto& member : object_->members())
            if (member.key == field.key) found = &member;
    bool required = field.presence == Presence::Required;
    if (!found) {
        if (required)
            session_.error(path, "required, but not there", std::string(allowed),
                           format("add the field{}{}", path_.empty() ? "" : " below " + path_,
                                  example.empty() ? format(": \"{}:\"", field.key)
                                                  : format(", such as \"{}: {}\"", field.key, example)));
        return nullptr;
    }
    // Sections and lists are pointed at by their key: their value may begin lines later.
    bool outer = found->value.is_object() || found->value.is_array() || found->value.is_null();
    session_.place(path, outer ? found->key_position : found->value.position);
    if (found->value.is_null()) {
        session_.error(path, "has no value", std::string(allowed),
                       required ? "give a value" : "give a value, or take the line out to get the default");
        return nullptr;
    }
    return &found->value;
}

void Reader::wrong_kind(const std::string& path, const Value& value, std::string_view wanted,
                        std::string_view allowed, std::string remedy) {
    std::string message;
    if (value.is_object() || value.is_array())
        message = format("this is {}, not {}", value.kind_name(), wanted);
    else if (value.as_bool())
        message = format("{} is a truth value, not {}", shown(value), wanted);
    else if (value.is_number() && wanted == "a text")
        message = format("{} is a number, not a text", shown(value));
    else if (value.is_number())
        message = format("{} is not {}", shown(value), wanted);
    else
        message = format("{} is {}, not {}", shown(value), value.kind_name(), wanted);
    session_.error(path, std::move(message), std::string(allowed), std::move(remedy));
}

void Reader::fixed(const Field& field, std::string_view wanted) {
    auto allowed = format("\"{}\"", wanted);
    const auto* value = take(field, allowed, wanted);
    if (!value) return;
    const auto* text = value->as_string();
    if (text && *text == wanted) return;
    session_.error(path_of(field.key), format("{} is not supported", shown(*value)), allowed,
                   format("write {}: {}", field.key, wanted));
}

void Reader::integer(const Field& field, int& value, Range<int> range) {
    auto allowed = range_text("a whole number", range.least, range.most);
    const auto* found = take(field, allowed);
    if (!found) return;
    auto path = path_of(field.key);
    auto number = found->as_int();
    if (!number) {
        std::string remedy = found->is_string() ? "write the number without quotes" : "";
        return wrong_kind(path, *found, "a whole number", allowed, remedy);
    }
    if (*number < range.least || *number > range.most)
        return session_.error(
            path, format("{} is too {}", *number, *number < range.least ? "small" : "large"), allowed, "");
    value = static_cast<int>(*number);
}

void Reader::number(const Field& field, std::optional<double>& value, Range<double> range) {
    auto allowed =
        range.most >= kAnyNumber ? "a number" : range_text("a number", shown(range.least), shown(range.most));
    const auto* found = take(field, allowed);
    if (!found) return;
    auto path = path_of(field.key);
    auto number = found->as_double();
    if (!number) {
        const auto* text = found->as_string();
        std::string remedy;
        if (text && text->ends_with('%')) remedy = "write the number of percent without the sign";
        if (text && (text->starts_with('$') || text->ends_with('$')))
            remedy = "write the number alone, in dollars";
        if (text && remedy.empty()) remedy = "write a number, without quotes";
        return wrong_kind(path, *found, "a number", allowed, remedy);
    }
    if (!std::isfinite(*number))
        return session_.error(path, "infinity and \"not a number\" are not limits", allowed, "");
    if (*number < range.least || *number > range.most)
        return session_.error(
            path, format("{} is too {}", shown(*number), *number < range.least ? "small" : "large"), allowed,
            "");
    value = *number;
}

void Reader::duration(const Field& field, Duration& value, Range<Duration> range) {
    auto allowed = range_text("a time such as 90s, 5m or 1h30m,", k3fleet::to_string(range.least),
                              k3fleet::to_string(range.most));
    const auto* found = take(field, allowed);
    if (!found) return;
    auto path = path_of(field.key);
    auto bare = found->as_int();
    if (const auto* text = found->as_string(); text && !text->empty() && text->size() < 10 &&
                                               text->find_first_not_of("0123456789") == std::string::npos)
        bare = std::stoll(*text);
    if (bare)
        return session_.error(
            path, format("{} has no unit", *bare), allowed,
            *bare > 0 ? format("write \"{}s\" if seconds are meant", *bare) : "write \"0s\"");
    const auto* text = found->as_string();
    if (!text) return wrong_kind(path, *found, "a time", allowed);
    auto span = parse_duration(*text);
    if (!span) {
        auto meant = meant_duration(*text);
        return session_.error(path, format("{} is not a time", shown(*found)), allowed,
                              meant.empty() ? "" : format("write \"{}\"", meant));
    }
    if (*span < range.least || *span > range.most)
        return session_.error(
            path, format("{} is too {}", shown(*found), *span < range.least ? "short" : "long"), allowed, "");
    if (*span % std::chrono::seconds{1} != Duration{0})
        return session_.error(path, format("{} is not a whole number of seconds", shown(*found)), allowed,
                              "");
    value = *span;
}

void Reader::choice(const Field& field, std::optional<std::size_t>& index,
                    std::span<const std::string_view> words) {
    std::vector<std::string> list(words.begin(), words.end());
    auto allowed = join(list, ", ");
    const auto* found = take(field, allowed);
    if (!found) return;
    const auto* text = found->as_string();
    for (std::size_t i = 0; i < words.size(); ++i)
        if (text && words[i] == *text) {
            index = i;
            return;
        }
    auto meant = text ? meant_key(*text, list) : std::string();
    session_.error(path_of(field.key), format("{} is not one of the words", shown(*found)), allowed,
                   meant.empty() ? "" : format("did you mean \"{}\"?", meant));
}

bool Reader::keeps(const std::string& path, const Value& value, const TextRule& rule) {
    const auto* text = value.as_string();
    if (!text) {
        std::string remedy;
        if (!value.is_object() && !value.is_array()) remedy = "put quotes around it";
        if (&rule == &kK3sVersion && value.is_number())
            remedy =
                "write the whole version, such as \"v1.36.1+k3s1\"; a bare number loses its last zero, so "
                "that "
                "1.30 becomes 1.3";
        wrong_kind(path, value, "a text", rule.allowed, remedy);
        return false;
    }
    auto wrong = rule.check(*text, session_.catalogue());
    if (!wrong && !long_text(*text, rule.most)) return true;
    if (!wrong) {
        auto characters = std::count_if(text->begin(), text->end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        });
        session_.error(path, format("{} characters are too many", characters), std::string(rule.allowed),
                       format("shorten it to {} characters", rule.most));
        return false;
    }
    if (wrong->value == Complaint::Value::Secret) session_.hide(value.position);
    session_.error(path, std::move(wrong->message), std::string(rule.allowed), std::move(wrong->remedy));
    return false;
}

void Reader::text(const Field& field, std::string& value, const TextRule& rule) {
    const auto* found = take(field, rule.allowed, rule.example);
    if (!found) return;
    auto path = path_of(field.key);
    if (const auto* text = found->as_string(); text && trim(*text).empty()) {
        bool required = field.presence == Presence::Required;
        auto remedy = required ? "give a value" : "give a value, or take the line out to get the default";
        return session_.error(path, "the text is empty", std::string(rule.allowed), remedy);
    }
    if (keeps(path, *found, rule)) value = *found->as_string();
}

void Reader::texts(const Field& field, std::vector<std::string>& value, const TextRule& rule, ListRule list) {
    auto allowed = format("a list of {} to {}, each {}", list.least, list.most, rule.allowed);
    const auto* found = take(field, allowed, format("[{}]", rule.example));
    if (!found) return;
    auto path = path_of(field.key);
    if (!found->is_array()) {
        auto remedy = found->is_string()
                          ? format("put it in brackets: {}: [{}]", field.key, visible(*found->as_string()))
                          : std::string();
        return wrong_kind(path, *found, "a list", allowed, remedy);
    }
    const auto& items = found->items();
    if (items.size() < list.least)
        return session_.error(path, "the list is empty", allowed,
                              format("name at least one: {}: [{}]", field.key, rule.example));
    if (items.size() > list.most)
        return session_.error(path, format("the list has {} items", items.size()), allowed, "");
    // An item that is refused stays as an empty text, so that index and path keep together for later checks.
    value.assign(items.size(), "");
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto item_path = format("{}[{}]", path, i);
        session_.place(item_path, items[i].position);
        if (const auto* text = items[i].as_string(); text && trim(*text).empty()) {
            session_.error(item_path, "the text is empty", std::string(rule.allowed), "");
            continue;
        }
        if (!keeps(item_path, items[i], rule)) continue;
        const auto& text = *items[i].as_string();
        if (std::find(value.begin(), value.end(), text) != value.end())
            session_.error(item_path, format("{} is there twice", shown(items[i])), "each item once",
                           "take one of them out");
        value[i] = text;
    }
}

void Reader::text_map(const Field& field, std::map<std::string, std::string>& value, const TextRule& key_rule,
                      const TextRule& item_rule, std::size_t most) {
    auto allowed = format("at most {} pairs of name: value", most);
    const auto* found = take(field, allowed);
    if (!found) return;
    auto path = path_of(field.key);
    if (!found->is_object())
        return wrong_kind(path, *found, "a mapping", allowed, "write name: value, one a line");
    if (found->members().size() > most)
        return session_.error(path, format("there are {} pairs", found->members().size()), allowed, "");
    value.clear();
    for (const auto& member : found->members()) {
        auto item_path = format("{}[\"{}\"]", path, visible(member.key));
        session_.place(item_path, member.key_position);
        Value key = member.key;
        if (!keeps(item_path, key, key_rule)) continue;
        session_.place(item_path, member.value.position.line ? member.value.position : member.key_position);
        if (member.value.is_null()) {
            session_.error(item_path, "has no value", std::string(item_rule.allowed),
                           "write \"\" for an empty value");
            continue;
        }
        if (keeps(item_path, member.value, item_rule)) value[member.key] = *member.value.as_string();
    }
}

void Reader::section(const Field& field, const Section& describe) {
    const auto* found = take(field, "fields indented below it");
    auto path = path_of(field.key);
    if (found && !found->is_object())
        return wrong_kind(path, *found, "a mapping", "fields indented below it",
                          format("write {}: and its fields indented on the lines below", field.key));
    // Already reported.
    if (!found && (field.presence == Presence::Required || session_.given(path))) return;
    Reader inner(session_, found, path);
    describe(inner);
    inner.finish();
}

void Reader::objects(const Field& field, ListRule list, std::size_t, const Item& describe) {
    auto allowed = format("a list of at most {} items, each beginning with \"-\"", list.most);
    const auto* found = take(field, allowed);
    if (!found) return;
    auto path = path_of(field.key);
    if (!found->is_array())
        return wrong_kind(path, *found, "a list", allowed,
                          found->is_object() ? "put \"- \" before the first field" : "");
    const auto& items = found->items();
    if (items.size() > list.most)
        return session_.error(path, format("the list has {} items", items.size()), allowed, "");
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto item_path = format("{}[{}]", path, i);
        session_.place(item_path, items[i].position);
        if (!items[i].is_object()) {
            wrong_kind(item_path, items[i], "a mapping", format("{} is a mapping of fields", list.singular));
            continue;
        }
        Reader inner(session_, &items[i], item_path);
        describe(i, inner);
        inner.finish();
    }
}

void Reader::report_secret(const Member& member) {
    auto where = member.value.position.line ? member.value.position : member.key_position;
    session_.hide(where);
    session_.error_at(
        member.key_position, path_of(visible(member.key)),
        "a secret does not belong in this file (its value is not shown)",
        "names of files and of secrets, never secrets themselves",
        path_.ends_with("metrics")
            ? "write it into a file of its own and name that in passwordFile or bearerTokenFile; if this "
              "file was shared or committed, change the secret"
            : "take it out; if this file was shared or committed, change the secret");
}

void Reader::report_unknown(const Member& member) {
    const auto path = path_of(visible(member.key));
    for (const auto& [kind, its_path, remedy] : kElsewhere)
        if (kind == session_.kind() && its_path == path)
            return session_.error_at(member.key_position, path, "there is no such field", join(keys_, ", "),
                                     std::string(remedy));
    if (sounds_secret(member.key) && !member.value.is_object()) return report_secret(member);
    std::string remedy;
    auto meant = meant_key(member.key, keys_);
    if (!meant.empty()) {
        bool taken = object_->find(meant) != nullptr;
        remedy = taken ? format("take it out: \"{}\" is there already", meant)
                       : format("did you mean \"{}\"?", meant);
    } else {
        std::vector<std::string> homes;
        for (const auto& home : field_paths(session_.kind()))
            if (folded(last_key(home)) == folded(member.key)) homes.push_back(home);
        if (!homes.empty()) remedy = format("it belongs at {}", join(homes, " or "));
    }
    session_.error_at(member.key_position, path, "there is no such field", join(keys_, ", "),
                      remedy.empty() ? "take it out" : remedy);
}

void Reader::finish() {
    if (!object_) return;
    int unknown = 0;
    for (const auto& member : object_->members()) {
        if (std::find(keys_.begin(), keys_.end(), member.key) != keys_.end()) continue;
        if (++unknown <= kMaxUnknownKeys) report_unknown(member);
    }
    if (unknown > kMaxUnknownKeys)
        session_.error(path_.empty() ? std::string() : path_,
                       format("there are {} more fields that do not exist", unknown - kMaxUnknownKeys), "",
                       "is this the right file?");
}

}  // namespace k3fleet::intent
