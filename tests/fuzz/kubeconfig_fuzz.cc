// Kubeconfigs: an error, or a connection over TLS with one way to say who we are. No token is in an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/kube/kubeconfig.h"
#include "base/check.h"

namespace {

// Of the token in the seeds; long enough that nothing else holds it.
constexpr std::string_view kToken = "canary-of-the-fuzzer";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace k3fleet;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.contains("/dev") || text.contains("/proc")) return 0;  // Files that it names are read.
    const auto read = kube::read_kubeconfig(text, "no-such-folder", "", "file");
    if (!read) {
        K3F_CHECK(!read.error().message.empty());
        K3F_CHECK(!text.contains("token: " + std::string(kToken)) ||
                  !read.error().describe().contains(kToken));
        return 0;
    }
    K3F_CHECK(read->server.starts_with("https://") && !read->server.ends_with('/'));
    K3F_CHECK(read->client_certificate_pem.empty() == read->client_key_pem.empty());
    K3F_CHECK(!read->client_key_pem.empty() || !read->token.empty() || !read->token_file.empty());
    K3F_CHECK(read->token.empty() || read->token_file.empty());
    K3F_CHECK(!read->described.empty());
    return 0;
}
