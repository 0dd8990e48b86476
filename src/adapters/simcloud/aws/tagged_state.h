// The Resource Groups Tagging API's part of a simulated account: what it has told lately. Things themselves,
// and their tags, are their services'.
#pragma once

#include <map>
#include <string>

#include "base/time.h"

namespace k3fleet::simcloud {

struct ToldTags {
    std::map<std::string, std::string> tags;
    Timestamp at;
};

struct TaggedState {
    std::map<std::string, ToldTags> told;  // By ARN; what was told a while ago is forgotten.
};

template <typename Archive>
void fields(Archive& archive, ToldTags& told) {
    archive(told.tags, told.at);
}
template <typename Archive>
void fields(Archive& archive, TaggedState& tagged) {
    archive(tagged.told);
}

}  // namespace k3fleet::simcloud
