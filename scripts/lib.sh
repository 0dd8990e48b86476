# shellcheck shell=bash
# What the scripts share: where the tree is, what is printed how, and running a long step on one line.
# Sourced by the others, after `set -euo pipefail`. Sets `top` and goes there.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit
export DEBIAN_FRONTEND=noninteractive PYTHONDONTWRITEBYTECODE=1
logs="$top/build/logs"
# shellcheck disable=SC2034  # for the scripts that source this
tools="$top/.cache/tools"

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
  # shellcheck disable=SC2034  # for the scripts that source this
  bold='' dim='' red='' green='' yellow='' plain=''
fi

say() { printf '%s\n' "$*"; }
warn() { printf '%s%s%s\n' "$yellow" "$*" "$plain" >&2; }
die() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# Seconds since some start, with a fraction: subtract two of them.
now() { printf '%s' "${EPOCHREALTIME/,/.}"; }
# seconds_since START -> "12.3 s", or "3 min 20 s" from 100 seconds on.
seconds_since() {
  awk -v a="$1" -v b="$(now)" 'BEGIN { s = b - a
    if (s < 99.5) printf "%.1f s", s; else printf "%d min %02d s", s / 60, int(s + 0.5) % 60 }'
}

# Parallel jobs: one a processor, but no more than memory allows (the largest file takes about 1 GB).
jobs_here() {
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  ((gigabytes >= 1)) || gigabytes=1
  ((cores < gigabytes)) && echo "$cores" || echo "$gigabytes"
}

# quietly LABEL COMMAND...: runs a long step with its output in build/logs. On a terminal its last "[n/m]" is
# shown on one line meanwhile. Prints the label with the time it took; when it fails, the end of the log.
quietly() {
  local label=$1 start log pid status=0
  shift
  mkdir -p "$logs"
  log="$logs/$(tr -cs 'a-zA-Z0-9\n' '-' <<<"$label" | sed 's/-$//').log"
  start=$(now)
  "$@" </dev/null >"$log" 2>&1 &
  pid=$!
  if [[ -t 1 ]]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\e[K%-44s %s' "$label" "$(tail -c 2000 "$log" | grep -o '^\[[0-9]*/[0-9]*\]' | tail -n 1)"
      sleep 0.3
    done
    printf '\r\e[K'
  fi
  wait "$pid" || status=$?
  if ((status == 0)); then
    printf '%-44s %s\n' "$label" "$(seconds_since "$start")"
  else
    printf '%s%-44s failed after %s%s\n' "$red" "$label" "$(seconds_since "$start")" "$plain"
    tail -n 60 "$log" >&2
    warn "the whole log: ${log#"$top"/}"
  fi
  return "$status"
}

# build_preset PRESET [TARGET...]: configures if need be and builds.
build_preset() {
  quietly "build ($1)" configure_and_build "$@"
}
configure_and_build() {
  local preset=$1
  shift
  cmake --preset "$preset" -DCMAKE_MESSAGE_LOG_LEVEL=NOTICE &&
    cmake --build --preset "$preset" --parallel "$(jobs_here)" ${1+--target "$@"}
}
