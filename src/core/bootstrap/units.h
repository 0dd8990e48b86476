// What systemd runs on a node, and how it is set.
#pragma once

#include <string_view>

namespace k3fleet::bootstrap {

extern const std::string_view kBootUnit;     // k3fleet-boot.service
extern const std::string_view kNatUnit;      // The same on a NAT instance.
extern const std::string_view kServerUnit;   // k3s.service
extern const std::string_view kAgentUnit;    // k3s-agent.service
extern const std::string_view kJoinService;  // k3fleet-join-token.service
extern const std::string_view kJoinTimer;    // k3fleet-join-token.timer
extern const std::string_view kKubeService;  // k3fleet-autoscaler-kube.service
extern const std::string_view kKubeTimer;    // k3fleet-autoscaler-kube.timer
extern const std::string_view kLogind;       // logind.conf.d/k3fleet.conf
extern const std::string_view kJournald;     // journald.conf.d/k3fleet.conf
extern const std::string_view kSysctl;       // sysctl.d/90-k3fleet.conf
extern const std::string_view kNatSysctl;    // The same on a NAT instance.

}  // namespace k3fleet::bootstrap
