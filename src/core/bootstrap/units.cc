// K3s is started by k3fleet-boot.service, never by systemd alone, so that what the machine learns at each
// start is in place before it. Both restart what failed;
// the bounds keep a broken machine from asking AWS for ever.
#include "core/bootstrap/units.h"

#include "base/text.h"

namespace k3fleet::bootstrap {

namespace {

std::string boot(std::string_view what, std::string_view program, std::string_view timeout) {
    return format(R"([Unit]
Description={} (k3fleet)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=6h
StartLimitBurst=20

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/k3fleet/{}
TimeoutStartSec={}
Restart=on-failure
RestartSec=30s

[Install]
WantedBy=multi-user.target
)",
                  what, program, timeout);
}

std::string k3s(std::string_view command) {
    return format(R"([Unit]
Description=K3s {0}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=1h
StartLimitBurst=60

[Service]
Type=notify
ExecStartPre=/usr/local/lib/k3fleet/join
ExecStartPre=-/usr/sbin/modprobe -a br_netfilter overlay
ExecStart=/usr/local/bin/k3s {0}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=0
TasksMax=infinity
OOMScoreAdjust=-999
TimeoutStartSec=0
Restart=always
RestartSec=5s
)",
                  command);
}

std::string mint(std::string_view what, std::string_view program, std::string_view limit,
                 std::string_view timeout) {
    return format(R"([Unit]
Description=Mints {} (k3fleet)
StartLimitIntervalSec={}
StartLimitBurst=5

[Service]
Type=oneshot
ExecStart=/usr/local/lib/k3fleet/{}
TimeoutStartSec={}
Restart=on-failure
RestartSec=1min
)",
                  what, limit, program, timeout);
}

std::string timer(std::string_view what, std::string_view in_words, std::string_view every,
                  std::string_view spread) {
    return format(R"([Unit]
Description=Mints {0} every {1} (k3fleet)

[Timer]
OnActiveSec={2}
OnUnitActiveSec={2}
RandomizedDelaySec={3}
AccuracySec=10s

[Install]
WantedBy=timers.target
)",
                  what, in_words, every, spread);
}

constexpr std::string_view kJoinToken = "the workers' join token";
constexpr std::string_view kCredential = "the autoscaler's credential";

}  // namespace

std::string boot_unit() { return boot("Makes a node of this machine", "boot", "90min"); }
std::string nat_unit() { return boot("Makes this machine a way out for private subnets", "nat", "30min"); }
std::string server_unit() { return k3s("server"); }
std::string agent_unit() { return k3s("agent"); }
std::string join_service() { return mint(kJoinToken, "mint-join", "30min", "15min"); }
std::string join_timer() { return timer(kJoinToken, "30 minutes", "30min", "2min"); }
std::string kube_service() { return mint(kCredential, "mint-kube", "2h", "60min"); }
std::string kube_timer() { return timer(kCredential, "2 hours", "2h", "5min"); }

// More than the kubelet's shutdownGracePeriod, or it would be cut short.
constexpr std::string_view kLogind = R"([Login]
InhibitDelayMaxSec=120
)";

constexpr std::string_view kJournald = R"([Journal]
Storage=persistent
SystemMaxUse=500M
SystemMaxFileSize=50M
MaxRetentionSec=14day
)";

// What the kubelet checks with --protect-kernel-defaults (CIS 4.2.6).
constexpr std::string_view kSysctl = R"(vm.panic_on_oom=0
vm.overcommit_memory=1
kernel.panic=10
kernel.panic_on_oops=1
kernel.keys.root_maxkeys=1000000
kernel.keys.root_maxbytes=25000000
)";

constexpr std::string_view kNatSysctl = R"(net.ipv4.ip_forward=1
net.ipv4.conf.all.accept_redirects=0
net.ipv4.conf.all.send_redirects=0
net.netfilter.nf_conntrack_max=65536
)";

}  // namespace k3fleet::bootstrap
