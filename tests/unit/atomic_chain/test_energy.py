"""Integrals over energy see levels of any width; expected values are closed forms."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.solver import runner
from tusk.solver.config import load_config
from tusk.solver.errors import SolveError
from tusk.solver.models.atomic_chain import energy
from tusk.solver.models.atomic_chain.chain import Chain
from tusk.solver.models.atomic_chain.energy import Level, integral, pieces
from tusk.solver.models.atomic_chain.negf import Lead, System
from tusk.solver.models.atomic_chain.run import atom_forces

NARROW = """\
model: atomic_chain
bias: 1 V
chain: {hopping: -1.8 eV, left_hopping: -0.0001 eV, right_hopping: -0.0001 eV, onsite: 0.2 eV}
output: {energies: 3, biases: 2, asymmetries: 2, atoms: 1}
"""


def weak(onsite: float, left: float, right: float, hopping: float = -1.8) -> Chain:
    return Chain(hopping, onsite, left, right, 2.5, 0.4)


def pole(chain: Chain) -> complex:
    """E of t z^2 - eps z + t - (v_L^2 + v_R^2) z^2/t = 0 with E = t (z + 1/z)."""
    t, total = chain.hopping, chain.left_hopping**2 + chain.right_hopping**2
    z = np.roots([t - total / t, -chain.onsite, t])[0]
    return complex(t * (z + 1.0 / z))


def lorentzian(chain: Chain, low: float, high: float) -> float:
    """T = 4 Gamma_L Gamma_R/(Gamma_L + Gamma_R)^2 over a Lorentzian, integrated in eV."""
    left, right = chain.left_hopping**2, chain.right_hopping**2
    width = (left + right) * math.sqrt(4.0 * chain.hopping**2 - chain.onsite**2)
    width /= 2.0 * chain.hopping**2
    tails = width / (chain.onsite - low) + width / (high - chain.onsite)
    return 4.0 * left * right / (left + right) ** 2 * width * (math.pi - tails)


@pytest.mark.parametrize(
    ("onsite", "left", "right", "voltage"),
    [
        (0.2, -1e-4, -1e-4, 1.0),
        (0.1, 1e-3, 1e-3, 1.0),
        (-1.3, -2e-4, 5e-5, 3.0),
        (0.3, 1e-6, 1e-6, 1.0),
        (0.3, 1e-8, 3e-8, -1.0),  # 1e-16 eV wide: narrower than the last digit of its energy
    ],
)
def test_conductance_of_a_narrow_level(
    onsite: float, left: float, right: float, voltage: float
) -> None:
    """pi times the half width; the correction to a Lorentzian is of the order of v^2/t^2."""
    chain = weak(onsite, left, right)
    low, high = sorted(chain.potentials(voltage, 0.5))
    expected = lorentzian(chain, low, high) / abs(voltage)
    close = 4.0 * max(left**2, right**2) / chain.hopping**2 + 1e-8
    assert abs(chain.conductance(voltage, 0.5)) == pytest.approx(expected, rel=close)
    negf = chain.system().mean_transmission(low, high)
    assert negf == pytest.approx(expected, rel=close)


def test_a_window_that_ends_on_the_level_sees_half_of_it() -> None:
    chain = weak(0.25, 1e-5, 1e-5)
    width = 1e-10 * math.sqrt(4.0 * 1.8**2 - 0.25**2) / 1.8**2
    found = chain.system().mean_transmission(-0.5, 0.25)
    # The level is pushed up by (v_L^2 + v_R^2) eps/2 t^2.
    shift = 2e-10 * 0.25 / (2.0 * 1.8**2)
    expected = width * (math.pi / 2.0 - math.atan(shift / width) - width / 0.75) / 0.75
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("size", [0, 1, 6])
def test_levels_are_the_poles_wherever_the_leads_begin(size: int) -> None:
    chain = weak(0.7, 3e-3, 1e-2)
    (level,) = {round(found.reference, 9): found for found in chain.system(size).levels}.values()
    exact = pole(chain)
    assert level.reference == pytest.approx(exact.real, abs=1e-12)
    assert level.half_width == pytest.approx(abs(exact.imag), rel=1e-9)


@pytest.mark.parametrize("voltage", [0.0, 1.0, -0.9])
@pytest.mark.parametrize(("left", "right"), [(1e-3, 4e-3), (1e-6, 1e-6), (1e-2, 1e-7)])
def test_forces_and_charge_of_a_narrow_level(left: float, right: float, voltage: float) -> None:
    """The closed force is that of the density matrix; the atom is filled by the nearer lead."""
    chain = weak(0.2, left, right)
    forces, charges = atom_forces(chain, 0, voltage, 0.5)
    assert forces[0] == pytest.approx(chain.central_force(voltage, 0.5), rel=1e-8, abs=1e-16)
    share = left**2 / (left**2 + right**2)
    low, high = sorted(chain.potentials(voltage, 0.5))
    filled = 0.0 if high < 0.2 else (share if voltage < 0.0 else 1.0 - share)
    assert low < 0.2
    assert charges[0] == pytest.approx(1.0 - 2.0 * filled, abs=20.0 * max(left, right) ** 2 + 1e-9)


def test_every_state_is_counted_once() -> None:
    """All states filled, each site holds one electron per spin: also dark and crowded levels."""
    levels = np.diag([0.2, 0.2 + 1e-4, -0.9])
    levels[0, 2] = levels[2, 0] = 1e-5
    coupling = np.array([[0.3], [0.3], [0.0]])
    weakly = np.array([[1e-7], [0.0], [1e-4]])
    lead = np.zeros((1, 1))
    system = System(levels, Lead(lead, -1.0, coupling), Lead(lead, -1.0, weakly))
    assert system.density(2.0, 2.0) == pytest.approx(np.eye(3), abs=1e-7)
    # The dark one of the two: (difference/2)^2 over the half width 2 x 0.3^2/1 eV of the bright.
    dark = min(abs(level.half_width / (5e-5**2 / 0.18) - 1.0) for level in system.levels)
    assert dark < 0.05


def test_a_level_lost_in_round_off_is_named() -> None:
    """Dark to 1e-20 eV: no digit of H = 0.2 eV tells whether it is bound."""
    levels = np.diag([0.2, 0.2 + 1e-4, 0.2])
    coupling = np.array([[0.3], [0.3], [1e-6]])
    lead = Lead(np.zeros((1, 1)), -1.0, coupling)
    with pytest.warns(UserWarning, match=r"level at 0\.2 eV: its coupling .* lost in round-off"):
        kept = System(levels, lead, lead).levels
    assert min(level.half_width for level in kept) > 1e-9


def test_two_bands_of_leads() -> None:
    """A level in one channel, in the gap of the other: modes at +-3 eV, of width 4 eV each."""
    layer = np.diag([3.0, -3.0])
    v = 1e-5
    system = System(
        np.array([[2.0]]),
        Lead(layer, -1.0, np.array([[v, 0.0]])),
        Lead(layer, -1.0, np.array([[v, 0.0]])),
    )
    width = 2.0 * v**2 * math.sqrt(4.0 - 1.0) / 2.0  # E - 3 eV = -1 eV
    found = system.mean_transmission(1.0, 5.0) * 4.0
    assert found == pytest.approx(math.pi * width, rel=1e-6)
    assert system.mean_transmission(-0.9, 0.9) == 0.0


def test_what_does_not_converge_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peak of 1e-9 eV that is not announced as a level."""
    monkeypatch.setattr(energy, "_BISECTIONS", 8)
    over = pieces(-1.0, 1.0, (-2.0, 2.0), [])

    def hidden(offset: np.ndarray, reference: np.ndarray) -> np.ndarray:
        return 1.0 / ((offset + reference - 0.5) ** 2 + 1e-18)

    with pytest.raises(SolveError, match="error of an integral over energy"):
        integral(hidden, over)
    known = pieces(-1.0, 1.0, (-2.0, 2.0), [Level(0.5, -1e-9j)])
    assert integral(hidden, known) == pytest.approx(math.pi * 1e9, rel=1e-8)


def test_an_instability_as_narrow_as_a_level_is_found() -> None:
    """The Hessian turns when a potential passes the level, between two biases of the grid."""
    chain = weak(0.0313, 1e-3, 1e-3)
    turns = chain._turns(0.0)
    assert min(turns, key=lambda v: abs(v + 0.0313)) == pytest.approx(-0.0313, abs=1e-5)


def test_a_run_with_a_narrow_level(tmp_path: Path) -> None:
    path = tmp_path / "narrow.yaml"
    path.write_text(NARROW)
    out = runner.run(load_config(path), tmp_path / "run")
    row = pd.read_csv(out / "timeseries.csv").iloc[-1]
    assert row["conductance_G0"] == pytest.approx(3.485e-8, rel=2e-4)  # pi x 1.1094e-8 eV / 1 eV
    table = pd.read_csv(out / "asymmetry.csv")  # v = (1 +- gamma) t: the wide level of before
    assert table["conductance_G0"][0] == pytest.approx(1.0, abs=0.02)
