// A text that must not be seen: cannot be printed or compared by accident, and is wiped when it goes.
#pragma once

#include <string>
#include <utility>

namespace k3fleet {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text);
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret() { wipe(); }

    bool empty() const { return text_.empty(); }
    // The only way to the text. Every use is a place to review: grep for it.
    const std::string& reveal() const { return text_; }

private:
    void wipe() noexcept;
    std::string text_;
};

}  // namespace k3fleet
