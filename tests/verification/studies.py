"""Runs of the shipped configs that the validation judges: what they are, and how they are made.

Every study is a `tusk run` of its own process on one thread, two at a time.  A run directory that
holds a finished run of the same physics, made by the same code, is taken as it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tusk.postprocess import open_run
from tusk.postprocess.run import Run
from tusk.solver.config import load_config
from tusk.solver.studies.ladder import CODE_NAME, code_digest, is_finished

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIGS = REPOSITORY / "configs"
LONGEST = 3600.0
"""Wall time (s) after which a study has failed."""


@dataclass(frozen=True, slots=True)
class Study:
    """One run: a shipped config and what is changed in it."""

    config: str
    changes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The config file."""
        return CONFIGS / f"buttberg2025_set_{self.config}.yaml"

    def physics_hash(self) -> str:
        """Return the hash that a run directory of this study carries."""
        return load_config(self.path, self.changes).physics_hash()


GROWTH = "kinetics.barriers=growth"
HELD = (
    "drive=[{triangle: {amplitude: 2 V, rate: 1 V/s}}, "
    "{ramp: {to: -1 V, rate: 1 V/s}}, {hold: {for: 1 s}}]"
)
"""SET and RESET ramp of the shipped config, then 1 s at -1 V."""

STUDIES = {
    "1mA": Study("1mA"),
    "half": Study("1mA", ("mesh.size_factor=0.5", "stepping.tolerance=5e-4")),
    "100uA": Study("100uA"),
    "10uA": Study("10uA"),
    "100nA": Study("100nA"),
    "1nA": Study("1nA"),
    "no_barrier_heating": Study("1mA_no_barrier_heating"),
    "no_dissolution": Study("1mA_no_dissolution"),
    "constant_gap": Study("1mA", ("void.dissolution_ratio=1",)),
    "reset_both": Study("1mA_reset"),
    "reset_growth": Study("1mA_reset", (GROWTH, HELD)),
}
"""All studies by name; preset `reference` throughout."""


class StudyError(AssertionError):
    """A study did not end with exit code 0; the message is what it said."""


def run_study(study: Study, directory: Path) -> Path:
    """Run a study unless its result is there, and return the run directory.

    Raises
    ------
    StudyError
        If `tusk run` ends with anything but 0.
    """
    digest = code_digest()
    if is_finished(directory, study.physics_hash(), digest):
        return directory
    command = [sys.executable, "-m", "tusk.solver.cli", "run", str(study.path), "--quiet"]
    command += ["--overwrite", "--out", str(directory)]
    for change in study.changes:
        command += ["--set", change]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    directory.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode != 0:
        raise StudyError(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr}")
    (directory / CODE_NAME).write_text(digest, encoding="utf-8")
    return directory


class Studies:
    """Studies by name, made in the background.

    Parameters
    ----------
    directory
        Holds one run directory per study.
    jobs
        Runs at the same time.
    """

    def __init__(self, directory: Path, jobs: int = 2) -> None:
        self.directory = directory
        self._pool = ThreadPoolExecutor(jobs)
        self._futures: dict[str, Future[Path]] = {}
        self._runs: dict[str, Run] = {}

    def start(self, names: Iterable[str]) -> None:
        """Start runs; `self[name]` waits for one."""
        for name in names:
            if name not in self._futures:
                self._futures[name] = self._pool.submit(
                    run_study, STUDIES[name], self.directory / name
                )

    def __getitem__(self, name: str) -> Run:
        """Return a finished run; raises what its process ended with."""
        if name not in self._runs:
            self.start([name])
            self._runs[name] = open_run(self._futures[name].result())
        return self._runs[name]

    def close(self) -> None:
        """Drop what has not begun and wait for the rest."""
        self._pool.shutdown(cancel_futures=True)
