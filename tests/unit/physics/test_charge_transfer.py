"""Butler-Volmer: hand values, detailed balance, monotonicity, both barrier readings, guards."""

import math

import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.charge_transfer import ButlerVolmer, NoChargeTransfer
from tusk.solver.physics.thermal_energy import thermal_energy

E, K = 1.602176634e-19, 1.380649e-23
VOLTAGES = np.linspace(-3.0, 3.0, 121)
TEMPERATURES = np.array([200.0, 300.0, 600.0, 900.0, 2000.0])


@pytest.fixture
def law():
    return ButlerVolmer(2, 0.1, 1e26, 2.052e3, 0.763 * E)


@pytest.fixture
def growth_law():
    return ButlerVolmer(2, 0.1, 1e26, 2.052e3, 0.763 * E, barriers="growth")


def test_exchange_current_of_the_default_set(law):
    # 2 x 1.602e-19 C x 1e26 /m3 x 2052 m/s = 6.5753e10 A/m2; 0.763/0.0258520 = 29.5142
    assert law.prefactor == pytest.approx(6.57533e10, rel=1e-5)
    assert law.exchange_current_density(300.0) == pytest.approx(1.0e-2, rel=1e-3)
    hand = 6.57533e10 * math.exp(-0.763 / (K / E * 300.0))
    assert law.exchange_current_density(300.0) == pytest.approx(hand, rel=1e-5)


def test_hand_value_at_minus_0p8_volt(law):
    # kT/e = 25.8520 mV: cathodic 1.00019e-2 exp(0.2 x 0.8/0.025852) = 4.876 A/m2
    anodic, cathodic = law.branches(-0.8, 300.0)
    assert cathodic == pytest.approx(1.000189e-2 * math.exp(0.16 / 0.02585200), rel=1e-5)
    assert anodic == pytest.approx(1.000189e-2 * math.exp(-1.44 / 0.02585200), rel=1e-4)
    assert law.current_density(-0.8, 300.0) == pytest.approx(anodic - cathodic, rel=1e-15)


def test_zero_overpotential_gives_zero_current(law):
    assert law.current_density(0.0, 300.0, 0.2 * E) == 0.0


def test_linear_response(law):
    # dJ/d eta at 0 is J0 z e/kT, whatever alpha
    step = 1e-7
    slope = (law.current_density(step, 300.0) - law.current_density(-step, 300.0)) / (2 * step)
    expected = law.exchange_current_density(300.0) * 2 * E / (K * 300.0)
    assert slope == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("eta", [-0.3, -0.01, 0.02, 0.4])
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_detailed_balance(law, eta, temperature):
    anodic, cathodic = law.branches(eta, temperature, 0.1 * E)
    assert math.log(anodic / cathodic) == pytest.approx(2 * E * eta / (K * temperature), rel=1e-9)


def test_tafel_slopes(law):
    anodic, cathodic = law.branches(np.array([0.5, 0.6]), 300.0)
    assert np.log(anodic[1] / anodic[0]) == pytest.approx(0.1 * 1.8 * E / (K * 300.0), rel=1e-9)
    assert np.log(cathodic[1] / cathodic[0]) == pytest.approx(-0.1 * 0.2 * E / (K * 300.0))


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("barriers", ["both", "growth"])
def test_strictly_increasing_in_the_overpotential(temperature, barriers):
    law = ButlerVolmer(2, 0.1, 1e26, 2.052e3, 0.763 * E, barriers=barriers)
    current = law.current_density(VOLTAGES, temperature, 0.3 * E)
    assert np.isfinite(current).all()
    assert (np.diff(current) > 0.0).all()


@pytest.mark.parametrize("eta", [-1.0, -0.2, 0.0, 0.2])
def test_branches_grow_with_temperature_below_the_barrier(law, eta):
    temperature = np.linspace(200.0, 2000.0, 91)
    anodic, cathodic = law.branches(eta, temperature)
    assert (np.diff(anodic) > 0.0).all()
    assert (np.diff(cathodic) > 0.0).all()


def test_branches_are_never_negative(law):
    grid = np.meshgrid(VOLTAGES, TEMPERATURES)
    for branch in law.branches(*grid, 5.0 * E):
        assert (branch >= 0.0).all()


