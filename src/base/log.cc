// The log on spdlog's sink: we build the line, spdlog puts it out whole, also from several threads.
//
// This is the one place below the ports that reads a clock: a log line carries the time it was written, and
// nothing depends on it.
#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/value.h"

namespace k3fleet::log {
namespace {

struct Log {
    std::unique_ptr<spdlog::logger> logger;
    Level threshold = Level::Info;
    Style style = Style::Human;
    bool colours = false;
    std::vector<std::pair<std::string, std::string>> context;
    std::shared_mutex secrets_guard;
    std::vector<Secret> secrets;  // Longest first, so that one that contains another is hidden whole.

    Log() {
        logger =
            std::make_unique<spdlog::logger>("k3fleet", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger->set_pattern("%v");
        logger->set_level(spdlog::level::trace);
        logger->flush_on(spdlog::level::trace);
        // tidy: allow(environment): https://no-color.org; errors are shown before main has read anything
        const char* no_colour = std::getenv("NO_COLOR");
        colours = isatty(STDERR_FILENO) == 1 && (!no_colour || !*no_colour);
    }
};

Log& the_log() {
    static Log log;
    return log;
}

std::string_view name(Level level) {
    switch (level) {
        case Level::Debug: return "debug";
        case Level::Info: return "info";
        case Level::Warn: return "warning";
        case Level::Error: return "error";
        case Level::Silent: break;
    }
    return "error";
}

std::string_view colour(Level level) {
    switch (level) {
        case Level::Debug: return "\x1b[2m";
        case Level::Info: return "\x1b[36m";
        case Level::Warn: return "\x1b[33m";
        case Level::Error: return "\x1b[31m";
        case Level::Silent: break;
    }
    return "";
}

// Text from elsewhere must not move the cursor or recolour the terminal. Lines after the first are indented.
std::string harmless(std::string_view text) {
    std::string safe;
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(utf8::character_length(text), 1);
        const auto byte = static_cast<unsigned char>(text[0]);
        const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
        if (byte == '\n') {
            safe += "\n  ";
        } else if (byte < 0x20 || byte == 0x7F || c1 || (byte >= 0x80 && length == 1)) {
            for (std::size_t i = 0; i < length; ++i)
                safe += format("\\x{:02x}", static_cast<unsigned char>(text[i]));
        } else {
            safe += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return safe;
}

std::string human_line(Level level, std::string_view message, const Fields& fields, bool colours) {
    std::string line =
        colours ? format("{}{}:\x1b[0m ", colour(level), name(level)) : format("{}: ", name(level));
    line += harmless(redacted(message));
    for (const auto& [key, value] : fields) {
        const std::string shown = redacted(value);
        const bool bare = !shown.empty() && shown.find_first_of(" \"=\n\t\r\\") == std::string::npos;
        line += format(" {}={}", harmless(key), harmless(bare ? shown : json::quoted(shown)));
    }
    return line;
}

std::string json_line(Level level, std::string_view message, const Fields& fields) {
    // tidy: allow(clock): the time of a log line; nothing is decided by it
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    Value line =
        Value::object({{"time", to_rfc3339(now)}, {"level", name(level)}, {"message", redacted(message)}});
    for (const auto& [key, value] : fields) {
        // A field cannot take the place of ours or of an earlier one.
        std::string free(key);
        while (line.find(free)) free += '_';
        line.set(free, redacted(value));
    }
    return json::write(line);
}

}  // namespace

void configure(Level threshold, Style style) {
    the_log().threshold = threshold;
    the_log().style = style;
}

void redact(const Secret& secret) {
    if (secret.empty()) return;
    auto& log = the_log();
    const std::unique_lock lock(log.secrets_guard);
    // A secret may also come by in JSON, where it may look different.
    const Secret escaped(json::quoted(secret.reveal()));
    const std::size_t inside = escaped.reveal().size() - 2;
    for (Secret form : {secret, Secret(escaped.reveal().substr(1, inside))}) {
        const auto same = [&](const Secret& known) { return known.reveal() == form.reveal(); };
        if (std::any_of(log.secrets.begin(), log.secrets.end(), same)) continue;
        log.secrets.push_back(std::move(form));
    }
    std::stable_sort(log.secrets.begin(), log.secrets.end(),
                     [](const Secret& a, const Secret& b) { return a.reveal().size() > b.reveal().size(); });
}

std::string redacted(std::string_view text) {
    auto& log = the_log();
    const std::shared_lock lock(log.secrets_guard);
    std::string clean;
    while (!text.empty()) {
        const auto starts_here = [&](const Secret& secret) { return text.starts_with(secret.reveal()); };
        const auto found = std::find_if(log.secrets.begin(), log.secrets.end(), starts_here);
        if (found == log.secrets.end()) {
            clean += text[0];
            text.remove_prefix(1);
        } else {
            clean += "[redacted]";
            text.remove_prefix(found->reveal().size());
        }
    }
    return clean;
}

void set_context(std::vector<std::pair<std::string, std::string>> fields) {
    the_log().context = std::move(fields);
}

void write(Level level, std::string_view message, const Fields& own) {
    auto& log = the_log();
    if (level < log.threshold) return;
    Fields fields = own;
    for (const auto& [key, value] : log.context) fields.emplace_back(key, value);
    const std::string line = log.style == Style::Human ? human_line(level, message, fields, log.colours)
                                                       : json_line(level, message, fields);
    log.logger->log(spdlog::level::info, spdlog::string_view_t(line));
}

}  // namespace k3fleet::log
