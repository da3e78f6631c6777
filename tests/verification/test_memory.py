"""A run of any length fits into memory: remeshing gives back what it takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

GIGABYTE = 1e9
LARGEST_GROWTH = 0.05


@pytest.mark.slow
def test_remeshing_keeps_memory(repository: Path) -> None:
    """300 remeshes of the reference mesh, in a process of their own."""
    command = [sys.executable, str(repository / "benchmarks/memory.py"), "--remeshes", "300"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=1800)
    result = json.loads(done.stdout)
    assert result["peak_bytes"] <= GIGABYTE
    assert result["growth"] < LARGEST_GROWTH
