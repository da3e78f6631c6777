"""Runs of shipped configs by name, made in the background and taken again where they stand.

Every study is a `tusk run` of its own process on one thread, as many at once as asked for.  A run
directory that holds a finished run of the same physics, made by the same code, is taken as it is.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..config import load_config
from ..errors import SolveError
from .ladder import CODE_NAME, code_digest, is_finished
from .pool import one_thread_environment

LONGEST = 3600.0
"""Wall time (s) after which a study has failed."""


@dataclass(frozen=True, slots=True)
class Study:
    """One run: a config, shipped (by its name) or of a file, and what is changed in it."""

    config: str | Path
    changes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The config file."""
        if isinstance(self.config, Path):
            return self.config
        return Path(str(files("tusk.configs"))) / f"{self.config}.yaml"

    def physics_hash(self) -> str:
        """Return the hash that a run directory of this study carries."""
        return load_config(self.path, self.changes).physics_hash()

    def changed(self, *changes: str) -> Study:
        """Return the study with more changes."""
        return Study(self.config, (*self.changes, *changes))


class StudyError(SolveError):
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
    directory.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command,
        env=one_thread_environment(),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    if done.returncode != 0:
        raise StudyError(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr}")
    (directory / CODE_NAME).write_text(digest, encoding="utf-8")
    return directory


class Studies[R](Mapping[str, R]):
    """Finished runs by the names of their studies, made in the background.

    Parameters
    ----------
    studies
        What they are.
    directory
        Holds one run directory per study.
    opened
        Opens the run in a directory: what `self[name]` returns.
    jobs
        Runs at the same time.
    """

    def __init__(
        self,
        studies: Mapping[str, Study],
        directory: Path,
        opened: Callable[[Path], R],
        jobs: int = 2,
    ) -> None:
        self.directory = directory
        self._opened = opened
        self._studies = studies
        self._pool = ThreadPoolExecutor(jobs)
        self._futures: dict[str, Future[Path]] = {}
        self._runs: dict[str, R] = {}

    def start(self, names: Iterable[str]) -> None:
        """Start runs; `self[name]` waits for one."""
        for name in names:
            if name not in self._futures:
                self._futures[name] = self._pool.submit(
                    run_study, self._studies[name], self.directory / name
                )

    def __getitem__(self, name: str) -> R:
        """Return a finished run; raises what its process ended with."""
        if name not in self._runs:
            self.start([name])
            self._runs[name] = self._opened(self._futures[name].result())
        return self._runs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._studies)

    def __len__(self) -> int:
        return len(self._studies)

    def close(self) -> None:
        """Drop what has not begun and wait for the rest."""
        self._pool.shutdown(cancel_futures=True)
