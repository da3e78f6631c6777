"""``tusk sweep``: many runs of one config with changed keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError

if TYPE_CHECKING:
    from ..studies.cases import Case
    from ..studies.slurm import Resources
    from ..studies.sweep import State, Sweep

FAILED = 2
STOPPED = 3

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML file of the run.")]
Out = Annotated[Path, typer.Option("--out", help="Directory of the sweep.")]
Grids = Annotated[
    list[str] | None,
    typer.Option("--grid", metavar="KEY=A,B,C", help="Values of a key; combined with all others."),
]
Zips = Annotated[
    list[str] | None,
    typer.Option("--zip", metavar="KEY=A,B,C", help="Values that change in step; repeatable."),
]
Table = Annotated[
    Path | None, typer.Option("--csv", help="Table of cases: a header of keys, a row per case.")
]
Ranges = Annotated[
    list[str] | None,
    typer.Option("--latin", metavar="KEY=LOW,HIGH[,log]", help="Range of a Latin hypercube."),
]
Samples = Annotated[
    int | None, typer.Option("--samples", min=1, help="Cases of the Latin hypercube.")
]
Members = Annotated[
    int | None, typer.Option("--members", min=1, help="Repeat each case with so many seeds.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the hypercube; first of the members.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key in all cases; repeatable."),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, help="Cases at once. [default: one per core; Slurm: no limit]"),
]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Run failed cases again.")]
Parquet = Annotated[bool, typer.Option("--parquet", help="Write summary.parquet as well.")]
Slurm = Annotated[bool, typer.Option("--slurm", help="Submit a Slurm job array.")]
Time = Annotated[str | None, typer.Option("--time", help="Slurm: limit per try, such as 1:30:00.")]
Memory = Annotated[str | None, typer.Option("--memory", help="Slurm: per case, such as 2G.")]
Requeue = Annotated[
    bool | None, typer.Option(help="Slurm: go on after a time limit or a lost node. [default: yes]")
]
Sbatch = Annotated[
    list[str] | None,
    typer.Option("--sbatch", metavar="OPTION", help="Slurm: further option; repeatable."),
]
WriteOnly = Annotated[bool, typer.Option("--no-submit", help="Slurm: write the script only.")]
BreakLock = Annotated[
    bool,
    typer.Option("--break-lock", help="Take directories from other machines' dead processes."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List the cases; write nothing.")]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Run the Python files that the config names.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def sweep(
    config: Config,
    out: Out,
    grid: Grids = None,
    zip_: Zips = None,
    csv: Table = None,
    latin: Ranges = None,
    samples: Samples = None,
    members: Members = None,
    seed: Seed = 1,
    changes: Sets = None,
    jobs: Jobs = None,
    retry_failed: Retry = False,
    parquet: Parquet = False,
    slurm: Slurm = False,
    time: Time = None,
    memory: Memory = None,
    requeue: Requeue = None,
    sbatch: Sbatch = None,
    no_submit: WriteOnly = False,
    break_lock: BreakLock = False,
    dry_run: DryRun = False,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
) -> None:
    """Run a config with many values of its keys; repeat the command to take up what is missing."""
    from ..studies import cases as ways
    from ..studies.sweep import Sweep, check_parquet

    if parquet:
        check_parquet()
    resources = _resources(slurm, time, memory, requeue, sbatch, jobs, no_submit)
    axes = [*ways.grid(grid or ()), *ways.zipped(zip_ or ()), *ways.table(csv)]
    axes += ways.latin_hypercube(latin or (), samples, seed) + ways.members(members, seed)
    cases = ways.build_cases(config, changes or (), axes, allow_code)
    study = _Study(Sweep(out, break_lock), cases, allow_code, retry_failed, parquet, quiet)
    study.sweep.check()
    if dry_run:
        study.list_cases()
    elif resources is not None:
        study.submit(config, resources, not no_submit)
    else:
        raise typer.Exit(study.run(config, jobs))


def _resources(
    slurm: bool,
    time: str | None,
    memory: str | None,
    requeue: bool | None,
    sbatch: Sequence[str] | None,
    jobs: int | None,
    no_submit: bool,
) -> Resources | None:
    """Return what to ask Slurm for, None for a sweep on this machine.

    Raises
    ------
    InputError
        If something is asked of Slurm that is not to be used.
    """
    if slurm:
        from ..studies.slurm import Resources

        wanted = True if requeue is None else requeue
        return Resources(time or "", memory or "", wanted, jobs or 0, tuple(sbatch or ()))
    given = {
        "--time": time is not None,
        "--memory": memory is not None,
        "--requeue": requeue is not None,
        "--sbatch": bool(sbatch),
        "--no-submit": no_submit,
    }
    for option, is_given in given.items():
        if is_given:
            raise InputError(f"{option}: means nothing without --slurm")
    return None


class _Study:
    """One call of the command, once its input is known to be right."""

    def __init__(
        self,
        sweep: Sweep,
        cases: Sequence[Case],
        allow_code: bool,
        retry_failed: bool,
        parquet: bool,
        quiet: bool,
    ) -> None:
        self.sweep = sweep
        self.cases = cases
        self._allow_code = allow_code
        self._retry_failed = retry_failed
        self._parquet = parquet
        self._quiet = quiet

    def list_cases(self) -> None:
        """Print every case with where it stands."""
        from ..studies.cases import spelled

        for case, state in zip(self.cases, self._states(), strict=True):
            self._say(f"{case.name}  {state.status:<8}  {spelled(case.changes)}")

    def run(self, config: Path, jobs: int | None) -> int:
        """Run what is missing on this machine and return the exit code."""
        from ..studies.board import Board
        from ..studies.pool import Pool, available_cores

        with self.sweep.prepare(self.cases, config):
            self.sweep.free(case.name for case in self.cases)
            states = self._states()
            compiles = self.cases[0].config.has_finite_elements
            pool = Pool(self.sweep, jobs or available_cores(), self._allow_code, compiles)
            with Board(self.sweep, self.cases, states, self._quiet) as board:
                try:
                    pool.run(self._missing(states), lambda: board.show(pool))
                finally:
                    self._summarise()
        statuses = self._conclude()
        if pool.stopped or statuses["running"]:
            return STOPPED
        return 0 if statuses["finished"] == len(self.cases) else FAILED

    def submit(self, config: Path, resources: Resources, really: bool) -> None:
        """Write the script of a job array for what is missing, and submit it."""
        from ..studies.slurm import Submissions

        with self.sweep.prepare(self.cases, config):
            submissions = Submissions(self.sweep)
            queued = submissions.queued()
            self.sweep.free(case.name for case in self.cases if case.name not in queued)
            missing = [name for name in self._missing(self._states()) if name not in queued]
            self._summarise()
            if missing:
                script = submissions.write(missing, resources, self._allow_code)
                self._say(f"{script}: {len(missing)} cases")
                if really:
                    self._say(f"submitted as job {submissions.submit(script)}")
        self._conclude()

    def _states(self) -> list[State]:
        return [self.sweep.state_of(case.name) for case in self.cases]

    def _missing(self, states: Sequence[State]) -> list[str]:
        from ..studies.sweep import UNFINISHED

        wanted = (*UNFINISHED, "failed") if self._retry_failed else UNFINISHED
        return [c.name for c, s in zip(self.cases, states, strict=True) if s.status in wanted]

    def _summarise(self) -> None:
        from ..studies.sweep import write_summary

        write_summary(self.sweep, self.cases, self._parquet)

    def _conclude(self) -> Counter[str]:
        """Print and return how many cases are in each state."""
        statuses = Counter(state.status for state in self._states())
        counts = ", ".join(f"{count} {status}" for status, count in statuses.items())
        self._say(f"{counts}: {self.sweep.path / 'summary.csv'}")
        return statuses

    def _say(self, text: str) -> None:
        if not self._quiet:
            typer.echo(text)
