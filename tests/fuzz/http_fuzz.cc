// Answers of servers we do not trust, in pieces of any size: never a crash, never more than allowed, and the
// same result however the bytes were cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/crypto.h"
#include "net/answer.h"

namespace {

using namespace k3fleet;

constexpr std::size_t kMaxBody = 4096;

struct Outcome {
    bool complete = false;
    bool reusable = false;
    net::HttpResponse response;
};

// `cut`: how long the pieces are, cyclically; empty: all at once.
Outcome read(std::string_view bytes, std::string_view cut, bool has_body) {
    net::AnswerReader reader({.peer = "peer", .has_body = has_body, .max_body_bytes = kMaxBody});
    Outcome outcome;
    std::size_t pieces = 0;
    while (!bytes.empty() && !reader.done()) {
        const std::size_t length =
            cut.empty() ? bytes.size() : static_cast<std::uint8_t>(cut[pieces++ % cut.size()]) % 64U + 1;
        const auto piece = bytes.substr(0, length);
        if (!reader.take(piece)) return outcome;
        bytes.remove_prefix(piece.size());
    }
    if (!reader.done() && !reader.end()) return outcome;
    outcome.complete = true;
    outcome.reusable = reader.reusable() && bytes.empty();
    outcome.response = reader.response();
    return outcome;
}

}  // namespace

// Two bytes say how it is read, the rest is the answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const bool has_body = (data[0] & 1) != 0;
    const auto whole = read(all.substr(3), {}, has_body);
    const auto pieces = read(all.substr(3), all.substr(1, 2), has_body);
    K3F_CHECK(whole.complete == pieces.complete);
    if (!whole.complete) return 0;
    K3F_CHECK(whole.response.status >= 200 && whole.response.status <= 999);
    K3F_CHECK(whole.response.status == pieces.response.status);
    K3F_CHECK(whole.response.headers == pieces.response.headers);
    K3F_CHECK(whole.response.body == pieces.response.body);
    K3F_CHECK(whole.reusable == pieces.reusable);
    K3F_CHECK(whole.response.body.size() <= kMaxBody);
    K3F_CHECK(has_body || whole.response.body.empty());
    if (const auto inflated = crypto::inflate(whole.response.body, kMaxBody))
        K3F_CHECK(inflated->size() <= kMaxBody);
    return 0;
}
