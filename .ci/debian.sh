#!/usr/bin/env bash
# As root on Debian: install what `make setup` needs and cannot bring. Does nothing elsewhere.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ $EUID -eq 0 && -e /etc/debian_version ]] && command -v apt-get >/dev/null || exit 0

missing=()
command -v make >/dev/null || missing+=(make)
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
if command -v python3 >/dev/null; then
    mapfile -t libraries < <(python3 .ci/missing_libraries.py)
    missing+=("${libraries[@]}")
fi
((${#missing[@]} > 0)) || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -qy --no-install-recommends "${missing[@]}"
