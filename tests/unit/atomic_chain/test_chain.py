"""The chain against independent Green's functions and Kharlanov's numbers (K2-K9, K14, K15)."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import solve_banded

from tusk.postprocess import make_figures
from tusk.solver import runner
from tusk.solver.config import build_config
from tusk.solver.errors import InputError
from tusk.solver.models.atomic_chain import leading_order
from tusk.solver.models.atomic_chain.chain import Chain
from tusk.solver.models.atomic_chain.negf import Lead, System, recoil_forces, surface, tight_binding
from tusk.solver.models.atomic_chain.run import atom_forces

PERFECT = Chain(-2.0, 0.0, -2.0, -2.0, 2.5, 0.4, 0.8)
SKEW = Chain(-1.8, 0.3, -2.52, -1.08, 2.5, 0.4)
ENERGIES = np.linspace(-3.5, 3.5, 15)


def negf_force(chain: Chain, voltage: float, division: float) -> float:
    return float(atom_forces(chain, 0, voltage, division)[0][0])


@pytest.mark.parametrize("hopping", [-1.8, 2.0])
def test_surface_is_the_fixed_point_of_its_recursion(hopping: float) -> None:
    """g = 1/(E - t^2 g), causal in the band and decaying outside."""
    energy = np.array([-9.0, -3.0, -0.1, 0.0, 1.0, 3.5, 4.5])
    g = surface(energy, hopping)
    assert np.allclose(g * (energy - hopping**2 * g), 1.0, atol=1e-14)
    assert np.all(g.imag <= 0.0)
    assert np.all(np.abs(hopping * g) <= 1.0 + 1e-14)


@pytest.mark.parametrize("reach", [0, 1, 4])
def test_k2_closed_transmission_is_carolis(reach: int) -> None:
    found = [SKEW.system(reach).transmission(float(energy)) for energy in ENERGIES]
    assert found == pytest.approx(SKEW.transmission(ENERGIES), rel=1e-12)


def test_k2_against_a_long_absorbing_chain() -> None:
    """Independent of the closed self-energies: 1500 atoms a side and a slowly rising absorber."""
    sites, energy = 1500, 0.7
    size = 2 * sites + 1
    bonds = np.full(size - 1, SKEW.hopping)
    bonds[sites - 1], bonds[sites] = SKEW.left_hopping, SKEW.right_hopping
    ramp = np.clip(np.abs(np.arange(size) - sites) / sites - 0.05, 0.0, None)
    diagonal = energy + 1j * 0.6 * ramp**3
    diagonal = diagonal.astype(complex)
    diagonal[sites] -= SKEW.onsite
    source = np.zeros(size, dtype=complex)
    source[sites - 30] = 1.0
    band = np.zeros((3, size), dtype=complex)
    band[0, 1:], band[1], band[2, :-1] = -bonds, diagonal, -bonds
    green = solve_banded((1, 1), band, source)[sites + 30]
    velocity = math.sqrt(4.0 * SKEW.hopping**2 - energy**2)
    assert abs(green) ** 2 * velocity**2 == pytest.approx(SKEW.transmission(energy), rel=1e-8)


@pytest.mark.parametrize(
    ("asymmetry", "expected"), [(0.0, 1.0), (0.2, 0.852), (0.4, 0.524), (0.6, 0.221)]
)
def test_k3_transmission_at_the_fermi_level(asymmetry: float, expected: float) -> None:
    chain = PERFECT.with_asymmetry(asymmetry)
    assert float(chain.transmission(0.0)) == pytest.approx(expected, abs=5e-4)
    chi = (1.0 + asymmetry**2) / (1.0 - asymmetry**2)
    assert chain.system().transmission(0.0) == pytest.approx(chi**-2, rel=1e-12)


def test_k4_no_total_force_without_bias_or_at_full_transmission() -> None:
    assert SKEW.total_force(0.0, 0.5) == 0.0
    assert PERFECT.total_force(1.0, 0.5) == pytest.approx(0.0, abs=1e-12)


def test_k5_total_force_of_half_a_quantum() -> None:
    """0.20 eV/A at G0/2, 1 V; the integral agrees with an independent rule to 1e-8."""
    asymmetry = (math.sqrt(2.0) - 1.0) ** 0.5 / (math.sqrt(2.0) + 1.0) ** 0.5
    half = PERFECT.with_asymmetry(asymmetry)
    assert float(half.transmission(0.0)) == pytest.approx(0.5, rel=1e-12)
    assert leading_order.total_force(half, 1.0) == pytest.approx(0.2, rel=1e-8)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    energies = 0.5 * nodes
    wave = np.arccos(energies / -4.0) / 2.5
    negf = np.array([half.system().transmission(float(energy)) for energy in energies])
    expected = 2.0 / math.pi * 0.5 * float(np.sum(weights * (1.0 - negf) * wave))
    assert half.total_force(1.0, 0.5) == pytest.approx(expected, rel=1e-8)
    assert half.total_force(1.0, 0.5) == pytest.approx(0.2, abs=5e-4)


def test_k6_zero_bias_force() -> None:
    chain = Chain(-2.0, 0.0, -1.75, -2.25, 2.5, 0.4)
    assert leading_order.central_force(chain) == pytest.approx(0.709, abs=5e-4)
    assert negf_force(chain, 0.0, 0.5) == pytest.approx(0.664, abs=5e-4)
    for gamma in (1e-2, 1e-3):  # second order in gamma: also the sliver at the edge of the band
        weak = PERFECT.with_asymmetry(gamma)
        ratio = weak.central_force(0.0, 0.5) / leading_order.central_force(weak)
        assert ratio == pytest.approx(1.0 - 4.255 * gamma**2, abs=1e-2 * gamma**2)
    weak = PERFECT.with_asymmetry(4e-3)
    assert negf_force(weak, 0.0, 0.5) == pytest.approx(leading_order.central_force(weak), rel=1e-4)


def test_k7_finite_bias_part() -> None:
    chain = Chain(-2.0, 0.5, -2.0, -2.0, 2.5, 0.4)
    assert leading_order.force_change(chain, 1.0, 0.5) == pytest.approx(0.032, abs=5e-4)
    change = negf_force(chain, 1.0, 0.5) - negf_force(chain, 0.0, 0.5)
    assert change == pytest.approx(0.0354, abs=1e-4)
    weak = Chain(-2.0, 1e-4, -2.0, -2.0, 2.5, 0.4)
    change = weak.central_force(0.01, 0.5) - weak.central_force(0.0, 0.5)
    assert change == pytest.approx(leading_order.force_change(weak, 0.01, 0.5), rel=1e-4)
    small = Chain(-2.0, 2e-4, -2.0, -2.0, 2.5, 0.4)  # the density matrix itself
    change = negf_force(small, 0.02, 0.5) - negf_force(small, 0.0, 0.5)
    assert change == pytest.approx(leading_order.force_change(small, 0.02, 0.5), rel=1e-4)
    skew = PERFECT.with_asymmetry(1e-5)
    change = skew.central_force(1e-5, 0.3) - skew.central_force(0.0, 0.3)
    assert change == pytest.approx(leading_order.force_change(skew, 1e-5, 0.3), rel=1e-4, abs=0.0)


def test_k8_no_force_linear_in_the_bias_by_symmetry() -> None:
    """What is left of the slope is even in the asymmetry: V (v_L - v_R) does not occur."""

    def slope(gamma: float) -> float:
        chain = PERFECT.with_asymmetry(gamma)
        ends = [chain.central_force(v, 0.5) for v in (0.01, -0.01)]
        return (ends[0] - ends[1]) / 0.02

    assert slope(0.0) == pytest.approx(0.0, abs=1e-10)
    assert slope(0.01) == pytest.approx(slope(-0.01), rel=1e-4)
    assert slope(0.02) / slope(0.01) == pytest.approx(4.0, rel=1e-2)
    assert abs(slope(0.01)) < 0.01 * abs(PERFECT.decay * 0.04 / (2.0 * math.pi))


def test_k9_critical_voltage_and_the_exact_hessian_beside_it() -> None:
    critical = leading_order.critical_voltage(PERFECT, 0.0)
    assert critical == pytest.approx(1.757, abs=5e-4)
    assert leading_order.hessian(PERFECT, critical, 0.0) == pytest.approx(0.0, abs=1e-12)
    assert leading_order.hessian(PERFECT, 1.1 * critical, 0.0) > 0.0
    assert leading_order.critical_voltage(PERFECT, 0.5) is None
    assert all(PERFECT.hessian(v, 0.0) < 0.0 for v in (0.0, 1.0, critical, 2.5, 4.0))
    assert PERFECT.critical_voltage_exact(0.0, 4.0) is None
    weak = Chain(-2.0, 0.0, -2.0, -2.0, 2.5, 0.4, 0.5)  # stiffness too small to be stable
    assert leading_order.critical_voltage(weak, 0.0) < 0.0
    assert weak.hessian(0.0, 0.0) > 0.0


def test_exact_hessian_is_the_slope_of_the_force() -> None:
    step = 1e-3
    ends = [PERFECT.displaced(s * step).central_force(0.7, 0.2) for s in (1, -1)]
    ions = -4.0 * 0.8**2 * 14.3996 / 2.5**3
    slope = (ends[0] - ends[1]) / (2.0 * step) + ions
    assert PERFECT.hessian(0.7, 0.2) == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize("voltage", [0.0, 1.0, -0.6])
@pytest.mark.parametrize("division", [0.5, 0.0])
def test_k15_closed_force_is_that_of_the_density_matrix(voltage: float, division: float) -> None:
    found = SKEW.central_force(voltage, division)
    assert found == pytest.approx(negf_force(SKEW, voltage, division), abs=1e-8)


def test_forces_do_not_depend_on_where_the_leads_begin() -> None:
    small, large = (atom_forces(SKEW, reach, 1.0, 0.5) for reach in (2, 9))
    assert large[0][7:12] == pytest.approx(small[0], abs=1e-9)
    assert large[1][7:12] == pytest.approx(small[1], abs=1e-9)


def test_reflection_of_chain_and_bias() -> None:
    mirror = Chain(-1.8, 0.3, -1.08, -2.52, 2.5, 0.4)
    forces, charges = atom_forces(SKEW, 5, 0.8, 0.3)
    mirrored, same = atom_forces(mirror, 5, -0.8, 0.7)
    assert mirrored[::-1] == pytest.approx(-forces, abs=1e-9)
    assert same[::-1] == pytest.approx(charges, abs=1e-9)


def test_a_perfect_half_filled_chain_is_neutral_and_at_rest() -> None:
    forces, charges = atom_forces(PERFECT, 3, 0.0, 0.5)
    assert forces == pytest.approx(np.zeros(7), abs=1e-9)
    assert charges == pytest.approx(np.zeros(7), abs=1e-8)


def test_a_neck_of_three_hundred_atoms_keeps_its_current() -> None:
    """Transmission is the same from left to right and from right to left, below the channels."""
    positions, first, last = cubic_neck(6, 14, 4)
    system = bar_system(positions, first, last)
    assert len(positions) == 304
    back = System(system.hamiltonian, system.right, system.left)
    for energy in (-1.3, 0.2):
        through = system.transmission(energy)
        assert through == pytest.approx(back.transmission(energy), rel=1e-9)
        modes = np.linalg.eigvalsh(tight_binding(grid(4), -1.0, 2.5, 0.4, 2.6))
        assert 0.5 < through < np.sum(np.abs(energy - modes) < 2.0) + 1e-9


def grid(width: int) -> np.ndarray:
    """The places of one layer of width x width atoms."""
    return 2.5 * np.array([(x, y, 0) for x in range(width) for y in range(width)], dtype=float)


def test_k14_non_integer_contacts_are_pushed_harder() -> None:
    forces = [PERFECT.with_asymmetry(g).total_force(1.0, 0.5) for g in (0.0, 0.2, 0.4, 0.6)]
    assert np.all(np.diff(forces) > 0.0)


def cubic_neck(width: int, layers: int, middle: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A bar of width x width atoms with a square neck; positions, and atoms of both end layers."""
    places = []
    for z in range(layers):
        margin = 0 if min(z, layers - 1 - z) < 2 else (width - middle) // 2
        span = range(margin, width - margin)
        places += [(x, y, z) for x in span for y in span]
    positions = 2.5 * np.array(places, dtype=float)
    height = positions[:, 2]
    return positions, np.flatnonzero(height == 0.0), np.flatnonzero(height == height.max())


