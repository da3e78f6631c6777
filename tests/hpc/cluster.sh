# shellcheck shell=bash
# A Slurm cluster of one node, this one, from Debian's packages, without systemd; sourced by run.sh.
# start_cluster installs what is missing and sets SLURM_CONF; stop_cluster ends what it started.

cluster=          # folder of the cluster: settings, sockets, logs
daemon_pids=()    # what stop_cluster ends

readonly patience=60  # s until a daemon must answer

install_slurm() {
    local missing=()
    command -v slurmctld >/dev/null && command -v slurmd >/dev/null || missing+=(slurm-wlm)
    command -v munged >/dev/null || missing+=(munge)
    ((${#missing[@]} == 0)) && return
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qqy --no-install-recommends "${missing[@]}" \
        >/dev/null
}

write_settings() {
    local node
    node=$(slurmd -C | head -n 1)
    cat >"$cluster/slurm.conf" <<SETTINGS
ClusterName=tusk
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits until the credentials of its last try have expired, by default 2 minutes.
AuthInfo=socket=$cluster/munge.socket,cred_expire=10
# MPICH names shared memory after the job; that of a job killed on an earlier cluster must not fit.
FirstJobId=$((SRANDOM % 60000000 + 1))
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=5
MpiDefault=none
ReturnToService=2
KillWait=30
$node NodeAddr=127.0.0.1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
SETTINGS
}

# Start a daemon in the foreground mode it has, as a child of ours.
start_daemon() {
    "$@" >"$cluster/$1.out" 2>&1 &
    daemon_pids+=("$!")
}

# Wait until a command succeeds.
wait_for() {
    local tries=$((patience * 5))
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || { echo "no success in $patience s: $*" >&2 && return 1; }
        sleep 0.2
    done
}

node_is_idle() { [[ $(sinfo --noheader --format=%t) == idle ]]; }

start_cluster() {
    ((EUID == 0)) || { echo 'the daemons of Slurm and munge need root' >&2 && return 1; }
    install_slurm
    cluster=$(mktemp -d /tmp/tusk-slurm-XXXXXX)
    mkdir "$cluster/state" "$cluster/spool"
    chmod 755 "$cluster"
    dd if=/dev/urandom of="$cluster/munge.key" bs=1024 count=1 status=none
    chmod 400 "$cluster/munge.key"
    write_settings
    export SLURM_CONF=$cluster/slurm.conf
    # Whatever another Slurm or mpiexec left in the environment is not of this cluster.
    unset "${!SLURM_JOB@}" "${!PMI_@}" 2>/dev/null || true
    start_daemon munged --foreground --force --key-file="$cluster/munge.key" \
        --socket="$cluster/munge.socket" --pid-file="$cluster/munged.pid" \
        --log-file="$cluster/munged.log" --seed-file="$cluster/munge.seed"
    wait_for test -S "$cluster/munge.socket"
    start_daemon slurmctld -D -c -f "$SLURM_CONF"
    wait_for scontrol ping
    start_daemon slurmd -D -f "$SLURM_CONF"
    wait_for node_is_idle
    echo "cluster of $(sinfo --noheader --format='%D node, %c cores'), Slurm $(slurmd -V)"
}

stop_cluster() {
    local pid
    if [[ -n ${SLURM_CONF:-} ]]; then scancel --user=root 2>/dev/null || true; fi
    # In reverse: the node before its controller, munge last.
    for ((i = ${#daemon_pids[@]} - 1; i >= 0; i--)); do
        pid=${daemon_pids[i]}
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    daemon_pids=()
    if [[ -n $cluster ]]; then rm -rf "$cluster"; fi
}

# Wait until jobs have left the queue; fails after $1 seconds.
wait_for_jobs() {
    local limit=$1
    shift
    local end=$((SECONDS + limit))
    while [[ -n $(squeue --noheader --jobs="$(IFS=, && echo "$*")" 2>/dev/null) ]]; do
        if ((SECONDS > end)); then
            echo "jobs $* are still queued after $limit s" >&2
            squeue >&2
            return 1
        fi
        sleep 1
    done
}
