// The document's shape, and every complaint about it.
#include "app/decide_case.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/yaml.h"

namespace k3fleet::app {

namespace {

constexpr int kMaxComplaints = 20;
constexpr std::int64_t kMaxCount = 1'000'000;
constexpr std::int64_t kMaxSeconds = 100'000'000;
constexpr std::int64_t kMaxUnixSeconds = 253'402'300'799;  // The end of the year 9999.

// Names for numbers that are none, as JSON libraries and YAML write them.
constexpr std::array<std::string_view, 13> kNoNumber = {"NaN",      "nan",       ".nan", ".NaN", ".NAN",
                                                        "Infinity", "-Infinity", "inf",  "-inf", ".inf",
                                                        "-.inf",    "+Inf",      "-Inf"};

class Reader {
public:
    explicit Reader(std::string_view file) : file_(file) {}

    void complain(Position at, std::string_view what) { complaints_.emplace_back(at, what); }

    // All complaints in the order of the file.
    Status outcome() {
        if (complaints_.empty()) return {};
        std::ranges::stable_sort(complaints_, {}, [](const Complaint& complaint) {
            return std::pair(complaint.first.line, complaint.first.column);
        });
        const int count = static_cast<int>(complaints_.size());
        std::string message = format("{} is no valid case: {}", file_, counted(count, "mistake"));
        for (int i = 0; i < std::min(count, kMaxComplaints); ++i) {
            const auto& [at, what] = complaints_[static_cast<std::size_t>(i)];
            message += format("\n{}:{}:{}: {}", file_, at.line, at.column, what);
        }
        if (count > kMaxComplaints) message += format("\nand {} more", count - kMaxComplaints);
        return fail(ErrorCode::InvalidArgument, message);
    }

    // Complains about members that are not known. False if the value is no object.
    bool object(const Value& value, const std::string& path, const std::vector<std::string>& known) {
        if (!value.is_object()) {
            complain(value.position, format("{} is {}; expected an object with {}", path, value.kind_name(),
                                            join(known, ", ")));
            return false;
        }
        for (const Member& member : value.members()) {
            if (std::ranges::find(known, member.key) != known.end()) continue;
            const std::string meant = nearest(member.key, known);
            complain(member.key_position, format("unknown key '{}' in {}; {}", member.key, path,
                                                 meant.empty() ? "allowed: " + join(known, ", ")
                                                               : "did you mean '" + meant + "'?"));
        }
        return true;
    }

    enum class Need { Optional, Required };

    // A whole number of a member; `otherwise` if it is absent (with Required: complains).
    std::int64_t whole(const Value& object, const std::string& path, std::string_view key, std::int64_t least,
                       std::int64_t most, std::int64_t otherwise, Need need = Need::Optional) {
        const Value* value = object.find(key);
        if (value == nullptr) {
            if (need == Need::Required)
                complain(object.position, format("{} is missing; give a whole number", path_of(path, key)));
            return otherwise;
        }
        const auto number = whole_number(*value);
        if (number && *number >= least && *number <= most) return *number;
        complain(value->position, format("{} is {}; give a whole number from {} to {}", path_of(path, key),
                                         shown(*value), least, most));
        return otherwise;
    }

    // A limit in percent. Above 100 is allowed: a limit that is never reached switches the signal off.
    double percent(const Value& object, const std::string& path, std::string_view key, double otherwise) {
        const Value* value = object.find(key);
        if (value == nullptr) return otherwise;
        const auto number = value->as_double();
        if (number && std::isfinite(*number) && *number >= 0) return *number;
        complain(value->position,
                 format("{} is {}; give a number of percent, 0 or more", path_of(path, key), shown(*value)));
        return otherwise;
    }

    Duration seconds(const Value& object, const std::string& path, std::string_view key, Duration otherwise) {
        const Value* value = object.find(key);
        if (value == nullptr) return otherwise;
        const auto number = value->as_double();
        if (number && *number >= 0 && *number <= static_cast<double>(kMaxSeconds))
            return Duration{static_cast<std::int64_t>(std::llround(*number * 1000))};
        complain(value->position,
                 format("{} is {}; give seconds, 0 or more", path_of(path, key), shown(*value)));
        return otherwise;
    }

