#!/bin/bash
# Makes this machine the way out for a cluster's private subnets: forwards what comes from the VPC, under its
# own address. Runs at every start. Source and destination checks are switched off by who launches it.
set -euo pipefail
# shellcheck source=src/core/bootstrap/node/lib.sh
source /usr/local/lib/k3fleet/lib.sh
# shellcheck source=/dev/null
source /etc/k3fleet/node.env

# From Amazon's own repository, signed, at the version that belongs to the image.
install_nftables() { command -v nft >/dev/null || timeout 300 dnf -q -y install nftables; }

log "starting as the NAT instance for $VPC_CIDR"
systemctl mask --now sshd.service sshd.socket
systemctl enable --now amazon-ssm-agent.service
systemctl restart systemd-journald.service
retry 10 "installing nftables" install_nftables
nft -f /etc/k3fleet/nat.nft
modprobe nf_conntrack || true
sysctl -q -p /etc/sysctl.d/90-k3fleet.conf
log "forwarding for $VPC_CIDR"
