#!/usr/bin/env bash
# Run tests/mpi once for every number of ranks given.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Containers often forbid the system call behind MPICH's fast path between processes.
export MPIR_CVAR_CH4_CMA_ENABLE=${MPIR_CVAR_CH4_CMA_ENABLE:-0}

readonly no_tests_collected=5
readonly time_limit=600

# Every rank tidies up its temporary directories at the end: in one place they would race.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export scratch
# shellcheck disable=SC2016  # expanded by each rank
readonly rank='PYTEST_DEBUG_TEMPROOT=$(mktemp -d -p "$scratch") exec .venv/bin/python "$@"'

for ranks in "$@"; do
    printf 'tests/mpi on %s ranks\n' "$ranks"
    code=0
    timeout "$time_limit" .venv/bin/mpiexec -launcher fork -n "$ranks" \
        bash -c "$rank" rank -m pytest -p no:cacheprovider -q tests/mpi || code=$?
    if ((code == no_tests_collected)); then
        printf 'no MPI tests yet\n'
    elif ((code != 0)); then
        printf 'tests/mpi failed on %s ranks (exit code %s)\n' "$ranks" "$code" >&2
        exit "$code"
    fi
done
