"""Certify a config: run it on a ladder of finer meshes and shorter steps, and extrapolate.

Every run is a process of its own on one thread.  A run directory that holds a finished run of the
same physics, made by the same code, is taken as it is: an interrupted ladder goes on.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tusk.solver.certificate import CERTIFICATE_NAME, HEADLINES, Certificate, Quantity, Rung
from tusk.solver.config import FilamentConfig, load_config
from tusk.solver.errors import InputError, SolveError
from tusk.solver.output import disk_errors, write_json
from tusk.solver.richardson import estimate
from tusk.solver.studies.pool import one_thread_environment
from tusk.solver.units import format_quantity

RATIO = math.sqrt(0.5)
"""Ratio of neighbouring mesh sizes and of neighbouring steps."""

LOCAL_ORDER = 3
"""The error that the tolerance bounds goes with this power of the step."""

BASE = "base"
CODE_NAME = "code.sha256"
_POLL_EVERY = 0.2  # s

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A rung to be run: factors on mesh and step sizes, and the keys they change."""

    name: str
    mesh: float
    step: float
    changes: tuple[str, ...]


def places(config: FilamentConfig) -> list[Place]:
    """Return the ladder of a config, the longest run first.

    Mesh: every size times 1, 0.71 and 0.5.  Steps: tolerance times 1, 0.35 and 0.13 and the caps of
    the motion in a step times 1, 0.71 and 0.5, so that every step shrinks like its caps.
    """
    found = [Place(BASE, 1.0, 1.0, ())]
    for factor in (RATIO, RATIO**2):
        found.append(Place(f"step_{factor:.2f}", 1.0, factor, _shorter(config, factor)))
        found.append(Place(f"mesh_{factor:.2f}", factor, 1.0, _finer(config, factor)))
    return found[::-1]


def _finer(config: FilamentConfig, factor: float) -> tuple[str, ...]:
    """Return the changes that multiply every mesh size; sizes given by name do not follow one."""
    mesh = config.mesh
    sizes = {
        "size_factor": mesh.size_factor,
        "gap_size_ratio": mesh.gap_size_ratio,
        "flank_size_ratio": mesh.flank_size_ratio,
    }
    changes = [f"mesh.{k}={v * factor!r}" for k, v in sizes.items() if v is not None]
    if mesh.far_size is not None:
        changes.append(f"mesh.far_size={format_quantity(mesh.far_size * factor, 'length')}")
    if mesh.elements_across_gap is not None:
        changes.append(f"mesh.elements_across_gap={round(mesh.elements_across_gap / factor)}")
    return tuple(changes)


def _shorter(config: FilamentConfig, factor: float) -> tuple[str, ...]:
    """Return the changes that multiply the step of a second-order method."""
    stepping = config.stepping
    motion = format_quantity(stepping.max_displacement * factor, "length")
    return (
        f"stepping.tolerance={stepping.tolerance * factor**LOCAL_ORDER!r}",
        f"stepping.gap_fraction={stepping.gap_fraction * factor!r}",
        f"stepping.max_displacement={motion}",
        f"stepping.first_step={format_quantity(stepping.first_step * factor, 'time')}",
    )


