// The suites of the services of AWS on the simulated account.
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
#include "tests/support/bare_account.h"

namespace k3fleet::contract {
namespace {

struct SimServices {
    aws::Api& api() { return bare.api; }
    // What takes its time has happened.
    void settle() { bare.pass(std::chrono::minutes{2}); }
    static constexpr bool kMoto = false;
    support::BareAccount bare;
    std::string fresh = "shop";
    std::string account = bare.account().number;
    std::string region = bare.account().region;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sim, DynamoDbApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, S3Api, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, SecretsApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, MessagesApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, DocumentsApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, FunctionsApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, EventsApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, RolesApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, KeysApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, TrailsApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, BucketSettingsApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, LogGroupsApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, TaggedApi, SimServices);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, NetworkApi, SimServices);

}  // namespace
}  // namespace k3fleet::contract
