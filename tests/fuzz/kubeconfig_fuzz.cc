// Kubeconfigs: an error, or a connection over TLS with one way to say who we are. No token is in an error.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/kube/kubeconfig.h"
#include "base/check.h"
#include "base/yaml.h"

namespace {

// Of the token in the seeds; long enough that nothing else holds it.
constexpr std::string_view kToken = "canary-of-the-fuzzer";

// Whether errors about this text must not hold the token: one stands in it, and it is no YAML, so that nobody
// knows what the token belongs to, or it is the token of a user and nothing else.
bool must_hide_it(std::string_view text) {
    using namespace k3fleet;
    const std::size_t at = text.find(kToken);
    if (at == std::string_view::npos || text.find(kToken, at + 1) != std::string_view::npos) return false;
    const auto file = yaml::parse(text);
    if (!file) return true;
    const Value* users = file->find("users");
    if (users == nullptr) return false;
    return std::ranges::any_of(
        users->items(), [](const Value& user) { return user.string_at("user.token").contains(kToken); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace k3fleet;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.contains("/dev") || text.contains("/proc")) return 0;  // Files that it names are read.
    const auto read = kube::read_kubeconfig(text, "no-such-folder", "", "file");
    if (!read) {
        K3F_CHECK(!read.error().message.empty());
        K3F_CHECK(!must_hide_it(text) || !read.error().describe().contains(kToken));
        return 0;
    }
    K3F_CHECK(read->server.starts_with("https://") && !read->server.ends_with('/'));
    K3F_CHECK(read->client_certificate_pem.empty() == read->client_key_pem.empty());
    K3F_CHECK(!read->client_key_pem.empty() || !read->token.empty() || !read->token_file.empty());
    K3F_CHECK(read->token.empty() || read->token_file.empty());
    K3F_CHECK(!read->described.empty());
    return 0;
}