def bar_system(positions: np.ndarray, first: np.ndarray, last: np.ndarray) -> System:
    hamiltonian = tight_binding(positions, -1.0, 2.5, 0.4, 2.6)
    leads = []
    for atoms in (first, last):
        coupling = np.zeros((len(positions), len(atoms)))
        coupling[atoms, np.arange(len(atoms))] = -1.0
        leads.append(Lead(hamiltonian[np.ix_(atoms, atoms)], -1.0, coupling))
    return System(hamiltonian, *leads)


def test_a_uniform_bar_transmits_every_open_channel() -> None:
    system = bar_system(*cubic_neck(3, 6, 3))
    modes = system.left.modes[0]
    for energy in (-4.3, -1.9, 0.1, 1.7):
        channels = int(np.sum(np.abs(energy - modes) < 2.0))
        assert system.transmission(energy) == pytest.approx(channels, abs=1e-10)


def test_a_neck_transmits_less_and_its_density_is_hermitian() -> None:
    positions, first, last = cubic_neck(3, 7, 1)
    system = bar_system(positions, first, last)
    assert 0.0 <= system.transmission(-0.5) <= 1.0 + 1e-12
    density = system.density(-0.4, 0.4, 1e-7)
    assert np.allclose(density, density.conj().T, atol=1e-6)
    occupied = density.diagonal().real
    assert np.all((occupied > 0.0) & (occupied < 1.0))
    forces = recoil_forces(system.hamiltonian, positions, density, 0.4)
    axial = np.flatnonzero((positions[:, :2] == 2.5).all(axis=1))
    assert np.abs(forces[axial, :2]).max() < 1e-5  # no force across the axis of symmetry


