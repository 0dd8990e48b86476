// Service Quotas: what the account may have of what counts in clusters, as EC2 here keeps to it.
//
// https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
#include <algorithm>
#include <string>

#include "adapters/simcloud/aws/service.h"
#include "adapters/simcloud/aws/service_common.h"
#include "aws/gen/service-quotas.h"
#include "core/readiness/quotas.h"

namespace k3fleet::simcloud {
namespace {

namespace quotas = aws::service_quotas;

std::int64_t value_of(readiness::Quota quota, const Ec2State& ec2) {
    switch (quota) {
        case readiness::Quota::Vpcs: return ec2.most_vpcs;
        case readiness::Quota::Addresses: return ec2.most_addresses;
        case readiness::Quota::OnDemandVcpus: return ec2.on_demand_vcpus;
        case readiness::Quota::SpotVcpus: return ec2.spot_vcpus;
    }
    return 0;
}

Status needs_to_read(const Call&, const quotas::GetServiceQuotaRequest&, Needs& needs) {
    needs.add("servicequotas:GetServiceQuota", "*");
    return {};
}

Result<quotas::GetServiceQuotaResponse> get_quota(Call& call, const quotas::GetServiceQuotaRequest& request) {
    const auto known = std::ranges::find_if(readiness::kQuotas, [&](const readiness::QuotaFact& fact) {
        return fact.service_code == request.service_code.value_or("") &&
               fact.code == request.quota_code.value_or("");
    });
    if (known == readiness::kQuotas.end())
        return refuse("NoSuchResourceException", "The request failed because the quota does not exist.");
    quotas::GetServiceQuotaResponse answer;
    answer.quota =
        quotas::ServiceQuota{.service_code = known->service_code,
                             .quota_code = known->code,
                             .quota_name = known->title,
                             .value = static_cast<double>(value_of(known->quota, call.account.ec2)),
                             .unit = "None",
                             .adjustable = true,
                             .global_quota = false};
    return answer;
}

}  // namespace

void add_quotas(Handlers& handlers) {
    handlers.add<quotas::GetServiceQuotaRequest>({"ServiceCode", "QuotaCode"}, needs_to_read, get_quota);
}

}  // namespace k3fleet::simcloud
