#!/bin/bash
# Mints what the autoscaler reaches the cluster with, every 2 hours: a token of its service account that is
# good for 12, the API's addresses and CA, and how to ask Prometheus. It goes into Secrets Manager.
#
# Prometheus' certificate and password are made here, on the first master that finds none, and kept in the
# cluster as the secret prometheus-web, which Kubernetes stores encrypted; the certificate is renewed early.
set -euo pipefail
# shellcheck source=src/core/bootstrap/node/lib.sh
source /usr/local/lib/k3fleet/lib.sh
# shellcheck source=/dev/null
source /etc/k3fleet/node.env

rm -rf "$state"/mint-kube.*
work=$(mktemp -d "$state/mint-kube.XXXXXX")
trap 'rm -rf "$work"' EXIT
kubectl() { timeout 60 k3s kubectl "$@"; }
monitoring() { kubectl -n k3fleet-monitoring "$@"; }

# web_secret KEY FILE: one of the secret's texts.
web_secret() {
  monitoring get secret prometheus-web -o "jsonpath={.data.${1/./\\.}}" 2>/dev/null | base64 -d >"$2" &&
    [[ -s $2 ]]
}

read_web() { web_secret password "$work/password" && web_secret tls.crt "$work/tls.crt"; }
lasts() { openssl x509 -in "$work/tls.crt" -noout -checkend $((90 * 86400)) >/dev/null; }

# A certificate for a year, for the addresses of all masters; it signs itself and is pinned by who asks.
make_certificate() {
  local names
  names=$(printf ',IP:%s' "${SERVERS[@]}")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
    -subj "/CN=prometheus of $CLUSTER" -addext "subjectAltName=${names#,}" \
    -addext 'basicConstraints=critical,CA:FALSE' -addext 'extendedKeyUsage=serverAuth' \
    -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
}

# Prometheus wants the password's bcrypt hash.
make_web_config() {
  python3 -I -W ignore - "$work/password" >"$work/web.yml" <<'PYTHON'
import crypt, json, sys
with open(sys.argv[1], encoding="ascii") as file:
    hashed = crypt.crypt(file.read(), crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=1 << 10))
web = "/etc/prometheus/web"
tls = {"cert_file": f"{web}/tls.crt", "key_file": f"{web}/tls.key", "min_version": "TLS13"}
print(json.dumps({"tls_server_config": tls, "basic_auth_users": {"k3fleet": hashed}}, indent=1))
PYTHON
}

make_web() {
  local verb=create
  if [[ -s $work/password ]]; then
    verb=replace
  else
    openssl rand -hex 24 | tr -d '\n' >"$work/password"
  fi
  make_certificate && make_web_config || return
  monitoring create secret generic prometheus-web --dry-run=client -o json \
    --from-file="$work/web.yml" --from-file="$work/tls.crt" --from-file="$work/tls.key" \
    --from-file="$work/password" >"$work/secret.json" && monitoring "$verb" -f "$work/secret.json" >/dev/null
}

# What is there counts: another master may have been faster.
have_web() {
  rm -f "$work/password" "$work/tls.crt"
  if read_web && lasts; then return 0; fi
  make_web
  rm -f "$work/password" "$work/tls.crt"
  read_web
}

mint() {
  kubectl -n kube-system create token "$PREFIX-autoscaler" --duration 12h >"$work/token" &&
    [[ -s $work/token ]]
}

retry 30 "Prometheus' certificate and password" have_web
retry 30 "minting the autoscaler's token" mint
python3 -I - "$work" "${SERVERS[@]}" >"$work/value" <<'PYTHON'
import datetime, json, sys
work, servers = sys.argv[1], sys.argv[2:]
def text(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()
until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=12)
print(json.dumps({
    "ca": text("/var/lib/rancher/k3s/server/tls/server-ca.crt"),
    "endpoints": [f"https://{address}:6443" for address in servers],
    "token": text(f"{work}/token"),
    "expires_at": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "prometheus": {
        "endpoints": [f"https://{address}:30090" for address in servers],
        "ca": text(f"{work}/tls.crt"),
        "username": "k3fleet",
        "password": text(f"{work}/password"),
    },
}), end="")
PYTHON
retry 5 "writing $PREFIX/autoscaler-kube" write_secret "$PREFIX/autoscaler-kube" "$work/value"
log "the autoscaler's credential is written"
