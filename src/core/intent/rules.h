// What a text in a file must look like: names, regions, versions, ranges of addresses.
//
// Each rule has a pattern for the JSON schema and a check that says what is wrong in words. The check is the
// stricter one: whatever it accepts matches the pattern.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/cost/catalogue.h"

namespace k3fleet::intent {

struct Complaint {
    std::string message;
    std::string remedy;
    enum class Value { Shown, Secret } value = Value::Shown;  // Secret: the text must not be shown.
};

struct TextRule {
    std::string_view allowed;  // In words.
    std::string_view pattern;  // ECMA-262, anchored.
    std::size_t most = 0;      // Characters.
    std::string_view example;  // A text the check accepts.
    std::optional<Complaint> (*check)(std::string_view text, const cost::Catalogue& catalogue);
};

extern const TextRule kProjectName;
extern const TextRule kClusterName;
extern const TextRule kPoolName;
extern const TextRule kRegion;
extern const TextRule kZone;
extern const TextRule kInstanceType;
extern const TextRule kK3sVersion;
extern const TextRule kLabelKey;
extern const TextRule kLabelValue;
extern const TextRule kTaint;
extern const TextRule kMetricName;
extern const TextRule kPromQl;
extern const TextRule kUrl;
extern const TextRule kUserName;
extern const TextRule kFilePath;
extern const TextRule kSshCidr;
extern const TextRule kVpcCidr;
extern const TextRule kEmail;
extern const TextRule kTagValue;

// For a text that came otherwise than by a file. InvalidArgument: what is wrong, and what to do.
Status obey(const TextRule& rule, std::string_view text);

// Whether k3fleet has heard of the region; new ones open every year, so that not knowing it is no error.
bool known_region(std::string_view region);

// At most so many characters in the prefix of the names of a cluster: the longest derived name is the IAM
// role {prefix}AutoscalerLambdaRole-{region} with 64 (IAM), of which 36 are ours.
inline constexpr std::size_t kMaxPrefix = 28;
// The longest derived name of a project is its snapshot bucket {project}-snapshots-{account}-{region}:
// 63 (S3).
inline constexpr std::size_t kMaxProjectName = 25;

}  // namespace k3fleet::intent
