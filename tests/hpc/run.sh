#!/usr/bin/env bash
# Prove on a cluster of one node, started here from Debian's packages, that Tusk works under Slurm.
#     tests/hpc/run.sh [array] [ranks] [requeue]     (all of them if none is named; needs root)
# RANKS (2) is the number of ranks of the runs that are requeued; on one, where runs repeat bit for
# bit, their results must be the same bytes as those of the uninterrupted run.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

here=$PWD
root=$(cd ../.. && pwd)
readonly here root
readonly tusk=$root/.venv/bin/tusk
readonly python=$root/.venv/bin/python

# shellcheck source-path=SCRIPTDIR
source cluster.sh

readonly ranks=${RANKS:-2}

work=

clean_up() {
    local code=$?
    if ((code != 0)) && [[ -n $work ]]; then
        tail -n 20 "$work"/*.out "$cluster"/*.log 2>/dev/null >&2 || true
    fi
    stop_cluster
    if [[ -n $work ]]; then rm -rf "$work"; fi
    exit "$code"
}
trap clean_up EXIT
trap 'exit 3' INT TERM

submit() { sbatch --parsable --output="$work/%x-%j.out" "$@"; }

prove_array() {
    local currents='1 uA,3 uA,10 uA,30 uA' sizes='2.5 nm,3 nm'
    local sweep=("$tusk" sweep "$here/cell.yaml" --out "$work/sweep" --slurm --time 5 --memory 1G
        --grid "source.compliance_current=$currents" --grid "stack.oxide_thickness=$sizes")
    "${sweep[@]}" --quiet
    "${sweep[@]}"  # idempotent: everything is queued
    [[ $(find "$work/sweep/slurm" -name job.sh | wc -l) == 1 ]]
    wait_for_jobs 600 "$(<"$work/sweep/slurm/array_0000/job_id")"
    "${sweep[@]}"
    "$python" check.py sweep "$work/sweep" 8
}

prove_ranks() {
    local jobs=() launcher
    for launcher in srun mpiexec; do
        jobs+=("$(submit --job-name="$launcher" ranks.sbatch "$launcher" "$tusk" \
            "$here/cell.yaml" "$work/ranks-$launcher")")
    done
    wait_for_jobs 600 "${jobs[@]}"
    "$python" check.py ranks "$work/ranks-srun" "$work/ranks-mpiexec"
}

prove_requeue() {
    local jobs=() launcher comparison=same
    jobs+=("$(submit --job-name=whole --ntasks="$ranks" --time=20 ranks.sbatch srun "$tusk" "$here/long.yaml" \
        "$work/whole")")
    for launcher in srun mpiexec; do
        jobs+=("$(submit --job-name="requeue-$launcher" --ntasks="$ranks" requeue.sbatch "$launcher" "$tusk" \
            "$here/long.yaml" "$work/requeue-$launcher")")
    done
    wait_for_jobs 1500 "${jobs[@]}"
    cat "$work"/requeue-*.out
    if ((ranks == 1)); then comparison=identical; fi
    for launcher in srun mpiexec; do
        grep -q 'try 0, --overwrite: exit code 3' "$work"/requeue-"$launcher"-*.out
        grep -q -- '--restart: exit code 0' "$work"/requeue-"$launcher"-*.out
        "$python" check.py "$comparison" "$work/whole" "$work/requeue-$launcher"
    done
}

"$root/.ci/debian.sh" >/dev/null
make --no-print-directory -C "$root" setup
work=$(mktemp -d /tmp/tusk-hpc-XXXXXX)
start_cluster
proofs=("$@")
((${#proofs[@]} > 0)) || proofs=(array ranks requeue)
for proof in "${proofs[@]}"; do
    start=$SECONDS
    "prove_$proof"
    echo "$proof: passed in $((SECONDS - start)) s"
done
