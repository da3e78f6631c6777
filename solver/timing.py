"""Wall-clock seconds per phase of a run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Timer:
    """Adds up seconds per named phase; a phase inside another one counts in itself alone.

    So the phases of a run together take no longer than the run.
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inside: list[float] = []  # seconds of the phases inside each one that is running
        self._began = time.monotonic()

    @property
    def wall(self) -> float:
        """Seconds since the start of the run, without the breaks between restarts."""
        return time.monotonic() - self._began

    def state(self) -> dict[str, float]:
        """Return the seconds by phase, and since the start as ``wall``."""
        return {**self.seconds, "wall": self.wall}

    def restore(self, saved: Mapping[str, float]) -> None:
        """Count on from what `state` returned."""
        for phase, seconds in saved.items():
            if phase == "wall":
                self._began -= seconds
            else:
                self.seconds[phase] += seconds

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        """Time the body of a ``with`` statement under the given name."""
        start = time.perf_counter()
        self._inside.append(0.0)
        try:
            yield
        finally:
            whole = time.perf_counter() - start
            self.seconds[phase] += whole - self._inside.pop()
            if self._inside:
                self._inside[-1] += whole
