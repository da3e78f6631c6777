"""Runs that differ in the compliance current alone share their beginning: a trunk and its forks.

The limiter takes the voltage V_0 I/I_CC from the cell while I << I_CC (Buttberg 2025, eq. 7): until
a run carries 1 % of its compliance current that is 0.5 mV, and its filament cannot tell which limit
it has. The run with the largest limit is the trunk; it leaves a checkpoint where its current first
reaches that share of each smaller limit, and the run with that limit starts there.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import load_config
from ..errors import InputError
from .ladder import CODE_NAME, code_digest, is_finished
from .runs import Study

if TYPE_CHECKING:
    from ..core.model import ModelRun

KEY = "source.compliance_current"

SHARE = 0.01
"""Share of its compliance current that a run carries when the limiter begins to matter."""

_POLL_EVERY = 0.2  # s


@dataclass(frozen=True, slots=True)
class Branch:
    """A fork: its study, its run directory and its compliance current in A."""

    study: Study
    directory: Path
    limit: float

    @property
    def state(self) -> Path:
        """Where the trunk leaves its state for this fork; gone once it was taken up."""
        return self.directory.with_name(f".{self.directory.name}.h5")


def compliance_current(study: Study) -> float:
    """Return I_CC of a study, A.

    Raises
    ------
    InputError
        If its source has none.
    """
    source = getattr(load_config(study.path, study.changes), "source", None)
    limit = getattr(source, "compliance_current", None)
    if limit is None:
        raise InputError(f"{KEY}: a source with a compliance current is wanted for forks, got none")
    return float(limit)


def run_map(studies: Mapping[str, Study], directory: Path, jobs: int) -> None:
    """Run studies that differ in their compliance current as a trunk and its forks.

    Parameters
    ----------
    studies
        Studies by name, of one physics but for I_CC.
    directory
        Gets one run directory per study; what is finished there is left as it is.
    jobs
        Processes. Forks start while the trunk runs.

    Raises
    ------
    InputError
        If one has no compliance current, or differs from the trunk in more.
    SolveError
        If a run fails.
    """
    digest = code_digest()
    missing = {
        name: compliance_current(study)
        for name, study in studies.items()
        if not is_finished(directory / name, study.physics_hash(), digest)
    }
    if not missing:
        return
    top = max(studies, key=lambda name: compliance_current(studies[name]))
    branches = [
        Branch(studies[name], directory / name, limit)
        for name, limit in sorted(missing.items(), key=lambda item: item[1])
        if name != top
    ]
    directory.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")  # MPI does not survive a fork of its process
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        _follow(pool, Branch(studies[top], directory / top, 0.0), branches, digest)


def _follow(pool: ProcessPoolExecutor, trunk: Branch, branches: list[Branch], digest: str) -> None:
    """Run the trunk, and hand over each fork as soon as its state is there."""
    growing = pool.submit(_run_trunk, trunk, branches, digest)
    forks: list[Future[None]] = []
    waiting = list(branches)
    try:
        while waiting:
            over = growing.done()
            for branch in [branch for branch in waiting if branch.state.exists()]:
                forks.append(pool.submit(_run_fork, trunk.directory, branch, digest))
                waiting.remove(branch)
            if over:
                break
            wait([growing], timeout=_POLL_EVERY)
        growing.result()
        # A limit that the trunk never comes near needs a run of its own only in name.
        forks += [pool.submit(_run_alone, branch, digest) for branch in waiting]
        for fork in forks:
            fork.result()
    finally:
        for fork in forks:
            fork.cancel()
        for branch in branches:
            branch.state.unlink(missing_ok=True)


def _run_trunk(trunk: Branch, branches: list[Branch], digest: str) -> None:
    """Run the trunk; leave its state where the limiter of each fork would begin to matter."""
    from ..models.filament.run import FilamentRun
    from ..runner import run_config

    pending = sorted(branches, key=lambda branch: branch.limit)

    def watch(run: ModelRun) -> None:
        if isinstance(run, FilamentRun):
            while pending and run.last.current_A >= SHARE * pending[0].limit:
                run.save(pending.pop(0).state)

    config = load_config(trunk.study.path, trunk.study.changes)
    path = trunk.study.path
    run_config(config, trunk.directory, True, None, True, path, watch=watch)
    _sign(trunk, digest)


def _run_fork(trunk: Path, branch: Branch, digest: str) -> None:
    """Continue the trunk's state with another limit."""
    from ..restart import fork
    from ..rundir import prepare
    from ..runner import run_config

    config = load_config(branch.study.path, branch.study.changes)
    prepare(branch.directory, overwrite=True).release()
    fork(trunk, branch.state, branch.directory)
    run_config(
        config,
        branch.directory,
        quiet=True,
        config_path=branch.study.path,
        restart=True,
        free_keys=(KEY,),
    )
    _sign(branch, digest)


def _run_alone(branch: Branch, digest: str) -> None:
    """Run from the beginning."""
    from ..runner import run_config

    config = load_config(branch.study.path, branch.study.changes)
    run_config(config, branch.directory, True, None, True, branch.study.path)
    _sign(branch, digest)


def _sign(branch: Branch, digest: str) -> None:
    """Say by which code a finished run was made."""
    (branch.directory / CODE_NAME).write_text(digest, encoding="utf-8")