def test_extra_barrier_slows_both_branches(law):
    factor = math.exp(-0.25 * E / (K * 400.0))
    free, slowed = law.branches(-0.3, 400.0), law.branches(-0.3, 400.0, 0.25 * E)
    assert np.divide(slowed, free) == pytest.approx([factor, factor], rel=1e-12)


def test_growth_barrier_slows_the_cathodic_branch_only(law, growth_law):
    factor = math.exp(-0.25 * E / (K * 400.0))
    free, slowed = growth_law.branches(-0.3, 400.0), growth_law.branches(-0.3, 400.0, 0.25 * E)
    assert np.divide(slowed, free) == pytest.approx([1.0, factor], rel=1e-12)
    assert growth_law.branches(0.1, 400.0) == law.branches(0.1, 400.0)


def test_growth_barrier_moves_the_equilibrium(growth_law):
    # the two branches meet at eta = -W/(z e): the barrier is stored energy
    assert growth_law.current_density(-0.25 / 2, 400.0, 0.25 * E) == pytest.approx(0.0, abs=1e-15)


def test_offset_enters_the_overpotential_only():
    law = ButlerVolmer(1, 0.3, 1e26, 1.0, 0.5 * E, equilibrium_offset=0.15)
    assert law.overpotential(1.0, 0.25) == pytest.approx(0.6)
    assert law.current_density(law.overpotential(0.15, 0.0), 300.0) == 0.0


@pytest.mark.parametrize("eta", [-1e3, -50.0, 50.0, 1e3])
@pytest.mark.parametrize("temperature", [-500.0, 0.0, 1.0, 300.0, 1e5])
@pytest.mark.parametrize("extra", [0.0, 1e24 * E])
def test_wild_iterates_stay_finite_and_keep_their_sign(law, eta, temperature, extra):
    current = law.current_density(eta, temperature, extra)
    assert np.isfinite(current)
    if extra == 0.0:
        assert np.sign(current) == np.sign(eta)


def test_scalar_array_and_broadcast(law):
    grid = law.current_density(VOLTAGES[:, None], TEMPERATURES[None, :])
    assert grid.shape == (VOLTAGES.size, TEMPERATURES.size)
    assert grid[7, 2] == law.current_density(VOLTAGES[7], TEMPERATURES[2])


@pytest.mark.parametrize("eta", [-3.0, -0.4, 0.0, 0.05, 3.0])
@pytest.mark.parametrize("temperature", [200.0, 777.0, 2000.0])
def test_ufl_agrees_with_numpy(law, growth_law, symbolic, eta, temperature):
    for member in (law, growth_law):
        arguments = (eta, temperature, 0.1 * E)
        expected = member.current_density(*arguments)
        assert symbolic.value(member.current_density, *arguments) == pytest.approx(
            expected, rel=1e-13
        )


@pytest.mark.parametrize("by", [0, 1, 2])
def test_ufl_derivatives_against_central_differences(law, symbolic, by):
    point = np.array([-0.7, 450.0, 0.1 * E])
    step = np.zeros(3)
    step[by] = 1e-5 * abs(point[by])
    difference = law.current_density(*(point + step)) - law.current_density(*(point - step))
    slope = symbolic.derivative(law.current_density, *point, by=by)
    assert slope == pytest.approx(difference / (2 * step[by]), rel=1e-6)


def test_derivative_at_zero_is_finite(law, symbolic):
    slope = symbolic.derivative(law.current_density, 0.0, 300.0)
    assert slope == pytest.approx(law.exchange_current_density(300.0) * 2 * E / (K * 300), rel=1e-9)


