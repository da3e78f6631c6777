"""Seed each fault of the catalogue and see that its test fails: ``python -m tests.faults.seed``.

A fault lives in a copy of the packages that stands before the installed ones; the working copy is
never touched.  First the tests have to pass on an unchanged copy: a test that always fails catches
nothing.  Words after the command choose faults by a part of their name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.catalogue import FAULTS, Fault

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("configs", "meshes", "postprocess", "solver")
CAUGHT = REPOSITORY / "build" / "faults.json"
"""Test that caught each fault, after all of them were seeded."""

LONGEST = 300.0
"""Wall time (s) after which a test has not caught its fault."""

FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/\S+\.py::.+?)(?: - .*)?$", re.MULTILINE)
FAILED_ON_A_RANK = re.compile(r"^rank \d+: (tests/\S+\.py::.+)$", re.MULTILINE)
"""How pytest, and tests/conftest.py under mpiexec, name a test that failed."""

TESTS_FAILED = 1
"""Exit code of pytest when tests ran and some failed."""


class PatchError(ValueError):
    """A fault that does not apply: the source has changed under it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fault: the test that caught it, or why none did."""

    fault: Fault
    caught_by: str
    missed: str
    seconds: float


def patched(text: str, fault: Fault) -> str:
    """Return the source with the fault in it.

    Raises
    ------
    PatchError
        If the text to replace does not stand there exactly once.
    """
    count = text.count(fault.old)
    if count != 1 or fault.new == fault.old:
        raise PatchError(f"{fault.name}: {fault.old!r} stands {count} times in {fault.file}")
    return text.replace(fault.old, fault.new)


def copy_packages(folder: Path) -> Path:
    """Copy the packages as the namespace ``tusk`` into a folder for ``PYTHONPATH``."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / package, folder / "tusk" / package, ignore=ignored)
    return folder


def run_tests(folder: Path, tests: list[str], ranks: int) -> subprocess.CompletedProcess[str]:
    """Run tests against the packages in a folder."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-x", "-q", "--tb=no"]
    if ranks > 1:
        mpiexec = str(Path(sys.executable).with_name("mpiexec"))
        command = [mpiexec, "-launcher", "fork", "-n", str(ranks), *command]
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "MPIR_CVAR_CH4_CMA_ENABLE": "0",
    }
    return subprocess.run(
        [*command, "-m", "not slow", *tests],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=LONGEST,
        check=False,
    )  # fmt: skip


def seed(fault: Fault) -> Outcome:
    """Run the test of a fault with the fault in place."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tusk-fault-") as name:
        folder = copy_packages(Path(name))
        path = folder / "tusk" / fault.file
        path.write_text(patched(path.read_text(encoding="utf-8"), fault), encoding="utf-8")
        try:
            done = run_tests(folder, [fault.test], fault.ranks)
        except subprocess.TimeoutExpired:
            return Outcome(fault, "", "no end", time.monotonic() - started)
    caught, missed = verdict(done, fault.ranks)
    return Outcome(fault, caught, missed, time.monotonic() - started)


def verdict(done: subprocess.CompletedProcess[str], ranks: int) -> tuple[str, str]:
    """Return the test that failed, or why the fault counts as missed."""
    if done.returncode == 0:
        return "", "all tests passed"
    said = f"{done.stdout}\n{done.stderr}"
    found = (FAILED_ON_A_RANK if ranks > 1 else FAILED).search(said)
    if found is None or (ranks == 1 and done.returncode != TESTS_FAILED):
        return "", f"tests did not run (exit code {done.returncode}): {done.stdout[-500:]}"
    return found[1], ""


def check_unchanged(faults: list[Fault]) -> None:
    """Check that every fault applies, and that the tests pass where nothing is wrong.

    Raises
    ------
    PatchError
        If a fault does not apply.
    AssertionError
        If a test fails without a fault.
    """
    for fault in faults:
        patched((REPOSITORY / fault.file).read_text(encoding="utf-8"), fault)
    with tempfile.TemporaryDirectory(prefix="tusk-fault-") as name:
        folder = copy_packages(Path(name))
        for ranks in sorted({fault.ranks for fault in faults}):
            tests = sorted({fault.test for fault in faults if fault.ranks == ranks})
            done = run_tests(folder, tests, ranks)
            assert done.returncode == 0, f"tests fail without a fault:\n{done.stdout}{done.stderr}"


def show(outcomes: list[Outcome]) -> None:
    """Print the table."""
    table = Table("fault", "in", "caught by", "s", title="Seeded faults")
    for outcome in outcomes:
        told = outcome.caught_by.removeprefix("tests/") or f"[bold red]MISSED:[/] {outcome.missed}"
        table.add_row(outcome.fault.name, outcome.fault.file, told, f"{outcome.seconds:.0f}")
    caught = sum(1 for outcome in outcomes if outcome.caught_by)
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    console.print(f"{caught} of {len(outcomes)} faults caught")


def main(words: list[str]) -> int:
    """Seed the chosen faults; return 0 if all of them were caught."""
    chosen = [f for f in FAULTS if not words or any(word in f.name for word in words)]
    if not chosen:
        print(f"no fault is called {' or '.join(words)}", file=sys.stderr)
        return 1
    try:
        check_unchanged(chosen)
    except (PatchError, AssertionError) as error:
        print(error, file=sys.stderr)
        return 1
    with ThreadPoolExecutor(int(os.environ.get("TUSK_JOBS", os.cpu_count() or 1))) as pool:
        outcomes = list(pool.map(seed, chosen))
    show(outcomes)
    if len(chosen) == len(FAULTS):
        found = {outcome.fault.name: outcome.caught_by for outcome in outcomes}
        CAUGHT.parent.mkdir(exist_ok=True)
        CAUGHT.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0 if all(outcome.caught_by for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
