#!/usr/bin/env bash
# Build the image, run the draft main job in it on 1 and on 2 ranks, print size and times.
#     tests/hpc/image.sh [--local-base] [options of docker build]
# --local-base makes debian:trixie-slim from Debian's mirror (needs root and debootstrap), for a
# machine without a registry. The Docker daemon must be running.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly image=tusk-test
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 3' INT TERM

local_base() {
    debootstrap --variant=minbase trixie "$work/base" >/dev/null
    rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    tar -C "$work/base" -c . | docker import - debian:trixie-slim >/dev/null
}

# Run a command and say how long it took.
timed() {
    local what=$1 start=$SECONDS
    shift
    "$@"
    echo "$what: $((SECONDS - start)) s"
}

readonly config=/usr/share/tusk/configs/buttberg2025_set_1mA.yaml
readonly job=(run "$config" --set mesh.preset=draft --quiet --out)

if [[ ${1:-} == --local-base ]]; then
    shift
    local_base
fi
timed 'build' env DOCKER_BUILDKIT=1 docker build --quiet -t "$image" "$@" .
size=$(docker image inspect --format '{{.Size}}' "$image")
echo "size: $((size / 1000000)) MB"
((size <= 2300000000))
[[ $(docker run --rm --entrypoint id "$image" -u) != 0 ]]
timed 'doctor' docker run --rm --network none "$image" doctor --quiet
timed 'draft main job' docker run --rm --network none "$image" "${job[@]}" one
timed 'on 2 ranks' docker run --rm --network none --entrypoint mpiexec "$image" \
    -n 2 tusk "${job[@]}" two
# Any user number, as `--user` gives it, may use the caches.
docker run --rm --network none --user 4321:4321 "$image" doctor --quiet
