"""Errors a run can end with, each with the exit code of the command line.

Physical ends of a run (``gap_closed``, ``severed``, ``undercut``, ``pitted``,
``electrode_exhausted``) are not errors: they are reasons of the status ``finished``.
"""

from __future__ import annotations


class TuskError(Exception):
    """Base of every error this program raises on purpose.

    The message is meant for users: one line, quantities with units, no stack trace.
    """

    exit_code: int = 2


class InputError(TuskError):
    """The input or the usage is wrong; nothing was solved and nothing was written.

    The message reads ``section.key: what is wrong, allowed ..., got ...``.
    """

    exit_code = 1


class ConfigError(InputError):
    """A configuration with one or more wrong values.

    Attributes
    ----------
    problems
        Key and message of each, the most telling first.
    """

    def __init__(self, message: str, problems: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class SolveError(TuskError):
    """The solution could not be continued; the last good state is kept."""


class NewtonDiverged(SolveError):  # noqa: N818  (named after the event)
    """Newton's method did not reach the tolerance of every field."""


class MeshTangled(SolveError):  # noqa: N818
    """A mesh has inverted or degenerate cells, or could not be generated."""


class StepTooSmall(SolveError):  # noqa: N818
    """The step controller went below the smallest step allowed."""


class Stalled(SolveError):  # noqa: N818
    """Steps are accepted, but they lead nowhere: the run would crawl for ever."""


class OutputError(SolveError):
    """Results could not be written (disk full, read-only or broken file system)."""


class ValidityWarning(UserWarning):
    """A formula is used outside the range it is meant for; the result may mislead."""
