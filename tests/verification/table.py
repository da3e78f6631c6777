"""Write the tables of docs/validation.md: ``python -m tests.verification.table RUNS [DOCUMENT]``.

RUNS holds one run directory per study, those of the papers without a mesh in folders of their own;
what is missing, or made by other code, is run. ``--small`` writes the tables of these papers alone.
Text outside of the markers is left as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.verification.claims import CLAIMS
from tests.verification.studies import REPOSITORY, STUDIES
from tusk.postprocess.reproduction.claims import Claim
from tusk.postprocess.reproduction.verdicts import judge, markdown
from tusk.postprocess.run import Run, open_run
from tusk.solver.commands.reproduction import paper_named
from tusk.solver.studies.runs import Studies

SMALL = ("miranda2024", "kharlanov2023", "milano2024")


def write(
    claims: Sequence[Claim], studies: Mapping[str, Run], document: Path, name: str = "table"
) -> None:
    """Replace the table between the markers of ``name`` by one made from ``studies``."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    table = markdown(judge(claims, studies))
    document.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


def main(words: list[str]) -> int:
    """Run what is missing and write the tables."""
    paths = [Path(word) for word in words if word != "--small"]
    if not 1 <= len(paths) <= 2:
        print(__doc__, file=sys.stderr)
        return 1
    document = paths[1] if len(paths) == 2 else REPOSITORY / "docs" / "validation.md"
    tables = {name: (paper_named(name).claims, paper_named(name).studies) for name in SMALL}
    if "--small" not in words:
        tables["table"] = (CLAIMS, STUDIES)
    for name, (claims, wanted) in tables.items():
        studies = Studies(wanted, paths[0] if name == "table" else paths[0] / name, open_run)
        studies.start(wanted)
        write(claims, studies, document, name)
        studies.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
