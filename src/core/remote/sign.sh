#!/bin/bash
# Has the cluster's own authority sign a person's certificate request: what the SSM document
# {project}-sign-kubeconfig runs, as root on a master. SSM puts the parameters in; each has an allowedPattern
# that leaves no character with a meaning to bash, and stands in single quotes.
#
# Prints the certificate and the API's CA, both public. The person's key never comes here. The same run again
# prints the same and signs nothing.
set -euo pipefail
umask 077

run='{{ runId }}'
cluster='{{ cluster }}'
hours='{{ hours }}'
csr='{{ csr }}'

runs=/var/lib/k3fleet/runs
name=k3fleet-$run

die() {
  printf 'k3fleet: %s\n' "$*" >&2
  exit 1
}

kubectl() { timeout 30 k3s kubectl "$@"; }

is_here() {
  [[ -r /etc/k3fleet/node.env ]] || die "this is no machine of a cluster"
  # shellcheck source=/dev/null
  source /etc/k3fleet/node.env
  [[ ${ROLE:-} == master ]] || die "this machine is a ${ROLE:-stranger}, and only masters sign"
  [[ ${CLUSTER:-} == "$cluster" ]] || die "this master is of cluster ${CLUSTER:-?}, not of $cluster"
}

# One run at a time, and none with other parameters under an old name. Runs are forgotten after a day.
open_run() {
  local asked
  mkdir -p "$runs"
  find "$runs" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} +
  mkdir -p "$runs/$run"
  exec 9>"$runs/$run/lock"
  flock -w 60 9 || die "the same run is still at work"
  asked=$(printf '%s\n' "$cluster" "$hours" "$csr" | sha256sum)
  if [[ -e $runs/$run/asked ]]; then
    [[ $(<"$runs/$run/asked") == "$asked" ]] || die "another request was made under this run's id"
  else
    printf '%s\n' "$asked" >"$runs/$run/asked"
  fi
}

# Whom the certificate is to name: somebody of AWS, in one group that is not Kubernetes' own.
check_request() {
  local line value users=0 groups=0
  base64 -d <<<"$csr" >"$runs/$run/request" 2>/dev/null || die "the request is not base64"
  openssl req -in "$runs/$run/request" -noout -verify 2>&1 | grep -q 'verify OK' ||
    die "this is no certificate request that its own key signed"
  while read -r line; do
    value=${line#* = }
    case $line in
      subject=) ;;
      'CN = '*)
        [[ $value =~ ^aws:[A-Za-z0-9@._/:=,+~-]{1,60}$ ]] || die "the request's user is not one of AWS"
        users=$((users + 1))
        ;;
      'O = '*)
        [[ $value =~ ^[A-Za-z0-9][A-Za-z0-9._:-]{0,62}$ && ${value,,} != system:* ]] ||
          die "the request's group is none that may be asked for"
        groups=$((groups + 1))
        ;;
      *) die "the request says more than a user and a group" ;;
    esac
  done < <(openssl req -in "$runs/$run/request" -noout -subject \
    -nameopt esc_ctrl,utf8,sep_multiline,space_eq,sname)
  ((users == 1 && groups == 1)) || die "the request names $users users and $groups groups, not one each"
}

ask() {
  kubectl create -f - >/dev/null <<JSON
{"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
 "metadata": {"name": "$name", "labels": {"app.kubernetes.io/managed-by": "k3fleet"}},
 "spec": {"request": "$csr", "signerName": "kubernetes.io/kube-apiserver-client",
  "usages": ["client auth"], "expirationSeconds": $((hours * 3600))}}
JSON
}

# What the server says of the request: "CONDITION...|CERTIFICATE"; fails if there is none.
state() {
  kubectl get csr "$name" -o 'jsonpath={.status.conditions[*].type}|{.status.certificate}' 2>/dev/null
}

sign() {
  local said n
  said=$(state) || ask
  for ((n = 0; n < 30; n++)); do
    said=$(state) || die "the API server does not answer"
    case $said in
      *Denied*'|'* | *Failed*'|'*) die "the cluster refused to sign: ${said%%|*}" ;;
      *'|'?*) break ;;
      '|') kubectl certificate approve "$name" >/dev/null ;;
      *) sleep 1 ;;
    esac
  done
  [[ ${said#*|} =~ ^[A-Za-z0-9+/=]+$ ]] || die "nobody signed within 30 seconds"
  printf '{"certificate":"%s","ca":"%s"}\n' "${said#*|}" \
    "$(base64 -w 0 /var/lib/rancher/k3s/server/tls/server-ca.crt)" >"$runs/$run/output.new"
  mv -f "$runs/$run/output.new" "$runs/$run/output"
}

is_here
open_run
if [[ ! -e $runs/$run/output ]]; then
  check_request
  sign
fi
cat "$runs/$run/output"
