// What the process gives the program: variables, the three streams, and whether a person sits behind them.
// Everything below main() takes it from here, so that tests can run the whole program in memory.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace k3fleet::cli {

// Where text goes.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void write(std::string_view text) = 0;
    // Nobody reads any more (a closed pipe): stop producing, quietly.
    virtual bool closed() const = 0;
    // Why something could not be written; empty if all was, or nobody wanted it.
    virtual std::string failure() const = 0;
};

// A file descriptor that stays open; it is not ours to close. Thread-safe.
class FdSink : public Sink {
public:
    explicit FdSink(int fd) : fd_(fd) {}
    void write(std::string_view text) override;
    bool closed() const override;
    std::string failure() const override;

private:
    mutable std::mutex mutex_;
    int fd_;
    bool closed_ = false;
    std::string failure_;
};

enum class Audience { Program, Person };  // Person: a terminal.

struct Host {
    // The variable's value; empty if it is unset or empty.
    std::function<std::string(const std::string&)> variable;
    Sink& out;
    Sink& err;
    Audience out_audience = Audience::Program;
    Audience err_audience = Audience::Program;
    int width = 100;                                           // Columns to fill with running text.
    std::function<Result<std::string>()> read_standard_input;  // To its end.
    std::function<Result<std::string>()> read_line;            // One line from the person there.
};

// The real one: environment, descriptors 0 to 2. Ignores SIGPIPE for the process.
Host process_host(Sink& out, Sink& err);

// What a file that somebody names may have: nothing that people write comes near it.
inline constexpr std::size_t kMaxInputBytes = 64UL << 20;
// A whole file, or standard input for "-", which has kMaxInputBytes at most. Errors say what is wrong with
// the path.
Result<std::string> read_input(const Host& host, const std::string& path,
                               std::size_t max_bytes = kMaxInputBytes);
// What it is called in messages: the path, or "standard input".
std::string input_name(const std::string& path);

}  // namespace k3fleet::cli