    // A moment in UNIX seconds; empty for null and absent.
    std::optional<Timestamp> moment(const Value& object, std::string_view key) {
        const Value* value = object.find(key);
        if (value == nullptr || value->is_null()) return std::nullopt;
        const auto number = value->as_double();
        if (number && *number >= 0 && *number <= static_cast<double>(kMaxUnixSeconds))
            return from_unix_millis(static_cast<std::int64_t>(std::floor(*number * 1000)));
        complain(value->position, format("{} is {}; give UNIX seconds such as 1795000000{}", key,
                                         shown(*value), key == "now" ? "" : ", or null for never"));
        return std::nullopt;
    }

    // A measured number: what makes no sense as a measurement is Unknown, what is no number at all is a
    // mistake.
    std::optional<double> measured(const Value& object, const std::string& path, std::string_view key) {
        const Value* value = object.find(key);
        if (value == nullptr || value->is_null() || names_no_number(*value)) return std::nullopt;
        const auto number = value->as_double();
        if (!number) {
            complain(value->position, format("{} is {}; give a number, or null for unknown",
                                             path_of(path, key), shown(*value)));
            return std::nullopt;
        }
        if (!std::isfinite(*number) || *number < 0) return std::nullopt;
        return number;
    }

    std::optional<bool> custom(const Value& object, const std::string& path) {
        const Value* value = object.find("custom_over");
        if (value == nullptr) return false;
        if (value->is_null() || names_no_number(*value)) return std::nullopt;
        if (const auto over = value->as_bool()) return over;
        complain(value->position, format("{} is {}; give true, false, or null for unknown",
                                         path_of(path, "custom_over"), shown(*value)));
        return std::nullopt;
    }

    static std::string shown(const Value& value) {
        if (value.is_null()) return "null";
        if (const std::string* text = value.as_string()) return format("the text '{}'", text->substr(0, 40));
        if (const auto number = value.as_int()) return std::to_string(*number);
        if (const auto number = value.as_double()) return format("{}", *number);
        if (const auto truth = value.as_bool()) return *truth ? "true" : "false";
        return std::string(value.kind_name());
    }

private:
    static std::string path_of(const std::string& path, std::string_view key) {
        return path.empty() ? std::string(key) : format("{}.{}", path, key);
    }
    static std::optional<std::int64_t> whole_number(const Value& value) {
        if (const auto number = value.as_int()) return number;
        const auto number = value.as_double();  // 3.0 is how some programs write 3.
        if (!number || std::floor(*number) != *number || std::abs(*number) > 1e15) return std::nullopt;
        return static_cast<std::int64_t>(*number);
    }
    static bool names_no_number(const Value& value) {
        const std::string* text = value.as_string();
        return text != nullptr && std::ranges::find(kNoNumber, *text) != kNoNumber.end();
    }

