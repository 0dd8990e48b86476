// What the program says about itself while it works: for people on a terminal, as JSON lines otherwise.
// Goes to standard error; results go to standard output. Registered secrets are replaced before anything is
// written.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace k3fleet::log {

enum class Level { Debug, Info, Warn, Error, Silent };  // Silent: a threshold only; nothing is said.
enum class Style { Human, JsonLines };

using Fields = std::vector<std::pair<std::string_view, std::string>>;

// Call once at start, before threads.
void configure(Level threshold, Style style);

// Fields of every later line, after its own: which request is being served. Replaces the former ones; not
// while other threads write.
void set_context(std::vector<std::pair<std::string, std::string>> fields);

// Hides this text in every later line. For values that pass through library errors; secrets of ours are never
// logged.
void redact(const Secret& secret);

void write(Level level, std::string_view message, const Fields& fields = {});
inline void debug(std::string_view message, const Fields& fields = {}) {
    write(Level::Debug, message, fields);
}
inline void info(std::string_view message, const Fields& fields = {}) { write(Level::Info, message, fields); }
inline void warn(std::string_view message, const Fields& fields = {}) { write(Level::Warn, message, fields); }
inline void error(std::string_view message, const Fields& fields = {}) {
    write(Level::Error, message, fields);
}

// Replaces every registered secret in a text, for output that does not go through write().
std::string redacted(std::string_view text);

}  // namespace k3fleet::log
