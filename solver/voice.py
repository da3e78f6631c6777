"""What a run says: on standard output as much as is wanted, in its log file all of it."""

from __future__ import annotations

import os
import sys
import textwrap
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from rich.console import Console

LOG_NAME = "run.log"


class Output(Console):
    """Standard output; that nobody reads it any more, or that it is full, ends no run."""

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Go on without output, also when Python flushes it at its end."""
        self.quiet = True
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)

    def say(self, line: str) -> None:
        """Print a line; on a terminal it is broken between words only, and goes on indented."""
        try:
            self.print(self._broken(line) if self.is_terminal else line)
        except OSError:
            self.on_broken_pipe()

    def _broken(self, line: str) -> str:
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        broken = textwrap.fill(
            line, self.width, subsequent_indent=indent, break_long_words=False,
            break_on_hyphens=False, drop_whitespace=True,
        )  # fmt: skip
        return broken if len(line) > self.width else line


class Voice:
    """Standard output and the log of a run.

    Parameters
    ----------
    directory
        The run directory, where ``run.log`` is continued; None keeps no log.
    quiet
        Print nothing; the log has it all the same.
    verbose
        Print details as well.
    """

    def __init__(
        self, directory: Path | None = None, quiet: bool = False, verbose: bool = False
    ) -> None:
        self.output = Output()
        self.quiet = quiet
        self._verbose = verbose
        self._log: TextIO | None = None
        if directory is not None:
            with suppress(OSError):  # what cannot be logged costs a run nothing
                self._log = (directory / LOG_NAME).open("a", encoding="utf-8")

    @property
    def is_live(self) -> bool:
        """Whether a line can be rewritten in place: a terminal that is not to be quiet."""
        return self.output.is_terminal and not self.quiet

    def say(self, line: str, detail: bool = False) -> None:
        """Print a line and log it; a ``detail`` is printed only where it is wanted."""
        self.log(line)
        if not self.quiet and (self._verbose or not detail):
            self.output.say(line)

    def log(self, line: str) -> None:
        """Write a line into the log only, with the time of the day."""
        if self._log is None:
            return
        try:
            self._log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")
            self._log.flush()
        except OSError:  # a full disk: the run says so where it matters
            self.close()

    def close(self) -> None:
        """End the log."""
        if self._log is not None:
            with suppress(OSError):
                self._log.close()
            self._log = None
