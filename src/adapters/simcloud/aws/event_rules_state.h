// EventBridge's part of a simulated account: rules of the default bus and their targets.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace k3fleet::simcloud {

struct RuleTarget {
    std::string arn;
    std::string role;
    std::string input;  // At most one of these three.
    std::string input_path;
    std::string input_template;
    std::map<std::string, std::string> input_paths;  // What the template's names stand for.
    std::string dead_letters;
    std::optional<std::int32_t> retries;
    std::optional<std::int32_t> oldest_seconds;
};

struct EventRule {
    std::string name;
    std::string pattern;
    std::string schedule;
    std::string state;
    std::string description;
    std::map<std::string, RuleTarget> targets;  // By id.
    std::map<std::string, std::string> tags;
};

struct EventRulesState {
    std::map<std::string, EventRule> rules;  // By name.
};

template <typename Archive>
void fields(Archive& archive, RuleTarget& target) {
    archive(target.arn, target.role, target.input, target.input_path, target.input_template,
            target.input_paths, target.dead_letters, target.retries, target.oldest_seconds);
}
template <typename Archive>
void fields(Archive& archive, EventRule& rule) {
    archive(rule.name, rule.pattern, rule.schedule, rule.state, rule.description, rule.targets, rule.tags);
}
template <typename Archive>
void fields(Archive& archive, EventRulesState& state) {
    archive(state.rules);
}

}  // namespace k3fleet::simcloud
