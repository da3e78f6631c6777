"""Write the table of docs/validation.md: ``python -m tests.verification.table RUNS [DOCUMENT]``.

RUNS holds one run directory per study; those that are missing, or made by other code, are run.
Text outside of the two markers is left as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.verification.claims import CLAIMS
from tests.verification.studies import REPOSITORY, STUDIES
from tusk.postprocess.reproduction.verdicts import judge, markdown
from tusk.solver.studies.runs import Studies

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def write(studies: Studies, document: Path) -> None:
    """Replace the table of ``document`` by one made from ``studies``."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = markdown(judge(CLAIMS, studies))
    document.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def main(words: list[str]) -> int:
    """Run what is missing and write the table."""
    if not 1 <= len(words) <= 2:
        print(__doc__, file=sys.stderr)
        return 1
    studies = Studies(STUDIES, Path(words[0]))
    studies.start(STUDIES)
    write(studies, Path(words[1]) if len(words) == 2 else REPOSITORY / "docs" / "validation.md")
    studies.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
