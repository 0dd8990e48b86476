#!/bin/bash
# Mints the token that workers join with, every 30 minutes and good for 90, and puts it into Secrets Manager
# with the addresses of all masters. Of several masters one does it: a token of this cluster that is younger
# than 20 minutes is left.
set -euo pipefail
# shellcheck source=src/core/bootstrap/node/lib.sh
source /usr/local/lib/k3fleet/lib.sh
# shellcheck source=/dev/null
source /etc/k3fleet/node.env

rm -rf "$state"/mint-join.*
work=$(mktemp -d "$state/mint-join.XXXXXX")
trap 'rm -rf "$work"' EXIT

is_fresh() {
  local seconds listed former
  read_secret "$PREFIX/k3s-token" "$work/former" 2>/dev/null || return
  seconds=$(age "$work/former" minted_at) && listed=$(field "$work/former" servers) &&
    former=$(field "$work/former" token) && ((seconds >= 0 && seconds < 1200)) &&
    [[ $listed == "$(printf 'https://%s:6443\n' "${SERVERS[@]}")" ]] &&
    [[ $(pin "$former") == "$(pin "$(</var/lib/rancher/k3s/server/token)")" ]]
}

mint() {
  timeout 60 k3s token create --ttl 90m --description "by k3fleet on $SLOT_ADDRESS" >"$work/token" &&
    pin "$(<"$work/token")" >/dev/null
}

if is_fresh; then
  log "the join token is fresh"
  exit 0
fi
retry 5 "minting a join token" mint
python3 -I - "$work/token" "${SERVERS[@]}" >"$work/value" <<'PYTHON'
import datetime, json, sys
with open(sys.argv[1], encoding="ascii") as file:
    token = file.read().strip()
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
servers = [f"https://{address}:6443" for address in sys.argv[2:]]
print(json.dumps({"token": token, "servers": servers, "minted_at": now}), end="")
PYTHON
retry 5 "writing $PREFIX/k3s-token" write_secret "$PREFIX/k3s-token" "$work/value"
log "a new join token is written"
