// A real Prometheus as a second process, with a history made up by the test. Needs scripts/setup --test.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace k3fleet::support {

class Prometheus {
public:
    // The program: the variable K3FLEET_PROMETHEUS_BIN, else .cache/tools/prometheus of this source tree.
    static std::optional<std::filesystem::path> find();

    // Starts it in `folder` with `history` (OpenMetrics text, may be empty) turned into blocks, scraping
    // `targets` (host:port) five times a second. It is not ready yet: poll url() + "/-/ready".
    Prometheus(const std::filesystem::path& program, const std::filesystem::path& folder,
               const std::string& history, const std::vector<std::string>& targets);
    ~Prometheus();
    Prometheus(const Prometheus&) = delete;
    Prometheus& operator=(const Prometheus&) = delete;

    std::string url() const;
    std::string log() const;  // What it wrote, for the message of a test that fails.

private:
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
};

}  // namespace k3fleet::support
