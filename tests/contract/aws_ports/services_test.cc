// The suites of the services of AWS over the wire, on moto. run.py starts it and says where it is.
#include <cstdlib>

#include "tests/contract/api/bucket_settings.h"
#include "tests/contract/api/documents.h"
#include "tests/contract/api/dynamodb.h"
#include "tests/contract/api/events.h"
#include "tests/contract/api/functions.h"
#include "tests/contract/api/keys.h"
#include "tests/contract/api/log_groups.h"
#include "tests/contract/api/messages.h"
#include "tests/contract/api/network.h"
#include "tests/contract/api/roles.h"
#include "tests/contract/api/s3.h"
#include "tests/contract/api/secrets.h"
#include "tests/contract/api/tagged.h"
#include "tests/contract/api/trails.h"
#include "tests/support/aws_server.h"

namespace k3fleet::contract {
namespace {

struct MotoServices {
    static std::string url() {
        const char* told = std::getenv("K3F_TEST_AWS_URL");
        return told == nullptr ? "" : told;
    }
    aws::Api& api() { return server.api; }
    void settle() {}  // moto takes no time.
    static constexpr bool kMoto = true;
    support::AwsServer server{url()};
    std::string fresh = "shop-" + server.random.hex(6);
    std::string account = support::kTestAccount;
    std::string region = support::kTestRegion;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Moto, DynamoDbApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, S3Api, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, SecretsApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, MessagesApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, DocumentsApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, FunctionsApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, EventsApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, RolesApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, KeysApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, TrailsApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, BucketSettingsApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, LogGroupsApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, TaggedApi, MotoServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, NetworkApi, MotoServices);

}  // namespace
}  // namespace k3fleet::contract
