// The suites of the services of AWS on the simulated account.
#include "tests/contract/api/documents.h"
#include "tests/contract/api/dynamodb.h"
#include "tests/contract/api/messages.h"
#include "tests/contract/api/s3.h"
#include "tests/contract/api/secrets.h"
#include "tests/support/bare_account.h"

namespace k3fleet::contract {
namespace {

struct SimServices {
    aws::Api& api() { return bare.api; }
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

}  // namespace
}  // namespace k3fleet::contract
