"""Sweeps as Slurm job arrays: one script per submission, resubmitted only for what is missing."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..config.base import describe
from ..errors import InputError, TuskError
from ..output import disk_errors, write_atomically
from .sweep import Sweep

WARNING_TIME = 60
"""Seconds before the time limit at which Slurm warns a job, which then checkpoints."""

_TIME = re.compile(r"\d+(:\d\d){0,2}|\d+-\d+(:\d\d){0,2}")
_MEMORY = re.compile(r"\d+[KMGT]?")
_PATIENCE = 120  # s for an answer of Slurm


class SlurmError(TuskError):
    """Slurm is missing or refuses; the script stays on disk."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Resources:
    """What each case asks of Slurm.

    Attributes
    ----------
    time
        Limit per try, as Slurm spells it (``1:30:00``); empty for that of the partition. A case
        that needs longer checkpoints, is requeued and goes on.
    memory
        Per case, such as ``2G``; empty for that of the partition.
    requeue
        Whether Slurm may start a case again, after a time limit or when a node fails.
    at_once
        Largest number of cases at once; 0 for no limit.
    options
        Further lines for ``#SBATCH``, such as ``--partition=short``.
    """

    time: str = ""
    memory: str = ""
    requeue: bool = True
    at_once: int = 0
    options: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.time and not _TIME.fullmatch(self.time):
            raise InputError(f"--time: {describe('not a time', 'such as 30, 1:30:00', self.time)}")
        if self.memory and not _MEMORY.fullmatch(self.memory):
            raise InputError(f"--memory: {describe('not a size', 'such as 2G', self.memory)}")
        for option in self.options:
            if not option.startswith("-") or not option.isprintable():
                allowed = "an option of sbatch such as --partition=short"
                raise InputError(f"--sbatch: {describe('not an option', allowed, option)}")

    def directives(self) -> list[str]:
        """Return the options of sbatch that these resources are."""
        wanted = ["--nodes=1", "--ntasks=1", "--cpus-per-task=1"]
        wanted += [f"--time={self.time}"] if self.time else []
        wanted += [f"--mem={self.memory}"] if self.memory else []
        wanted += ["--requeue" if self.requeue else "--no-requeue"]
        return [*wanted, f"--signal=B:USR1@{WARNING_TIME}", "--open-mode=append", *self.options]


class Submissions:
    """The job arrays of a sweep: ``slurm/array_0000/`` with script, cases and job number."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._folder = sweep.path / "slurm"

    def queued(self) -> set[str]:
        """Return the cases that wait or run in Slurm.

        Raises
        ------
        SlurmError
            If Slurm does not answer.
        """
        cases: set[str] = set()
        for folder in sorted(self._folder.glob("array_*")):
            if not (folder / "job_id").exists():
                continue
            job = (folder / "job_id").read_text().strip()
            names = (folder / "cases.txt").read_text().split()
            cases |= {names[index] for index in _queued_indices(job) if index < len(names)}
        return cases

    def write(self, cases: Sequence[str], resources: Resources, allow_code: bool) -> Path:
        """Write the script of one more array and return its path.

        Raises
        ------
        OutputError
            The disk refuses.
        """
        folder = self._folder / f"array_{len(list(self._folder.glob('array_*'))):04d}"
        with disk_errors(folder):
            folder.mkdir(parents=True)
        folder = folder.resolve()
        write_atomically(folder / "cases.txt", "".join(f"{name}\n" for name in cases).encode())
        text = script(self._sweep, folder, len(cases), resources, allow_code)
        write_atomically(folder / "job.sh", text.encode())
        return folder / "job.sh"

    def submit(self, job_script: Path) -> str:
        """Submit a script and return the number of the job.

        Raises
        ------
        SlurmError
            If sbatch is missing or refuses.
        """
        job = _ask("sbatch", "--parsable", str(job_script)).strip().partition(";")[0]
        write_atomically(job_script.parent / "job_id", f"{job}\n".encode())
        return job


def script(sweep: Sweep, folder: Path, count: int, resources: Resources, allow_code: bool) -> str:
    """Return the script of a job array.

    Parameters
    ----------
    sweep
        The sweep.
    folder
        Where the script and ``cases.txt`` are; absolute.
    count
        Number of cases.
    resources
        What each asks for.
    allow_code
        Accept a tunnel law from a Python file.
    """
    name = re.sub(r"[^\w.-]", "_", sweep.path.resolve().name)
    limit = f"%{resources.at_once}" if resources.at_once else ""
    logs = sweep.path.resolve() / "logs"
    directives = [
        f"--job-name=tusk-{name}",
        f"--array=0-{count - 1}{limit}",
        f"--output={shlex.quote(str(logs / 'slurm-%A_%a.out'))}",
        *resources.directives(),
    ]
    task = [sys.executable, "-m", "tusk.solver.studies.task"]
    task += [str(sweep.path.resolve()), str(folder / "cases.txt")]
    lines = "".join(f"#SBATCH {directive}\n" for directive in directives)
    body = _BODY.replace("@TASK@", shlex.join(task))
    return f"#!/usr/bin/env bash\n{lines}{body}".replace(
        "@OPTIONS@", " --allow-code" if allow_code else ""
    )


_BODY = """\
set -Eeuo pipefail

# Slurm signals this shell only (B:). The run gets it from here: it writes a checkpoint and ends
# with 3, and the job goes back into the queue to continue from there.
warned=0 interrupted=0 child=
forward() {
    interrupted=1
    [[ -z $child ]] || kill -s "$1" "$child" 2>/dev/null || true
}
trap 'warned=1; forward USR1' USR1
trap 'forward TERM' TERM

@TASK@ "$SLURM_ARRAY_TASK_ID"@OPTIONS@ &
child=$!
while :; do
    code=0
    wait "$child" || code=$?
    # A signal ends the waiting, not the run: wait again.
    ((code > 128 && interrupted)) || break
    interrupted=0
done

if ((warned && code > 2)); then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
"""


def _queued_indices(job: str) -> list[int]:
    """Return the indices of an array that wait or run; none if Slurm has forgotten the job."""
    try:
        answer = _ask("squeue", "--noheader", "--array", "--format=%K", f"--jobs={job}")
    except SlurmError as error:
        if "Invalid job id" in str(error):
            return []
        raise
    return [int(word) for word in answer.split() if word.isdigit()]


def _ask(command: str, *words: str) -> str:
    if shutil.which(command) is None:
        raise SlurmError(f"--slurm: {command} is not on PATH, is this a login node of Slurm?")
    try:
        done = subprocess.run(
            (command, *words), capture_output=True, text=True, check=False, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SlurmError(f"--slurm: {command} does not answer ({error})") from error
    if done.returncode != 0:
        reason = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise SlurmError(f"--slurm: {command} refuses ({reason})")
    return done.stdout
