// STS: who calls. Allowed to everybody, whatever the policies say.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
#include <string>

#include "adapters/simcloud/aws/service.h"
#include "aws/gen/sts.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace sts = aws::sts;

Status needs_nothing(const Call&, const sts::GetCallerIdentityRequest&, Needs&) { return {}; }

Result<sts::GetCallerIdentityResponse> who_am_i(Call& call, const sts::GetCallerIdentityRequest&) {
    const std::string who = call.caller.substr(call.caller.find_last_of(":/") + 1);
    Prng random = call.dice("principal", call.caller);
    const std::string id = format("AROA{:016X}", random.next());
    return sts::GetCallerIdentityResponse{
        .user_id = who == "root" ? call.account.number : format("{}:{}", id, who),
        .account = call.account.number,
        .arn = call.caller};
}

}  // namespace

void add_identity(Handlers& handlers) {
    handlers.add<sts::GetCallerIdentityRequest>({}, needs_nothing, who_am_i);
}

}  // namespace k3fleet::simcloud
