"""What a message advises fits the way the program was installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tusk.solver import installed
from tusk.solver.installed import ways_to_install


def test_a_checkout_is_set_up_by_make() -> None:
    assert installed.is_checkout()
    assert "`make setup`" in ways_to_install()


@pytest.mark.parametrize(
    ("system", "machine", "wanted", "not_wanted"),
    [
        ("linux", "x86_64", '`pip install "tusk-fem[dolfinx]"`', "WSL2"),
        ("linux", "aarch64", "there is no wheel of DOLFINx for this machine: conda-forge", "pip"),
        ("darwin", "arm64", "there is no wheel of DOLFINx for this machine: conda-forge", "pip"),
        ("win32", "AMD64", "on Windows use WSL2", "no wheel"),
    ],
)
def test_an_installed_wheel_knows_no_make(
    system: str, machine: str, wanted: str, not_wanted: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(installed, "CHECKOUT", tmp_path)
    monkeypatch.setattr(installed.sys, "platform", system)
    monkeypatch.setattr(installed.platform, "machine", lambda: machine)
    told = ways_to_install()
    assert wanted in told
    assert not_wanted not in told
    assert "make" not in told
