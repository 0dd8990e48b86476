// getrandom(2) behind ports::Random.
#include "adapters/local/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace k3fleet::local {

std::string SystemRandom::hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes) {
        const ssize_t got = ::getrandom(raw.data() + filled, bytes - filled, 0);
        // The call cannot fail on a kernel that this program starts on, except by a signal.
        K3F_CHECK(got > 0 || errno == EINTR);
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes * 2);
    for (const char byte : raw) {
        const auto value = static_cast<unsigned char>(byte);
        text += kDigits[value >> 4];
        text += kDigits[value & 15];
    }
    return text;
}

}  // namespace k3fleet::local
