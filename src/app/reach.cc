#include "app/reach.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/crypto_certificates.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::app {

namespace {

// The master's clock and ours may differ, and Kubernetes lets certificates begin five minutes early.
constexpr Duration kSlack = std::chrono::minutes{10};

std::string place(const model::Scope& scope) {
    return format("project {} in {}", scope.project.str(), scope.region);
}

Result<std::string> pem_of(const Value& answer, std::string_view member) {
    const std::string text = answer.string_at(member);
    if (text.empty()) return fail(ErrorCode::Corrupt, format("the master's answer has no {}", member));
    return crypto::from_base64(text);
}

// What came over a wire that others may run is looked at before it is used.
Result<Credential> checked(const ReachSite& site, const CredentialRequest& request, Secret key,
                           const std::string& output) {
    const Value answer = K3F_TRY(json::parse(output));
    Credential credential{.key = std::move(key),
                          .certificate = K3F_TRY(pem_of(answer, "certificate")),
                          .ca = K3F_TRY(pem_of(answer, "ca")),
                          .expires_at = {}};
    K3F_TRY_WHILE("reading the cluster's CA", crypto::read_certificate(credential.ca));
    const auto certificate = K3F_TRY(crypto::read_certificate(credential.certificate));
    if (!K3F_TRY(crypto::belongs(credential.certificate, credential.key)))
        return fail(ErrorCode::Corrupt, "the certificate is for another key");
    const crypto::Subject asked{.common_name = request.user, .organization = request.group};
    if (certificate.subject != asked)
        return fail(ErrorCode::Corrupt,
                    format("the certificate names {} of {}, not {} of {}", certificate.subject.common_name,
                           certificate.subject.organization, request.user, request.group));
    credential.expires_at = certificate.not_after;
    if (credential.expires_at > site.clock.now() + std::chrono::hours{request.hours} + kSlack)
        return fail(ErrorCode::Corrupt, format("the certificate is good until {}, longer than was asked for",
                                               to_rfc3339(credential.expires_at)));
    return credential;
}

}  // namespace

Result<model::InstanceId> master_of(ReachSite& site) {
    auto instances = K3F_TRY(site.cloud.instances(site.scope.cluster));
    const std::string cluster = site.scope.cluster.str();
    if (instances.empty())
        return fail(ErrorCode::NotFound,
                    format("{} has no machine of a cluster {}\nis the cluster's name right, and the region?",
                           place(site.scope), cluster));
    std::ranges::stable_sort(instances, {}, &model::Instance::slot);
    std::vector<model::InstanceId> masters;
    for (const auto& instance : instances)
        if (instance.role == model::Role::Master && instance.state == model::InstanceState::Running)
            masters.push_back(instance.id);
    if (masters.empty())
        return fail(ErrorCode::NotFound, format("no master of cluster {} is running", cluster));
    const auto agents = K3F_TRY(site.remote.agents(masters));
    for (const auto& agent : agents)
        if (agent.online) return agent.instance;
    std::string heard = "none has reported yet; a machine does about two minutes after its start";
    if (!agents.empty())
        heard = format("{} was last heard of {} ago", agents.front().instance.str(),
                       to_rough_string(std::max(Duration{}, site.clock.now() - agents.front().last_heard)));
    return fail(ErrorCode::Unavailable,
                format("no agent on a master of cluster {} answers: {}", cluster, heard));
}

Result<model::InstanceId> machine_of(ReachSite& site, const std::string& name) {
    const bool id = name.starts_with("i-") && name.size() >= 10 && name.size() <= 19 &&
                    name.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
    if (!id)
        return fail(ErrorCode::InvalidArgument,
                    format("'{}' is no instance's id, which is its node's name too: i-0123456789abcdef0\n"
                           "k3fleet node list shows them",
                           name));
    const auto owner = K3F_TRY(site.cloud.owner(model::InstanceId(name)));
    if (!owner) return fail(ErrorCode::Refused, format("{} is no machine of {}", name, place(site.scope)));
    return model::InstanceId(name);
}

Result<Credential> sign_credential(ReachSite& site, const CredentialRequest& request) {
    if (request.hours < 1 || request.hours > remote::kMaxHours)
        return fail(ErrorCode::InvalidArgument, format("a credential is good for 1 to {} hours, not {}",
                                                       remote::kMaxHours, request.hours));
    Secret key = K3F_TRY(crypto::make_private_key());
    const std::string csr = K3F_TRY(
        crypto::certificate_request(key, {.common_name = request.user, .organization = request.group}));
    const auto master = K3F_TRY(master_of(site));
    const std::string output =
        K3F_TRY(site.remote.run({.instance = master,
                                 .document = remote::sign_document(site.scope),
                                 .parameters = {{"runId", request.run_id},
                                                {"cluster", site.scope.cluster.str()},
                                                {"hours", std::to_string(request.hours)},
                                                {"csr", crypto::to_base64(csr)}},
                                 .comment = format("k3fleet kubeconfig for {}", request.user)}));
    return K3F_TRY_WHILE(format("reading the answer of {}", master.str()),
                         checked(site, request, std::move(key), output));
}

Result<ports::RemoteSession> open_tunnel(ReachSite& site, int local_port, const std::string& reason) {
    const auto master = K3F_TRY(master_of(site));
    return site.remote.start_session({.instance = master,
                                      .document = remote::tunnel_document(site.scope),
                                      .parameters = {{"localPortNumber", std::to_string(local_port)}},
                                      .reason = reason});
}

Result<ports::RemoteSession> open_shell(ReachSite& site, const model::InstanceId& machine,
                                        const std::string& reason) {
    return site.remote.start_session({.instance = machine,
                                      .document = remote::shell_document(site.scope),
                                      .parameters = {},
                                      .reason = reason});
}

}  // namespace k3fleet::app
