// Secrets in memory, with what was asked for.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ports/secrets.h"

namespace k3fleet::testing {

class FakeSecrets final : public ports::Secrets {
public:
    Result<std::optional<ports::KeptSecret>> get(const std::string& name) override {
        asked.push_back(name);
        const auto found = values.find(name);
        if (found == values.end()) return std::nullopt;
        return ports::KeptSecret{.value = Secret(found->second), .version = "1", .created_at = {}};
    }
    Result<std::optional<Timestamp>> changed_at(const std::string& name) override {
        const auto found = changed.find(name);
        return found == changed.end() ? std::nullopt : std::optional(found->second);
    }
    Status put(const std::string& name, const Secret& value, const std::string&) override {
        values[name] = value.reveal();
        return {};
    }

    std::map<std::string, std::string> values;
    std::map<std::string, Timestamp> changed;
    std::vector<std::string> asked;
};

}  // namespace k3fleet::testing