@cache
def code_digest() -> str:
    """Return a digest of the code that results depend on, as it was when first asked for.

    One command has one answer: files that are edited meanwhile void none of its own runs.
    """
    solver = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for package in (solver, solver.parent / "meshes"):
        for path in sorted(package.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_finished(directory: Path, physics_hash: str, code: str) -> bool:
    """Return whether a directory holds a finished run of this physics, made by this code."""
    try:
        record = json.loads((directory / "run.json").read_text(encoding="utf-8"))
        made_by = (directory / CODE_NAME).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    same = record.get("physics_hash") == physics_hash and made_by == code
    return bool(record.get("status") == "finished" and same)


# --- running --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Job:
    place: Place
    process: subprocess.Popen[bytes]
    started: float


class Ladder:
    """The runs of one ladder in a folder.

    Parameters
    ----------
    path
        The config file.
    changes
        ``key=value`` assignments on top of it.
    out
        Folder with one run directory per rung.
    allow_code
        Accept a tunnel law from a Python file.
    say
        Takes one line of progress.

    Raises
    ------
    InputError
        If the config is wrong or its model has no mesh, or if the folder is a file.
    """

    def __init__(
        self, path: Path, changes: Sequence[str], out: Path, allow_code: bool, say: Say
    ) -> None:
        config = load_config(path, changes, allow_code)
        if not isinstance(config, FilamentConfig):
            raise InputError(
                f"model: has no mesh to certify, allowed filament_fem, got {config.model}"
            )
        self.config = config
        self.places = places(config)
        self.out = out
        self._path, self._changes = path, tuple(changes)
        self._allow_code, self._say = allow_code, say
        self._code = code_digest()
        self._running: list[_Job] = []
        if out.exists() and not out.is_dir():
            raise InputError(f"--out: not a folder, allowed a folder, got {out}")

    def physics_hash(self, place: Place) -> str:
        """Return the physics hash of a rung."""
        changes = (*self._changes, *place.changes)
        return load_config(self._path, changes, self._allow_code).physics_hash()

    def climb(self, jobs: int) -> None:
        """Run what is missing, so many runs at once.

        Raises
        ------
        SolveError
            If a run ends with anything but 0; the others are stopped, finished ones stay.
        """
        with disk_errors(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
        waiting = []
        for place in self.places:
            if is_finished(self.out / place.name, self.physics_hash(place), self._code):
                self._say(f"{place.name}: taken as it is")
            else:
                waiting.append(place)
        with _terminated():
            try:
                while waiting or self._running:
                    while waiting and len(self._running) < jobs:
                        self._start(waiting.pop(0))
                    time.sleep(_POLL_EVERY)
                    self._collect()
            finally:
                self._stop()

    def _start(self, place: Place) -> None:
        words = [sys.executable, "-m", "tusk.solver.cli", "run", str(self._path), "--quiet"]
        words += ["--overwrite", "--out", str(self.out / place.name)]
        words += ["--allow-code"] if self._allow_code else []
        fewer_files = () if place.name == BASE else ("output.fields_every=1000000",)
        for change in (*self._changes, *place.changes, *fewer_files):
            words += ["--set", change]
        with disk_errors(self.out), self._log(place).open("wb") as log:
            # A session of its own: ^C reaches this process alone, which then stops the runs.
            process = subprocess.Popen(
                words,
                env=one_thread_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(_Job(place, process, time.monotonic()))
        self._say(f"{place.name}: started")

    def _collect(self) -> None:
        for job in [job for job in self._running if job.process.poll() is not None]:
            self._running.remove(job)
            name, code = job.place.name, job.process.returncode
            if code != 0:
                said = self._log(job.place).read_text(errors="replace").split("\n")
                last = next((line for line in reversed(said) if line.strip()), "")
                raise SolveError(f"certify: run {name} ended with exit code {code}: {last}")
            with disk_errors(self.out):
                (self.out / name / CODE_NAME).write_text(self._code, encoding="utf-8")
            self._say(f"{name}: finished after {time.monotonic() - job.started:.0f} s")

    def _stop(self) -> None:
        for job in self._running:
            job.process.terminate()
        for job in self._running:
            job.process.wait()

    def _log(self, place: Place) -> Path:
        return self.out / f"{place.name}.log"

    # --- reading ----------------------------------------------------------------------------------

    def certificate(self) -> Certificate:
        """Return the certificate of a ladder that has been climbed."""
        records = {place.name: self._record(place) for place in self.places}
        base = records[BASE]
        seen = {name: self._observed(name, record) for name, record in records.items()}
        mesh, step = (
            [BASE, *(f"{axis}_{factor:.2f}" for factor in (RATIO, RATIO**2))]
            for axis in ("mesh", "step")
        )
        quantities, missing = {}, []
        for key in HEADLINES:
            values = {name: marks[key] for name, marks in seen.items()}
            found = {name: value for name, value in values.items() if value is not None}
            if len(found) < len(values):  # a mark some run does not reach has no error bar
                missing.append(key)
                continue
            reported = float(base["marks"][key])
            quantities[key] = Quantity(
                reported,
                estimate([found[name] for name in mesh], RATIO),
                estimate([found[name] for name in step], RATIO),
                abs(found[BASE] - reported),
            )
        return Certificate(
            config=self._path.name,
            physics_hash=base["physics_hash"],
            code=self._code,
            versions=base["versions"],
            quantities=quantities,
            missing=tuple(missing),
            ledgers=base["ledgers"],
            rungs=tuple(
                self._rung(place, records[place.name], seen[place.name])
                for place in reversed(self.places)
            ),
        )

    def _record(self, place: Place) -> dict[str, Any]:
        text = (self.out / place.name / "run.json").read_text(encoding="utf-8")
        record: dict[str, object] = json.loads(text)
        return record

    def _observed(self, name: str, record: Mapping[str, Any]) -> dict[str, float | None]:
        """Return the marks of a run; T_max at the peak between its steps."""
        marks: dict[str, float | None] = {key: record["marks"].get(key) for key in HEADLINES}
        marks["temperature_max_K"] = peak(
            self._column(name, "time_s"), self._column(name, "temperature_max_K")
        )
        return marks

    def _column(self, name: str, column: str) -> list[float]:
        """Return a column of the table of a finished run."""
        with (self.out / name / "timeseries.csv").open(encoding="utf-8", newline="") as file:
            return [float(row[column]) for row in csv.DictReader(file)]

    def _rung(
        self, place: Place, record: Mapping[str, Any], marks: Mapping[str, float | None]
    ) -> Rung:
        return Rung(
            place.name,
            place.mesh,
            place.step,
            record["physics_hash"],
            marks,
            int(max(self._column(place.name, "vertices"))),
            record["counters"]["accepted"],
            record["timings_s"]["wall"],
        )

    def write(self, certificate: Certificate) -> Path:
        """Write the certificate beside the ladder and into the certified run's directory."""
        path = self.out / CERTIFICATE_NAME
        for place in (path, self.out / BASE / CERTIFICATE_NAME):
            write_json(place, certificate.to_mapping())
        return path


def peak(time_s: Sequence[float], values: Sequence[float]) -> float:
    """Return the largest value, at the top of the parabola through it and its neighbours.

    Steps that pass a peak see a little less than its height, each run at other places; without
    this the ladder would compare places and not heights.
    """
    k = max(range(len(values)), key=values.__getitem__)
    if not 0 < k < len(values) - 1:
        return values[k]
    left, right = time_s[k - 1] - time_s[k], time_s[k + 1] - time_s[k]
    below, above = values[k - 1] - values[k], values[k + 1] - values[k]
    curvature = (above / right - below / left) / (right - left)
    slope = below / left - curvature * left
    return values[k] - slope**2 / (4.0 * curvature) if curvature < 0.0 else values[k]


@contextmanager
def _terminated() -> Iterator[None]:
    """Take SIGTERM as ^C, so that no run is left behind."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
