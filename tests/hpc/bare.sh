#!/usr/bin/env bash
# Prove run.sh on a bare Debian 12: bootstrap one into a folder, and run the script there.
#     tests/hpc/bare.sh FOLDER [array] [ranks] [requeue]     (needs root and debootstrap)
# Debian 12 has no Python 3.12: PYTHON_PREFIX (that of python3 on PATH) is shared with the folder.
# A folder that holds a Debian already is used as it is; it is not removed.
set -Eeuo pipefail

folder=$(realpath --canonicalize-missing "$1")
repository=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
prefix=${PYTHON_PREFIX:-$(python3 -c 'import sys; print(sys.base_prefix)')}
shift

[[ -e $folder/etc/debian_version ]] || debootstrap --variant=minbase bookworm "$folder" >/dev/null
rm -rf "$folder/tusk"
git clone --quiet --no-hardlinks "$repository" "$folder/tusk"
mkdir -p "$folder/$prefix"
export folder prefix

# Mounts and processes of its own: whatever happens, nothing of either is left.
unshare --mount --pid --fork --kill-child bash -Eeuo pipefail -s "$@" <<'INSIDE'
mount --rbind /dev "$folder/dev"
mount -t tmpfs shm "$folder/dev/shm"
mount --rbind /sys "$folder/sys"
mount -t proc proc "$folder/proc"
mount --bind "$prefix" "$folder/$prefix"
# Certificates and name servers of this machine, if it needs any.
mkdir -p "$folder/etc/ssl/certs"
mount --bind /etc/ssl/certs "$folder/etc/ssl/certs"
cp /etc/resolv.conf "$folder/etc/resolv.conf"
PATH=$prefix/bin:/usr/sbin:/usr/bin:/sbin:/bin exec chroot "$folder" /tusk/tests/hpc/run.sh "$@"
INSIDE
