// What systemd runs on a node, and how it is set.
#pragma once

#include <string>
#include <string_view>

namespace k3fleet::bootstrap {

std::string boot_unit();                   // k3fleet-boot.service
std::string nat_unit();                    // The same on a NAT instance.
std::string server_unit();                 // k3s.service
std::string agent_unit();                  // k3s-agent.service
std::string join_service();                // k3fleet-join-token.service
std::string join_timer();                  // k3fleet-join-token.timer
std::string kube_service();                // k3fleet-autoscaler-kube.service
std::string kube_timer();                  // k3fleet-autoscaler-kube.timer
extern const std::string_view kLogind;     // logind.conf.d/k3fleet.conf
extern const std::string_view kJournald;   // journald.conf.d/k3fleet.conf
extern const std::string_view kSysctl;     // sysctl.d/90-k3fleet.conf
extern const std::string_view kNatSysctl;  // The same on a NAT instance.

}  // namespace k3fleet::bootstrap
