// A process in memory: variables from a map, output into strings.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/host.h"
#include "cli/program.h"

namespace k3fleet::support {

class StringSink : public cli::Sink {
public:
    void write(std::string_view text) override { text_ += text; }
    bool closed() const override { return false; }
    std::string failure() const override { return failure_; }
    const std::string& text() const { return text_; }
    void fail_with(std::string why) { failure_ = std::move(why); }

private:
    std::string text_;
    std::string failure_;
};

struct MemoryHost {
    std::map<std::string, std::string> variables;
    std::string input;
    StringSink out;
    StringSink err;
    cli::Audience audience = cli::Audience::Program;

    cli::Host host() {
        return {
            .variable =
                [this](const std::string& name) { return variables.contains(name) ? variables[name] : ""; },
            .out = out,
            .err = err,
            .out_audience = audience,
            .err_audience = audience,
            .read_standard_input = [this]() -> Result<std::string> { return input; }};
    }
    cli::ExitCode run(const std::vector<std::string>& arguments) {
        return cli::run_program(arguments, host());
    }
};

}  // namespace k3fleet::support
