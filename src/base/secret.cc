// Wipes with OPENSSL_cleanse, which a compiler may not remove.
#include "base/secret.h"

#include <openssl/crypto.h>

namespace k3fleet {
namespace {

void cleanse(std::string& text) noexcept {
    // Up to the capacity: a moved-from or shortened string leaves its old bytes behind its end.
    text.resize(text.capacity());  // NOLINT(clang-analyzer-cplusplus.Move): see above.
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

}  // namespace

Secret::Secret(std::string text) : text_(std::move(text)) { cleanse(text); }

Secret& Secret::operator=(const Secret& other) {
    if (this == &other) return *this;
    wipe();
    text_ = other.text_;
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
    return *this;
}

void Secret::wipe() noexcept { cleanse(text_); }

}  // namespace k3fleet
