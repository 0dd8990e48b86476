// Strongly typed names: an InstanceId cannot be passed where a NodeName is meant.
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace k3fleet {

template <typename Tag>
class StrongString {
public:
    StrongString() = default;
    explicit StrongString(std::string text) : text_(std::move(text)) {}

    const std::string& str() const { return text_; }
    bool empty() const { return text_.empty(); }

    friend auto operator<=>(const StrongString&, const StrongString&) = default;
    friend bool operator==(const StrongString&, const StrongString&) = default;

private:
    std::string text_;
};

}  // namespace k3fleet
