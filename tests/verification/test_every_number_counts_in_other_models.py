"""Every number of a mesoscopic cell and of a chain changes a result, or is listed as inert."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from configured_numbers import CHANGED, changed, numbers
from numpy.typing import NDArray

from tusk.solver.config import ChainConfig, MesoscopicConfig, load_config
from tusk.solver.models.atomic_chain.launch import PreparedChain
from tusk.solver.models.mesoscopic.launch import build_cell, build_simulation
from tusk.solver.models.mesoscopic.simulation import observe

INERT = {
    "output.interval": "rows at fixed times instead of corners: tests/unit/mesoscopic",
    "members": "how many are run, not how each goes",
}
MEAN = (
    "memory.mode=mean_field",
    "memory.initial_fraction=0.1",
    "thermal.ambient_temperature=310 K",
)
ONE_BY_ONE = ("memory.mode=stochastic", "conduction=sites", "memory.particles=12",
              "memory.site_disorder=0.1", "memory.rate_spread=0.2")  # fmt: skip
SETTINGS = (
    MEAN,
    ONE_BY_ONE,
    (*MEAN, "source={kind: limiter, compliance_current: 10 uA, limiter_voltage: 50 mV}"),
)
NEW = {
    "gap_min": "0.05 nm",
    "spontaneous_set_rate": "0.3 Hz",
    "spontaneous_reset_rate": "0.3 Hz",
    "site_disorder": "0.2",
    "rate_spread": "0.4",
    "initial_fraction": "0.3",
    "particles": "13",
    "points": "9",
    "seed": "2",
    "tolerance": "1e-6",
}
"""New values where 10 % more will not do."""

CONFIG = """\
model: mesoscopic
drive:
  - triangle: {amplitude: 0.6 V, rate: 1 V/s}
  - triangle: {amplitude: -0.6 V, rate: 1 V/s}
"""


def course(config: MesoscopicConfig) -> list[NDArray[np.float64]]:
    """Return the columns of the time series of the first member."""
    simulation = build_simulation(config, 0)
    return [
        np.concatenate(column)
        for column in zip(
            *(observe(build_cell(config), block) for block in simulation.blocks()), strict=True
        )
    ]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mesoscopic") / "cell.yaml"
    out.write_text(CONFIG)
    return out


def load(path: Path, *overrides: str) -> MesoscopicConfig:
    config = load_config(path, overrides)
    assert isinstance(config, MesoscopicConfig)
    return config


def test_every_number_changes_the_course(path: Path) -> None:
    base = [load(path, *setting) for setting in SETTINGS]
    courses = [course(config) for config in base]
    keys = {key for config in base for key, _ in numbers(config.resolved()) if "drive" not in key}
    assert len(keys) > 20
    without_effect = []
    for key in sorted(keys - set(INERT)):
        moved = False
        for setting, config, before in zip(SETTINGS, base, courses, strict=True):
            values = dict(numbers(config.resolved()))
            if key not in values or moved:
                continue
            after = course(
                load(path, *setting, f"{key}={changed(key, values[key], CHANGED | NEW)}")
            )
            moved = not all(map(np.array_equal, before, after))
        if not moved:
            without_effect.append(key)
    assert without_effect == []
    assert set(INERT) <= keys


# --- the atomic chain -----------------------------------------------------------------------------

SMALL = ("output.energies=21", "output.biases=3", "output.atoms=4", "output.asymmetries=3")
CHAIN = {"energies": "23", "biases": "4", "atoms": "5", "asymmetries": "5", "onsite": "0.2 eV",
         "fermi_energy": "0.1 eV", "voltage_division": "0.4"}  # fmt: skip
CHAIN_INERT = {"members": "the chain is deterministic", "seed": "the chain is deterministic"}


def tables(config: ChainConfig, directory: Path) -> dict[str, bytes]:
    """Return everything a run of a chain writes."""
    directory.mkdir()
    run = PreparedChain(config).open(directory)
    while run.step() is None:
        pass
    run.close()
    return {file.name: file.read_bytes() for file in directory.iterdir()}


@pytest.mark.slow
def test_every_number_changes_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text("model: atomic_chain\n")

    def run(name: str, *overrides: str) -> dict[str, bytes]:
        config = load_config(path, (*SMALL, *overrides))
        assert isinstance(config, ChainConfig)
        return tables(config, tmp_path / name)

    before = run("before")
    values = dict(numbers(load_config(path, SMALL).resolved()))
    assert len(values) > 10
    without_effect = []
    for key in sorted(set(values) - set(CHAIN_INERT)):
        after = run(key, f"{key}={changed(key, values[key], CHAIN)}")
        if after == before:
            without_effect.append(key)
    assert without_effect == []
    assert set(CHAIN_INERT) <= set(values)
