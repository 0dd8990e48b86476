// A machine in memory for tests of the AWS client: variables, files, a clock that only moves when told or
// slept on, and a generator with a seed.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "aws/credentials/outside.h"
#include "base/prng.h"
#include "base/text.h"

namespace k3fleet::support {

class ManualClock final : public ports::Clock {
public:
    Timestamp now() override {
        const std::scoped_lock lock(mutex_);
        return at_;
    }
    Status sleep_until(Timestamp until) override {
        const std::scoped_lock lock(mutex_);
        slept_.push_back(until - at_);
        at_ = std::max(at_, until);
        return {};
    }
    void set(Timestamp at) {
        const std::scoped_lock lock(mutex_);
        at_ = at;
    }
    void advance(Duration span) { set(now() + span); }
    std::vector<Duration> slept() {
        const std::scoped_lock lock(mutex_);
        return slept_;
    }

private:
    std::mutex mutex_;
    Timestamp at_ = from_unix_seconds(1'795'000'000);
    std::vector<Duration> slept_;
};

// Every draw is the same share of its range: 0 draws the lowest number, 0.5 the middle.
class SteadyRandom final : public ports::Random {
public:
    explicit SteadyRandom(double share = 0) : share_(share) {}
    std::string hex(std::size_t bytes) override {
        std::string text =
            format("{:08x}", static_cast<std::uint32_t>(std::min(share_ * 4294967296.0, 4294967295.0)));
        while (text.size() < bytes * 2) text += format("{:08x}", ++drawn_);
        return text.substr(0, bytes * 2);
    }

private:
    double share_;
    std::uint32_t drawn_ = 0;
};

struct AwsMachine {
    std::map<std::string, std::string> variables;
    std::map<std::string, credentials::File> files;
    std::map<std::string, std::string> written;  // What was written; it can be read again.
    std::vector<std::string> questions;
    std::string answer;  // To every question.
    std::vector<credentials::Program> started;
    Result<std::string> program_output = fail(ErrorCode::NotFound, "no such program");
    ManualClock clock;
    SteadyRandom random;
    std::unique_ptr<net::HttpClient> http = net::make_http_client();

    credentials::Outside outside() {
        return {
            .variable =
                [this](const std::string& name) {
                    return variables.contains(name) ? variables[name] : std::string();
                },
            .read_file = [this](const std::string& path) -> Result<credentials::File> {
                if (const auto found = files.find(path); found != files.end()) return found->second;
                if (const auto found = written.find(path); found != written.end())
                    return credentials::File{.content = found->second};
                return fail(ErrorCode::NotFound, format("{} cannot be read: no such file", path));
            },
            .write_private_file = [this](const std::string& path, std::string_view content) -> Status {
                written[path] = content;
                return {};
            },
            .run = [this](const credentials::Program& program) -> Result<std::string> {
                started.push_back(program);
                return program_output;
            },
            .ask = [this](const std::string& question) -> Result<std::string> {
                questions.push_back(question);
                return answer;
            },
            .http = http.get(),
            .direct = http.get(),
            .clock = &clock,
            .random = &random,
            .home = "/home/u",
            .cache_folder = "/state/aws",
        };
    }

    void config(std::string text) { files["/home/u/.aws/config"] = {.content = std::move(text)}; }
    void shared(std::string text) { files["/home/u/.aws/credentials"] = {.content = std::move(text)}; }
};

}  // namespace k3fleet::support
