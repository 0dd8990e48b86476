# shellcheck shell=bash
# What the scripts of a node share. Sourced by each, after `set -euo pipefail`.
#
# No secret is ever an argument of a program, a variable of its environment or a word in a log: secrets go
# through files that only root reads, and through pipes.

# shellcheck disable=SC2034  # for the scripts that source this
state=/var/lib/k3fleet
umask 077

log() { printf 'k3fleet: %s\n' "$*" >&2; }
die() {
  log "$*"
  exit 1
}

# retry TRIES WHAT COMMAND...: again after 1, 2, 4 … 30 seconds, and up to as much more, so that many
# machines do not ask at the same moments. The command is a function that says itself when it failed: `set -e`
# does not hold in it.
retry() {
  local tries=$1 what=$2 n pause=1
  shift 2
  for ((n = 1; ; n++)); do
    if "$@"; then return 0; fi
    if ((n >= tries)); then
      log "$what: given up after $n tries"
      return 1
    fi
    log "$what: try $n of $tries failed"
    sleep $((pause + RANDOM % (pause + 1)))
    pause=$((pause * 2 > 30 ? 30 : pause * 2))
  done
}

# write MODE FILE < content: the whole file or the former one, never a half of it.
write() {
  local new
  new=$(mktemp "$2.XXXXXX") || return
  if cat >"$new" && chmod "$1" "$new" && sync "$new" && mv -fT "$new" "$2"; then return 0; fi
  rm -f "$new"
  return 1
}

# imds PATH: one of the instance's own facts, by IMDSv2 only. The session token goes through a pipe.
imds() {
  local token
  token=$(curl -sS -f --noproxy '*' --connect-timeout 2 --max-time 5 -X PUT \
    -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token) || return
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$token" |
    curl -sS -f --noproxy '*' --connect-timeout 2 --max-time 5 -K - \
      "http://169.254.169.254/latest/meta-data/$1"
}

# fact NAME PATH PATTERN: sets the variable NAME to one of the instance's facts, if it looks as it must.
fact() {
  local -n into=$1
  into=$(imds "$2") || return
  [[ $into =~ ^$3$ ]] || {
    log "the instance metadata's $2 is not what it must be"
    return 1
  }
}

# The instance's own facts.
know_thyself() {
  fact instance_id instance-id 'i-[0-9a-f]{8,17}' &&
    fact instance_type instance-type '[a-z0-9-]+\.[a-z0-9-]+' &&
    fact zone placement/availability-zone '[a-z]{2}-[a-z]+-[0-9][a-z]' &&
    fact address local-ipv4 '[0-9]{1,3}(\.[0-9]{1,3}){3}' &&
    fact market instance-life-cycle '(on-demand|spot)'
}

awscli() {
  timeout 60 aws --region "$REGION" --cli-connect-timeout 5 --cli-read-timeout 20 "$@"
}

# sum_is SHA256 FILE
sum_is() { [[ -f $2 ]] && sha256sum --status -c <<<"$1  $2"; }

# download URL FILE
download() {
  case $1 in
    s3://*)
      local path=${1#s3://}
      timeout 900 aws --region "$REGION" --cli-connect-timeout 5 s3api get-object \
        --bucket "${path%%/*}" --key "${path#*/}" --expected-bucket-owner "$ACCOUNT" "$2" >/dev/null
      ;;
    https://*)
      curl -sS -f -L --proto '=https' --tlsv1.2 --connect-timeout 10 --max-time 900 -o "$2" "$1"
      ;;
    *) return 1 ;;
  esac
}

fetch_once() {
  local sum=$1 url=$2 target=$3 mode=$4
  rm -f "$target.part"
  download "$url" "$target.part" || return
  if ! sum_is "$sum" "$target.part"; then
    log "$url: what came does not have the pinned sha256, refused"
    rm -f "$target.part"
    return 1
  fi
  chmod "$mode" "$target.part" && sync "$target.part" && mv -fT "$target.part" "$target"
}

# fetch SHA256 URL FILE MODE: the file, and it is the pinned one, also if it was there before.
fetch() {
  if sum_is "$1" "$3"; then
    chmod "$4" "$3"
    return
  fi
  retry 6 "$2" fetch_once "$@"
}

# read_secret NAME FILE: its text, for root only.
read_secret() {
  awscli secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text | write 600 "$2"
}

# write_secret NAME FILE. The token makes a second try of the same text the same version.
write_secret() {
  local token
  token=$(sha256sum "$2") || return
  awscli secretsmanager put-secret-value --secret-id "$1" --secret-string "file://$2" \
    --client-request-token "${token%% *}" --query VersionId --output text >/dev/null
}

# field FILE KEY: a text of a JSON object; a list's texts one a line. Fails if it is neither.
field() {
  python3 -I -c '
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    value = json.load(file)[sys.argv[2]]
lines = value if isinstance(value, list) else [value]
if not lines or not all(isinstance(one, str) and one and one.isprintable() for one in lines):
    sys.exit(1)
print("\n".join(lines))' "$1" "$2" 2>/dev/null
}

# age FILE KEY: seconds since the RFC 3339 moment in a field.
age() {
  local moment
  moment=$(field "$1" "$2") && moment=$(date -u -d "$moment" +%s) && echo $(($(date -u +%s) - moment))
}

# pin TOKEN: the digest of the cluster's CA in a token of the form K10DIGEST::….
pin() {
  [[ $1 =~ ^K10([0-9a-f]{64})::. ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# answers SERVER DIGEST: the server is up and has the cluster's CA. K3s checks the same before it sends a
# token.
answers() {
  local sum
  sum=$(curl -sS -f -k --noproxy '*' --connect-timeout 3 --max-time 10 --tlsv1.3 "$1/cacerts" | sha256sum) &&
    [[ ${sum%% *} == "$2" ]]
}

is_server() { [[ $1 =~ ^https://[0-9]{1,3}(\.[0-9]{1,3}){3}:6443$ ]]; }

# first_server DIGEST EXCEPT SERVER...: the first other one that answers.
first_server() {
  local digest=$1 except=$2 server
  shift 2
  for server in "$@"; do
    if ! is_server "$server" || [[ $server == "$except" ]]; then continue; fi
    if answers "$server" "$digest"; then
      printf '%s\n' "$server"
      return 0
    fi
  done
  return 1
}
