// K3s is started by k3fleet-boot.service, never by systemd alone, so that what the machine learns at each
// start is in place before it. Both restart what failed;
// the bounds keep a broken machine from asking AWS for ever.
#include "core/bootstrap/units.h"

namespace k3fleet::bootstrap {

constexpr std::string_view kBootUnit = R"([Unit]
Description=Makes a node of this machine (k3fleet)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=6h
StartLimitBurst=20

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/k3fleet/boot
TimeoutStartSec=90min
Restart=on-failure
RestartSec=30s

[Install]
WantedBy=multi-user.target
)";

constexpr std::string_view kNatUnit = R"([Unit]
Description=Makes this machine a way out for private subnets (k3fleet)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=6h
StartLimitBurst=20

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/k3fleet/nat
TimeoutStartSec=30min
Restart=on-failure
RestartSec=30s

[Install]
WantedBy=multi-user.target
)";

constexpr std::string_view kServerUnit = R"([Unit]
Description=K3s server
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=1h
StartLimitBurst=60

[Service]
Type=notify
ExecStartPre=/usr/local/lib/k3fleet/join
ExecStartPre=-/usr/sbin/modprobe -a br_netfilter overlay
ExecStart=/usr/local/bin/k3s server
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
)";

constexpr std::string_view kAgentUnit = R"([Unit]
Description=K3s agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=1h
StartLimitBurst=60

[Service]
Type=notify
ExecStartPre=/usr/local/lib/k3fleet/join
ExecStartPre=-/usr/sbin/modprobe -a br_netfilter overlay
ExecStart=/usr/local/bin/k3s agent
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
)";

constexpr std::string_view kJoinService = R"([Unit]
Description=Mints the workers' join token (k3fleet)
StartLimitIntervalSec=30min
StartLimitBurst=5

[Service]
Type=oneshot
ExecStart=/usr/local/lib/k3fleet/mint-join
TimeoutStartSec=15min
Restart=on-failure
RestartSec=1min
)";

constexpr std::string_view kJoinTimer = R"([Unit]
Description=Mints the workers' join token every 30 minutes (k3fleet)

[Timer]
OnActiveSec=30min
OnUnitActiveSec=30min
RandomizedDelaySec=2min
AccuracySec=10s

[Install]
WantedBy=timers.target
)";

constexpr std::string_view kKubeService = R"([Unit]
Description=Mints the autoscaler's credential (k3fleet)
StartLimitIntervalSec=2h
StartLimitBurst=5

[Service]
Type=oneshot
ExecStart=/usr/local/lib/k3fleet/mint-kube
TimeoutStartSec=60min
Restart=on-failure
RestartSec=1min
)";

constexpr std::string_view kKubeTimer = R"([Unit]
Description=Mints the autoscaler's credential every 2 hours (k3fleet)

[Timer]
OnActiveSec=2h
OnUnitActiveSec=2h
RandomizedDelaySec=5min
AccuracySec=10s

[Install]
WantedBy=timers.target
)";

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
