// The secret that a master writes for the functions, and what helper programs and AWS's services answer with
// credentials: Corrupt, or all that is needed. Nothing of it is in an error.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/aws/kube_access.h"
#include "aws/credentials/answers.h"
#include "base/check.h"

namespace {

using namespace k3fleet;

// Stands in the seeds where secrets do.
constexpr std::string_view kCanary = "canary-of-the-fuzzer";

void check_silent(const Error& error) {
    K3F_CHECK(!error.message.empty() && !error.describe().contains(kCanary));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto read = aws::read_kube_credential(Secret(text))) {
        K3F_CHECK(!read->ca_pem.empty() && !read->token.empty() && !read->endpoints.empty());
        K3F_CHECK(!read->prometheus.ca_pem.empty() && !read->prometheus.endpoints.empty());
    } else {
        check_silent(read.error());
    }
    const auto object = credentials::read_json_object(text, "helper");
    if (!object) {
        check_silent(object.error());
    } else if (const auto keys = credentials::read_credentials(*object, {}, "helper")) {
        K3F_CHECK(!keys->access_key_id.empty() && !keys->secret_access_key.empty());
    } else {
        check_silent(keys.error());
    }
    (void)credentials::describe_refusal({.status = 400, .headers = {}, .body = text}, "helper");
    return 0;
}
