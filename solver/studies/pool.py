"""Running cases on this machine: one process each, as many at once as there are cores."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .sweep import Sweep, log_stream

_POLL_EVERY = 0.1  # s
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VTK_SMP_MAX_THREADS")
_LAUNCHERS = ("PMI_", "PMIX_", "PMI2_", "OMPI_", "HYDI_", "HYDRA_")


def available_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0))


def one_thread_environment() -> dict[str, str]:
    """Return an environment for a serial run that shares the machine with others."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_LAUNCHERS)}
    return kept | dict.fromkeys(_THREADS, "1")


@dataclass(slots=True)
class Job:
    """A case that runs."""

    case: str
    process: subprocess.Popen[bytes]
    started: float  # monotonic, s


class Pool:
    """Runs cases until all are through; a case that fails stops no other.

    Parameters
    ----------
    sweep
        The directory they are in.
    jobs
        How many at once.
    allow_code
        Accept a tunnel law from a Python file.
    leader_first
        Start the second case when the first has taken a step: by then the forms that all of them
        need are compiled, once.
    """

    def __init__(self, sweep: Sweep, jobs: int, allow_code: bool, leader_first: bool) -> None:
        self.running: list[Job] = []
        self.waiting: deque[str] = deque()
        self.stopped = False
        self._sweep = sweep
        self._jobs = jobs
        self._allow_code = allow_code
        self._leader = leader_first

    def run(self, cases: Sequence[str], on_change: Callable[[], None]) -> None:
        """Run cases, in order.

        Parameters
        ----------
        cases
            Names.
        on_change
            Called several times a second while cases run.
        """
        self.waiting = deque(cases)
        with self._signals():
            try:
                while self.running or (self.waiting and not self.stopped):
                    while self.waiting and not self.stopped and self._has_room():
                        self._start(self.waiting.popleft())
                    on_change()
                    time.sleep(_POLL_EVERY)
                    self._collect()
            finally:
                self._signal(signal.SIGTERM)  # an error of ours leaves no run behind
        on_change()

    def _has_room(self) -> bool:
        if not self.running:
            return True
        if self._leader:
            table = self._sweep.run_of(self.running[0].case) / "timeseries.csv"
            self._leader = not table.exists() or table.read_bytes().count(b"\n") < 2
        return not self._leader and len(self.running) < self._jobs

    def _start(self, case: str) -> None:
        command = self._sweep.run_command(case, self._allow_code)
        with log_stream(self._sweep, case) as log:
            # A session of its own: ^C at the terminal reaches the sweep, which then tells the runs.
            process = subprocess.Popen(
                command,
                env=one_thread_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(Job(case, process, time.monotonic()))

    def _collect(self) -> None:
        for job in [job for job in self.running if job.process.poll() is not None]:
            self.running.remove(job)
            self._leader = False

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Stop in order: the runs write what they have, and the sweep can be taken up again."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before: Mapping[signal.Signals, object] = {n: signal.getsignal(n) for n in numbers}

        def stop(_number: int, _frame: object) -> None:
            self.stopped = True
            self._signal(signal.SIGTERM)

        for number in numbers:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)  # type: ignore[arg-type]

    def _signal(self, number: signal.Signals) -> None:
        for job in self.running:
            if job.process.poll() is None:
                job.process.send_signal(number)
