"""The verdict on every row of a validation table: printed, ours, band, holds or not and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tusk.postprocess.reproduction.checks import Check, Studies, quantity
from tusk.postprocess.reproduction.claims import Claim
from tusk.postprocess.run import Run
from tusk.solver.errors import InputError, SolveError

HEAD = ("row", "statement", "printed", "Tusk", "band", "verdict")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the table, in words."""

    label: str
    statement: str
    printed: str
    ours: str
    band: str
    verdict: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The words of the line, in the order of HEAD."""
        return (self.label, self.statement, self.printed, self.ours, self.band, self.verdict)

    @property
    def missed(self) -> bool:
        """Whether the row fails without a stated reason."""
        return self.verdict.startswith(("missed", "no run"))


def judge(claims: Iterable[Claim], studies: Studies) -> list[Verdict]:
    """Measure every claim; one whose run failed, or lacks what it needs, says so."""
    errors: dict[float, float] = {}
    return [_judge(claim, studies, errors) for claim in claims]


def _judge(claim: Claim, studies: Studies, errors: dict[float, float]) -> Verdict:
    seen = _Seen(studies, errors)
    try:
        checks = claim.measure(seen)
    except (InputError, SolveError) as failure:
        reason = " ".join(str(failure).rsplit("exit code", 1)[-1].split())
        return Verdict(claim.label, claim.statement, claim.printed, "–", "–", f"no run: {reason}")
    ours = "; ".join(check.measured + _bar(check, errors) for check in checks)
    bands = "; ".join(check.band for check in checks if check.judged and not check.stated)
    return Verdict(claim.label, claim.statement, claim.printed, ours, bands, _word(claim, checks))


class _Seen(Mapping[str, Run]):
    """Studies; of each that is looked at, the certified errors of its marks are noted."""

    def __init__(self, studies: Studies, errors: dict[float, float]) -> None:
        self._studies = studies
        self._errors = errors

    def __getitem__(self, name: str) -> Run:
        run = self._studies[name]
        certificate = run.certificate
        for name, value in run.marks.items():
            error = None if certificate is None else certificate.error_of(name, value)
            if error is not None and value is not None:
                self._errors[value] = error
        return run

    def __iter__(self) -> Iterator[str]:
        return iter(self._studies)

    def __len__(self) -> int:
        return len(self._studies)


def _bar(check: Check, errors: Mapping[float, float]) -> str:
    """Return the certified error of a number that is a mark of a run, of discretisation only."""
    error = errors.get(check.value)
    return "" if error is None or check.stated else f" ± {quantity(error, check.unit, 2)}"


def _word(claim: Claim, checks: Sequence[Check]) -> str:
    """Return what the checks amount to: a row of several parts may hold in some of them."""
    judged = [check for check in checks if check.judged]
    missed = [check.label for check in judged if not check.holds]
    if not judged:
        return f"deviation: {claim.deviation}" if claim.deviation else "reported"
    if not missed:
        return "holds"
    if not claim.deviation:
        return f"missed: {', '.join(missed)}"
    if len(missed) == len(judged):
        return f"deviation: {claim.deviation}"
    return f"partly, not {', '.join(missed)}: {claim.deviation}"


def markdown(verdicts: Iterable[Verdict]) -> str:
    """Return the table as Markdown."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for verdict in verdicts:
        cells = (cell.replace("|", "\\|") for cell in verdict.cells)
        lines += ["| " + " | ".join(cells) + " |"]
    return "\n".join(lines)


def write_verdicts(folder: Path, verdicts: Sequence[Verdict]) -> None:
    """Write ``verdicts.md`` and ``verdicts.csv``."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(HEAD)
    rows.writerows(verdict.cells for verdict in verdicts)
    (folder / "verdicts.csv").write_text(stream.getvalue(), encoding="utf-8")
    (folder / "verdicts.md").write_text(markdown(verdicts) + "\n", encoding="utf-8")
