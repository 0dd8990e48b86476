#!/bin/bash
# Runs before every start of K3s: gets the token of the day and finds a server to join, by the CA's digest.
# When Secrets Manager does not answer, what an earlier start left is good enough for a node that had joined.
set -euo pipefail
# shellcheck source=src/core/bootstrap/node/lib.sh
source /usr/local/lib/k3fleet/lib.sh
# shellcheck source=/dev/null
source /etc/k3fleet/node.env

config=/etc/rancher/k3s/config.yaml.d/10-join.yaml
etcd=/var/lib/rancher/k3s/server/db/etcd

# K3s takes a text of the form of a bootstrap token for one, and dies of it (k3s issue 12982).
is_password() { [[ $1 =~ ^[A-Za-z0-9]{32,128}$ ]]; }
is_bootstrap() { [[ $1 =~ ^K10[0-9a-f]{64}::[a-z0-9]{6}\.[a-z0-9]{16}$ ]]; }

# The join secret, once there is one that looks like one; sets `listed` and `digest`.
read_join() {
  local token servers
  read_secret "$PREFIX/k3s-token" "$state/join.json" || return
  if ! token=$(field "$state/join.json" token) || ! is_bootstrap "$token" ||
    ! servers=$(field "$state/join.json" servers); then
    log "the secret $PREFIX/k3s-token does not hold a token that names the CA, and servers"
    return 1
  fi
  mapfile -t listed <<<"$servers"
  digest=$(pin "$token")
}

# A server that answers and has the CA of the token; sets `server`.
find_server() {
  read_join || return
  if ! server=$(first_server "$digest" "https://${SLOT_ADDRESS:-}:6443" "${listed[@]}"); then
    log "none of ${#listed[@]} servers answers with the cluster's CA"
    return 1
  fi
}

join_worker() {
  if retry "$1" "a server to join" find_server; then
    field "$state/join.json" token | write 600 "$state/token"
    write 600 "$config" <<<"server: $server"
  fi
}

read_server_token() {
  local password agent
  read_secret "$PREFIX/server-token" "$state/server.json" || return
  password=$(field "$state/server.json" server) && agent=$(field "$state/server.json" agent) || return
  if ! is_password "$password" || ! is_password "$agent" || [[ $password == "$agent" ]]; then
    log "the secret $PREFIX/server-token does not hold two different tokens"
    return 1
  fi
  printf '%s\n' "$agent" | write 600 "$state/agent-token"
}

# The first master makes the cluster with the short form of the token, since there is no CA yet. It makes no
# second one: if another master of the cluster answers, this one was meant to join it.
begin_cluster() {
  if [[ ! -d $etcd ]] && find_server 2>/dev/null; then
    die "the cluster is there already ($server answers): this master must join it, not begin another"
  fi
  field "$state/server.json" server | write 600 "$state/token"
  write 600 "$config" <<<'cluster-init: true'
}

join_master() {
  if retry "$1" "a server to join" find_server; then
    printf 'K10%s::server:%s\n' "$digest" "$(field "$state/server.json" server)" |
      write 600 "$state/token"
    write 600 "$config" <<<"server: $server"
  fi
}

digest='' server='' listed=()
joined=no
certificate=/var/lib/rancher/k3s/agent/client-kubelet.crt
if [[ -s $state/token && -s $config ]] && [[ -d $etcd || -s $certificate ]]; then joined=yes; fi
tries=$([[ $joined == yes ]] && echo 3 || echo 60)
case $ROLE in
  worker) join_worker "$tries" ;;
  master)
    if retry "$tries" "the server token" read_server_token; then
      if [[ $MASTER == first ]]; then begin_cluster; else join_master "$tries"; fi
    fi
    rm -f "$state/server.json"
    ;;
esac
rm -f "$state/join.json"
[[ -s $state/token && -s $config ]] || die "no token and no server to join"
