#include "core/journal/delta.h"

#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace k3fleet::journal {
namespace {

constexpr int kLevelsByLine = 3;

void append_lines(std::string& out, const Value& value, int level) {
    const bool empty = value.items().empty() && value.members().empty();
    if (level == kLevelsByLine || empty || !(value.is_object() || value.is_array())) {
        out += json::write(value);
        return;
    }
    out += value.is_object() ? "{\n" : "[\n";
    bool first = true;
    const auto separate = [&] {
        if (!first) out += ",\n";
        first = false;
    };
    for (const Member& member : value.members()) {
        separate();
        out += json::write(Value(member.key)) + ":";
        append_lines(out, member.value, level + 1);
    }
    for (const Value& item : value.items()) {
        separate();
        append_lines(out, item, level + 1);
    }
    out += value.is_object() ? "\n}" : "\n]";
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto length = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

// "=START COUNT\n" copies lines of the base; "+BYTES\n" is followed by that many bytes of new text.
struct DeltaWriter {
    std::string out;
    std::string fresh;
    std::size_t start = 0, count = 0;

    void flush_fresh() {
        if (!fresh.empty()) out += format("+{}\n", fresh.size()) + fresh;
        fresh.clear();
    }
    void flush_copy() {
        if (count > 0) out += format("={} {}\n", start, count);
        count = 0;
    }
};

std::optional<std::size_t> take_number(std::string_view& text, char end) {
    std::size_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || rest == text.data() + text.size() || *rest != end) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
    return number;
}

}  // namespace

std::string to_lines(const Value& value) {
    std::string out;
    append_lines(out, value, 0);
    out += "\n";
    return out;
}

std::string make_delta(std::string_view base, std::string_view text) {
    const auto base_lines = lines_of(base);
    std::map<std::string_view, std::size_t> first_place;
    for (std::size_t i = 0; i < base_lines.size(); ++i) first_place.try_emplace(base_lines[i], i);

    DeltaWriter writer;
    for (const std::string_view line : lines_of(text)) {
        const std::size_t expected = writer.start + writer.count;
        if (writer.count > 0 && expected < base_lines.size() && base_lines[expected] == line) {
            ++writer.count;
            continue;
        }
        writer.flush_copy();
        const auto place = first_place.find(line);
        if (place == first_place.end()) {
            writer.fresh += line;
            continue;
        }
        writer.flush_fresh();
        writer.start = place->second;
        writer.count = 1;
    }
    writer.flush_copy();
    writer.flush_fresh();
    return std::move(writer.out);
}

Result<std::string> apply_delta(std::string_view base, std::string_view delta) {
    const auto base_lines = lines_of(base);
    const auto damaged = [] {
        return fail(ErrorCode::Corrupt, "the delta is damaged or was made for another text");
    };
    std::string text;
    while (!delta.empty()) {
        const char kind = delta.front();
        delta.remove_prefix(1);
        if (kind == '+') {
            const auto bytes = take_number(delta, '\n');
            if (!bytes || *bytes > delta.size()) return damaged();
            text += delta.substr(0, *bytes);
            delta.remove_prefix(*bytes);
            continue;
        }
        const auto start = kind == '=' ? take_number(delta, ' ') : std::nullopt;
        const auto count = start ? take_number(delta, '\n') : std::nullopt;
        if (!count || *start > base_lines.size() || *count > base_lines.size() - *start) return damaged();
        for (std::size_t i = 0; i < *count; ++i) text += base_lines[*start + i];
    }
    return text;
}

}  // namespace k3fleet::journal