def test_a_run_writes_its_tables_and_figures(tmp_path: Path) -> None:
    config = build_config(
        {
            "model": "atomic_chain",
            "chain": {
                "hopping": "-2 eV",
                "left_hopping": "-1.75 eV",
                "right_hopping": "-2.25 eV",
            },
            "voltage_division": 0.0,
            "output": {"energies": 21, "biases": 2, "atoms": 3, "asymmetries": 5},
        }
    )
    out = runner.run(config, tmp_path / "run")
    summary = json.loads((out / "summary.json").read_text())
    assert summary["central_force_zero_bias_eV_per_A"] == pytest.approx(0.664, abs=5e-4)
    assert summary["central_force_zero_bias_linear_eV_per_A"] == pytest.approx(0.709, abs=5e-4)
    assert summary["critical_voltage_V"] == pytest.approx(1.757, abs=5e-4)
    assert summary["critical_voltage_exact_V"] is None
    assert {"transmission_at_fermi", "conductance_G0", "central_force_change_eV_per_A"} <= set(
        summary
    )
    spectrum = pd.read_csv(out / "spectrum.csv")
    assert np.allclose(spectrum["transmission"], spectrum["transmission_closed_form"], rtol=1e-10)
    assert len(pd.read_csv(out / "timeseries.csv")) == 3
    assert list(pd.read_csv(out / "atoms.csv")["atom"]) == list(range(-3, 4))
    names = {path.name for path in make_figures(out, quiet=True)}
    assert names == {"chain_spectrum.png", "recoil_and_conductance.png", "atom_forces.png"}


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ({"chain": {"hopping": "0 eV"}}, "chain.hopping"),
        ({"chain": {"left_hopping": "-1"}}, "chain.left_hopping"),
        ({"chain": {"fermi_energy": "4 eV"}}, "chain.fermi_energy"),
        ({"chain": {"decay": "-1 nm^-1"}}, "chain.decay"),
        ({"chain": {"screened_charge": -0.1}}, "chain.screened_charge"),
        ({"chain": {"lattice_constant": "0 nm"}}, "chain.lattice_constant"),
        ({"voltage_division": 1.2}, "voltage_division"),
        ({"bias": 1}, "bias"),
        ({"members": 2}, "members"),
        ({"drive": []}, "drive"),
        ({"output": {"energies": 1}}, "output.energies"),
    ],
    ids=str,
)
def test_bad_input_names_its_key(raw: dict[str, object], key: str) -> None:
    with pytest.raises(InputError) as caught:
        build_config({"model": "atomic_chain", **raw})
    assert str(caught.value).startswith(f"{key}: ")


def test_systems_that_do_not_fit_are_refused() -> None:
    lead = Lead.chain(2, 0, -1.0, -1.0)
    with pytest.raises(InputError, match="symmetric"):
        System(np.array([[0.0, 1.0], [2.0, 0.0]]), lead, lead)
    with pytest.raises(InputError, match="coupling"):
        System(np.zeros((3, 3)), lead, lead)
