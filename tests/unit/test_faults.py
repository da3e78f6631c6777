"""The catalogue of seeded faults fits the code; `make faults` seeds them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.faults.catalogue import FAULTS, Fault
from tests.faults.seed import PatchError, patched, verdict


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_applies_and_its_test_exists(fault: Fault, repository: Path) -> None:
    source = (repository / fault.file).read_text()
    assert patched(source, fault) != source
    file, _, name = fault.test.partition("::")
    assert f"def {name}" in (repository / file).read_text()


def test_there_are_enough_faults_and_each_has_a_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 22


def test_a_fault_that_no_longer_applies_is_an_error() -> None:
    fault = Fault("gone", "solver/x.py", "a = 1", "a = 2", "tests/x.py")
    for source in ("b = 1", "a = 1; a = 1"):
        with pytest.raises(PatchError, match="gone"):
            patched(source, fault)


@pytest.mark.parametrize(
    ("code", "said", "ranks", "caught"),
    [
        (1, "FAILED tests/a.py::test_b[1] - assert 0", 1, "tests/a.py::test_b[1]"),
        (1, "ERROR tests/a.py::test_b - ValueError", 1, "tests/a.py::test_b"),
        (1, "FAILED tests/a.py::test_b[in bulk]\n1 failed", 1, "tests/a.py::test_b[in bulk]"),
        (0, "3 passed", 1, ""),
        (2, "ERROR tests/a.py - ImportError", 1, ""),  # tests that do not load catch nothing
        (4, "no tests ran", 1, ""),
        (1, "E\nrank 1: tests/mpi/a.py::test_b[x]\n...", 2, "tests/mpi/a.py::test_b[x]"),
        (1, "Abort", 2, ""),
    ],
)
def test_only_a_failing_test_catches(code: int, said: str, ranks: int, caught: str) -> None:
    done = subprocess.CompletedProcess([], code, stdout=said, stderr="")
    assert verdict(done, ranks)[0] == caught
