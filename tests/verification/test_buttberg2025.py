"""The shipped configs against Buttberg 2025: every row of the validation table, by `tusk run`.

Run directories are made in a temporary folder, or kept in the one that ``TUSK_VALIDATION_RUNS``
names, where results of the same code are taken as they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verification.claims import CLAIMS
from tests.verification.studies import STUDIES
from tusk.postprocess.reproduction.claims import Claim
from tusk.postprocess.run import Run, open_run
from tusk.solver.studies.runs import Studies

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studies[Run]]:
    """All studies, started at once, two at a time."""
    kept = os.environ.get("TUSK_VALIDATION_RUNS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("validation")
    made = Studies(STUDIES, folder, open_run)
    made.start(STUDIES)
    yield made
    made.close()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_claim(claim: Claim, studies: Studies[Run]) -> None:
    checks = claim.measure(studies)
    lines = [f"{check.measured} [{check.band}]" for check in checks]
    print(f"{claim.label} {claim.statement}, printed {claim.printed}: " + "; ".join(lines))
    failed = [line for line, check in zip(lines, checks, strict=True) if not check.holds]
    if claim.deviation:
        assert failed or not any(check.judged for check in checks), "no longer a deviation"
    else:
        assert not failed, "; ".join(failed)