def test_null_member(symbolic):
    null = NoChargeTransfer()
    assert null.overpotential(2.0, 0.5) == 1.5
    assert (null.current_density(VOLTAGES, 300.0) == np.zeros(VOLTAGES.size)).all()
    assert null.branches(0.3, 300.0) == (0.0, 0.0)
    assert null.exchange_current_density(300.0) == 0.0
    variables, _ = symbolic.coefficients((0.3, 300.0))
    assert null.current_density(*variables) == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("charge_number", 0),
        ("transfer_coefficient", -0.01),
        ("transfer_coefficient", 1.01),
        ("ion_concentration", -1e26),
        ("rate_constant", 0.0),
        ("activation_energy", -E),
        ("activation_energy", math.nan),
        ("equilibrium_offset", math.inf),
    ],
)
def test_bad_parameters_are_named(key, value):
    good = {
        "charge_number": 2,
        "transfer_coefficient": 0.1,
        "ion_concentration": 1e26,
        "rate_constant": 1e3,
        "activation_energy": E,
        "equilibrium_offset": 0.0,
    }
    with pytest.raises(InputError, match=key):
        ButlerVolmer(**(good | {key: value}))


def test_formula_text(law, growth_law):
    text = str(law)
    for part in ("1.8 e eta/kT", "0.2 e eta/kT", "0.763 eV", "A/m^2", "both branches"):
        assert part in text
    assert "the cathodic branch" in str(growth_law)


def test_thermal_energy_floor():
    assert thermal_energy(300.0) == pytest.approx(300.0 * K)
    assert thermal_energy(-5.0) == pytest.approx(10.0 * K)


# --- one free energy ------------------------------------------------------------------------------


def free(symmetry=None, share=None):
    return ButlerVolmer(2, 0.1, 1e26, 2.052e3, 0.763 * E, 0.02, "free_energy", symmetry, share)


BARRIERS = np.array([-0.3, 0.0, 0.04, 0.7]) * E


@pytest.mark.parametrize("symmetry", [None, 0.0, 0.4, 1.0])
@pytest.mark.parametrize("share", [None, 0.0, 0.3])
def test_forward_and_backward_obey_boltzmann(symmetry, share):
    """anodic/cathodic = exp((z e eta + theta W)/kT), whatever the symmetry: to 1e-12."""
    law = free(symmetry, share)
    for W in BARRIERS:
        energy = (1.0 if share is None else share) * W
        assert law.stored_energy(W) == pytest.approx(energy, abs=1e-30)
        for temperature in (250.0, 300.0, 900.0):
            eta = 0.05
            anodic, cathodic = law.branches(eta, temperature, W)
            exponent = (2 * E * eta + energy) / (K * temperature)
            assert anodic / cathodic == pytest.approx(math.exp(exponent), rel=1e-12)


@pytest.mark.parametrize("law", [free(), free(0.7, 0.5), free(1.0), free(None, 0.0)])
def test_nothing_moves_and_nothing_is_dissipated_in_equilibrium(law):
    """At z e eta = -energy; beside it what is dissipated, (z e eta + energy) J, is above zero."""
    for W in BARRIERS:
        balance = -law.stored_energy(W) / (2 * E)
        exchange = law.branches(balance, 300.0, W)[0]
        assert abs(law.current_density(balance, 300.0, W)) < 1e-12 * exchange
        for beside in (-0.2, -1e-3, 1e-3, 0.2):
            assert beside * law.current_density(balance + beside, 300.0, W) > 0.0


def test_both_and_growth_are_limits_of_the_free_energy(law, growth_law):
    both, growth = free(None, 0.0), free(1.0, 1.0)
    for W in BARRIERS:
        for eta in (-0.6, 0.0, 0.3):
            assert both.branches(eta, 400.0, W) == pytest.approx(
                law.branches(eta, 400.0, W), rel=1e-12
            )
            assert growth.branches(eta, 400.0, W) == pytest.approx(
                growth_law.branches(eta, 400.0, W), rel=1e-12
            )


def test_the_energy_acts_as_an_overpotential_by_default(law):
    """lambda = alpha: W shifts eta by W/ze, as capillarity does."""
    W = 0.2 * E
    shifted = law.branches(-0.4 + 0.1, 300.0)
    assert free().branches(-0.4, 300.0, W) == pytest.approx(shifted, rel=1e-12)


@pytest.mark.parametrize("name", ["barrier_symmetry", "barrier_energy_share"])
def test_parts_of_the_energy_lie_between_zero_and_one(name):
    with pytest.raises(InputError, match=f"ButlerVolmer.{name}: must lie between 0 and 1"):
        ButlerVolmer(2, 0.1, 1e26, 2e3, E, barriers="free_energy", **{name: 1.5})
