// Whether an account's quotas have room for clusters: what they need of each, and what that leaves.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/cost/catalogue.h"
#include "core/model/intent.h"
#include "core/readiness/check.h"

namespace k3fleet::readiness {

// vCPUs are those of "standard" types (A, C, D, H, I, M, R, T, Z), which all others have quotas beside.
enum class Quota { Vpcs, Addresses, OnDemandVcpus, SpotVcpus };

// How Service Quotas calls it, and the default that AWS documents: VPC user guide, "Amazon VPC quotas", and
// general reference, "Amazon EC2 endpoints and quotas". An account may have another one.
struct QuotaFact {
    Quota quota;
    const char* name;
    const char* service_code;
    const char* code;
    const char* title;  // In AWS's console.
    int documented;
    const char* otherwise;  // What else helps than a larger quota.
};
inline constexpr std::array<QuotaFact, 4> kQuotas{{
    {Quota::Vpcs, "VPCs", "vpc", "L-F678F1CE", "VPCs per Region", 5, "or delete one that nobody uses"},
    {Quota::Addresses, "addresses", "ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5,
     "or release one that nobody uses; with network.egress: endpoints the way out needs none"},
    {Quota::OnDemandVcpus, "vCPUs on demand", "ec2", "L-1216C47A",
     "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5,
     "or write fewer workers or smaller types into the cluster's file"},
    {Quota::SpotVcpus, "vCPUs on spot", "ec2", "L-34B43A08",
     "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 5,
     "until then what finds no room on spot runs on demand"},
}};

struct Limit {
    double value = 0;
    // Applied: this account's. AwsDefault: AWS said that the account has its default. Documented: nothing
    // could be read, so the value is only what AWS documents.
    enum class From { Applied, AwsDefault, Documented } from = From::Documented;
};

struct Use {
    int others = 0;         // Besides the clusters in question.
    int own = 0;            // Theirs already.
    int uncounted = 0;      // Machines of types whose size is not known here.
    std::string not_known;  // Why nothing is known; empty: it is.
};

// With as few workers as the file allows, and with as many.
struct Need {
    int least = 0;
    int most = 0;
};
using Needs = std::array<Need, kQuotas.size()>;  // In the order of Quota.

// What one cluster needs when nothing of it is there. InvalidArgument: no such cluster can be made.
Result<Needs> needs_of(const model::ClusterIntent& intent, const cost::Catalogue& catalogue);
void add(Needs& sum, const Needs& needs);

// Whether machines of the type count towards the quotas of vCPUs above.
bool is_standard(std::string_view instance_type);
// Of a type; -1 if it is not known.
int vcpus_of(std::string_view instance_type, const cost::Catalogue& catalogue);

struct Askers {
    std::string who;  // "a dev cluster needs", "clusters blue and green need"
    std::string region;
};

// Failed: not even the least fits. Warning: it ends before the most, or would with the documented default; or
// spot falls short, which on-demand machines make up for. NotChecked: not enough is known.
Check check_quota(const QuotaFact& fact, const Limit& limit, const Use& use, const Need& need,
                  const Askers& askers);

}  // namespace k3fleet::readiness