    using Complaint = std::pair<Position, std::string>;
    std::string_view file_;
    std::vector<Complaint> complaints_;
};

void read_config(Reader& reader, const Value* value, scaling::ThresholdInput& input) {
    if (value == nullptr || value->is_null()) return;
    if (!reader.object(*value, "config",
                       {"min", "max", "cpu_up", "cpu_down", "memory_up", "memory_down", "windows",
                        "cooldown_up_s", "cooldown_down_s"}))
        return;
    const Value& config = *value;
    model::Thresholds& t = input.config;
    const std::string path = "config";
    input.min = static_cast<int>(reader.whole(config, path, "min", 0, kMaxCount, input.min));
    input.max = static_cast<int>(reader.whole(config, path, "max", 0, kMaxCount, input.max));
    t.cpu_up = reader.percent(config, path, "cpu_up", t.cpu_up);
    t.cpu_down = reader.percent(config, path, "cpu_down", t.cpu_down);
    t.memory_up = reader.percent(config, path, "memory_up", t.memory_up);
    t.memory_down = reader.percent(config, path, "memory_down", t.memory_down);
    t.cooldown_up = reader.seconds(config, path, "cooldown_up_s", t.cooldown_up);
    t.cooldown_down = reader.seconds(config, path, "cooldown_down_s", t.cooldown_down);
    if (input.min > input.max) {
        const Value* place = config.find("min") != nullptr ? config.find("min") : config.find("max");
        reader.complain(
            place->position,
            format("config.min is {} and config.max is {}; min must not be above max", input.min, input.max));
    }
    const Value* windows = config.find("windows");
    if (windows == nullptr || windows->is_null()) return;
    const std::string inner = "config.windows";
    if (!reader.object(*windows, inner, {"up", "down", "pending"})) return;
    t.window_up = static_cast<int>(reader.whole(*windows, inner, "up", 1, kMaxCount, t.window_up));
    t.window_down = static_cast<int>(reader.whole(*windows, inner, "down", 1, kMaxCount, t.window_down));
    t.window_pending =
        static_cast<int>(reader.whole(*windows, inner, "pending", 1, kMaxCount, t.window_pending));
}

void read_readings(Reader& reader, const Value* value, std::vector<model::Reading>& readings) {
    if (value == nullptr || value->is_null()) return;
    if (!value->is_array()) {
        reader.complain(value->position,
                        format("readings is {}; give a list of objects, newest last", Reader::shown(*value)));
        return;
    }
    for (std::size_t i = 0; i < value->items().size(); ++i) {
        const Value& item = value->items()[i];
        model::Reading& reading = readings.emplace_back();
        reading.slot = static_cast<std::int64_t>(i);
        if (item.is_null()) continue;  // A slot that was not read.
        const std::string path = format("readings[{}]", i);
        if (!reader.object(item, path, {"cpu", "memory", "pending", "custom_over"})) continue;
        reading.cpu = reader.measured(item, path, "cpu");
        reading.memory = reader.measured(item, path, "memory");
        reading.pending = reader.measured(item, path, "pending");
        reading.custom_over = reader.custom(item, path);
    }
}

void read_moments(Reader& reader, const Value& document, scaling::ThresholdInput& input) {
    const Value* now = document.find("now");
    if (now == nullptr || now->is_null())
        reader.complain(now == nullptr ? document.position : now->position,
                        "now is missing; give the moment of the decision in UNIX seconds");
    input.now = reader.moment(document, "now").value_or(Timestamp{});
    input.last_up = reader.moment(document, "last_up");
    input.last_down = reader.moment(document, "last_down");
    const Value* frozen = document.find("frozen");
    if (frozen == nullptr || frozen->is_null()) return;
    if (!frozen->as_bool())
        reader.complain(frozen->position, format("frozen is {}; give true or false", Reader::shown(*frozen)));
    else if (*frozen->as_bool())
        input.freeze = scaling::ThresholdInput::Freeze::On;
}

}  // namespace

Result<DecideCase> read_decide_case(std::string_view text, std::string_view file) {
    auto document = yaml::parse(text);
    if (!document) {
        Error error = std::move(document).error();
        error.message = format("{} cannot be read: {}", file, error.message);
        return std::unexpected(std::move(error));
    }
    DecideCase facts;
    Reader reader(file);
    const std::vector<std::string> keys = {"config",  "now",       "workers", "booting",
                                           "last_up", "last_down", "frozen",  "readings"};
    if (document->is_null())
        return fail(ErrorCode::InvalidArgument,
                    format("{} is empty\nexpected an object with {}", file, join(keys, ", ")));
    if (reader.object(*document, "the case", keys)) {
        read_config(reader, document->find("config"), facts.input);
        read_moments(reader, *document, facts.input);
        facts.input.workers =
            static_cast<int>(reader.whole(*document, "", "workers", 0, kMaxCount, 0, Reader::Need::Required));
        facts.input.booting = static_cast<int>(reader.whole(*document, "", "booting", 0, kMaxCount, 0));
        read_readings(reader, document->find("readings"), facts.readings);
    }
    K3F_TRY(reader.outcome());
    return facts;
}

scaling::ThresholdDecision decide(const DecideCase& facts) {
    scaling::ThresholdInput input = facts.input;
    input.readings = facts.readings;
    return scaling::evaluate_thresholds(input);
}

Value to_value(const scaling::ThresholdDecision& decision) {
    Value value = Value::object({{"action", scaling::to_string(decision.action)},
                                 {"count", decision.count},
                                 {"reason", decision.reason}});
    value.set("blocked_by",
              decision.blocked_by ? Value(scaling::to_string(*decision.blocked_by)) : Value(nullptr));
    return value;
}

}  // namespace k3fleet::app
