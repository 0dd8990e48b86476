#!/bin/bash
# Makes a node of this machine: k3fleet-boot.service runs it at every start of the machine, and again when it
# failed. Each step leaves things as they are if they are right, so it may be killed anywhere and run again.
set -euo pipefail
# shellcheck source=src/core/bootstrap/node/lib.sh
source /usr/local/lib/k3fleet/lib.sh
# shellcheck source=/dev/null
source /etc/k3fleet/node.env

instance_id='' instance_type='' zone='' address='' market=''
unit=$([[ $ROLE == master ]] && echo k3s || echo k3s-agent)

# What `write` had begun when the power went out.
clear_away() {
  local folder
  for folder in "$state" /etc/rancher/k3s/config.yaml.d; do
    if [[ -d $folder ]]; then find "$folder" -maxdepth 1 -type f -name '*.??????' -delete; fi
  done
}

# Kernel settings that the kubelet insists on (--protect-kernel-defaults), no swap, no way in but SSM.
harden() {
  sysctl -q -p /etc/sysctl.d/90-k3fleet.conf
  swapoff -a
  if [[ $SSH == off ]]; then systemctl mask --now sshd.service sshd.socket; fi
  systemctl enable --now amazon-ssm-agent.service
  systemctl restart systemd-journald.service
  systemctl kill -s HUP systemd-logind.service
}

fetch_all() {
  install -d -m 0755 /usr/local/bin /var/lib/rancher /var/lib/rancher/credentialprovider
  install -d -m 0755 /var/lib/rancher/credentialprovider/bin /var/lib/rancher/k3s
  install -d -m 0755 /var/lib/rancher/k3s/agent /var/lib/rancher/k3s/agent/images
  fetch "$K3S_SHA256" "$K3S_URL" /usr/local/bin/k3s 0755
  fetch "$IMAGES_SHA256" "$IMAGES_URL" /var/lib/rancher/k3s/agent/images/k3s-airgap-images.tar.zst 0644
  fetch "$ECR_SHA256" "$ECR_URL" /var/lib/rancher/credentialprovider/bin/ecr-credential-provider 0755
}

# What only this machine knows of itself. The name is the instance's id, which no other machine ever has, so
# that K3s' node password of a former machine never stands in the way.
describe_node() {
  local kube system
  read -r kube system < <(sed -n "s/^${instance_type//./\\.} //p" /etc/k3fleet/reservations) ||
    die "this machine is a $instance_type, for which nothing was planned"
  write 600 /etc/rancher/k3s/config.yaml.d/20-node.yaml <<YAML
node-name: $instance_id
node-ip: $address
node-label+:
  - topology.kubernetes.io/region=$REGION
  - topology.kubernetes.io/zone=$zone
  - node.kubernetes.io/instance-type=$instance_type
  - k3fleet.dev/market=$market
kubelet-arg+:
  - provider-id=aws:///$zone/$instance_id
  - kube-reserved=$kube
  - system-reserved=$system
YAML
}

# A master has its slot's fixed address, being the primary one of its launch; anything else would be a second
# cluster at an address nobody knows.
check_address() {
  [[ $ROLE != master || $address == "$SLOT_ADDRESS" ]] ||
    die "this master's address is $address and its slot's is $SLOT_ADDRESS: launch it with that interface"
}

prepare_master() {
  install -d -m 0700 /var/lib/rancher/k3s/server /var/lib/rancher/k3s/server/logs
  # Prometheus runs as nobody.
  install -d -m 0750 -o 65534 -g 65534 "$state/prometheus"
}

is_active() { systemctl is-active --quiet "$unit.service"; }
is_ready() { timeout 20 k3s kubectl get --raw /readyz >/dev/null; }

log "starting as $ROLE of cluster $CLUSTER"
install -d -m 0700 "$state"
clear_away
retry 20 "instance metadata" know_thyself
check_address
harden
install -d -m 0755 /etc/rancher /etc/rancher/k3s /etc/rancher/k3s/config.yaml.d
describe_node
if [[ $ROLE == master ]]; then prepare_master; fi
fetch_all
systemctl start --no-block "$unit.service"
retry 40 "K3s" is_active
if [[ $ROLE == master ]]; then
  retry 40 "the API server" is_ready
  systemctl enable --now k3fleet-join-token.timer k3fleet-autoscaler-kube.timer
  systemctl start k3fleet-join-token.service k3fleet-autoscaler-kube.service
fi
log "$instance_id is a $ROLE of cluster $CLUSTER"
