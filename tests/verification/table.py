"""Write the table of docs/validation.md: ``python -m tests.verification.table RUNS [DOCUMENT]``.

RUNS holds one run directory per study; those that are missing, or made by other code, are run.
Text outside of the two markers is left as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.verification.claims import CLAIMS, Claim
from tests.verification.measures import Check
from tests.verification.studies import REPOSITORY, STUDIES, Studies, StudyError

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
HEAD = (
    "| row | statement | printed | Tusk, `reference` | band | verdict |\n|---|---|---|---|---|---|"
)


def verdict(claim: Claim, checks: list[Check]) -> str:
    """Return what the checks amount to."""
    judged = [check for check in checks if check.judged]
    if claim.deviation:
        return f"deviation: {claim.deviation}"
    if not judged:
        return "reported"
    missed = [check.label for check in judged if not check.holds]
    return f"**missed**: {', '.join(missed)}" if missed else "holds"


def line(claim: Claim, studies: Studies) -> str:
    """Return the table line of one claim."""
    try:
        checks = claim.measure(studies)
    except StudyError as failure:
        reason = " ".join(str(failure).rsplit("exit code", 1)[-1].split())
        return f"| {claim.row} | {claim.statement} | {claim.printed} | – | – | no run: {reason} |"
    measured = "; ".join(check.measured for check in checks)
    bands = "; ".join(check.band for check in checks if check.judged and not check.stated)
    cells = (claim.row, claim.statement, claim.printed, measured, bands, verdict(claim, checks))
    return "| " + " | ".join(cells) + " |"


def write(studies: Studies, document: Path) -> None:
    """Replace the table of ``document`` by one made from ``studies``."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join([HEAD, *(line(claim, studies) for claim in CLAIMS)])
    document.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def main(words: list[str]) -> int:
    """Run what is missing and write the table."""
    if not 1 <= len(words) <= 2:
        print(__doc__, file=sys.stderr)
        return 1
    studies = Studies(Path(words[0]))
    studies.start(STUDIES)
    write(studies, Path(words[1]) if len(words) == 2 else REPOSITORY / "docs" / "validation.md")
    studies.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
