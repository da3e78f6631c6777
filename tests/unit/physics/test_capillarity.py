import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.capillarity import (
    COPPER_IN_OXIDE,
    SILVER,
    NoCapillarity,
    SurfaceDiffusion,
    SurfaceTension,
    young_angle,
)
from tusk.solver.physics.capillary import CapillaryRelaxation

COPPER = SurfaceTension(1.8, 2, 1.18e-29)


def test_gibbs_thomson_of_a_sphere_of_copper() -> None:
    # 2 gamma Omega/r = 2 * 1.8 * 1.18e-29/1e-9 J = 0.26514 eV, over z = 2: 0.13257 V
    assert COPPER.potential(2.0 / 1e-9) == pytest.approx(0.13257, rel=1e-4)
    assert COPPER.potential(np.array([-1e9, 0.0])) == pytest.approx([-0.066286, 0.0], rel=1e-4)
    assert "0.06628 V per 1/nm" in str(COPPER)


def test_convex_metal_is_oxidised_more_easily() -> None:
    assert COPPER.potential(1e9) > 0.0  # adds to eta, whose positive sign oxidises


def test_mobility_is_that_of_the_relaxation_formula() -> None:
    # B = D_0 e^(-E/kT) gamma Omega^(4/3)/kT; Ag at 300 K by hand: D_s = 1e-7 e^(-18.1799),
    # Omega^(4/3) = 4.406e-39, kT = 4.1419e-21: B = 1.2728e-15 * 1.2 * 4.406e-39/4.1419e-21
    assert SILVER.mobility(300.0) == pytest.approx(1.625e-33, rel=2e-3)
    relaxation = CapillaryRelaxation(
        SILVER.surface_energy,
        SILVER.diffusion_prefactor,
        SILVER.activation_energy,
        SILVER.atomic_volume,
    )
    assert SILVER.mobility(350.0) == relaxation.mobility(350.0)
    # Nichols and Mullins: the fastest wave of a cylinder grows with B/(4 r^4)
    assert relaxation.cylinder_time(1e-9, 300.0) == pytest.approx(4e-36 / 1.625e-33, rel=2e-3)


def test_mobility_rises_with_temperature_and_is_slower_in_oxide() -> None:
    assert SILVER.mobility(400.0) > 10.0 * SILVER.mobility(300.0)
    assert COPPER_IN_OXIDE.mobility(300.0) < 1e-6 * SILVER.mobility(300.0)
    assert "0.47 eV" in str(SILVER)


def test_null_member() -> None:
    kappa = np.array([1e9, -1e9])
    assert np.array_equal(NoCapillarity().potential(kappa), [0.0, 0.0])
    assert NoCapillarity().mobility(300.0) == 0.0
    assert str(NoCapillarity()) == "no surface tension"


@pytest.mark.parametrize(
    ("between", "electrode", "degrees"), [(1.0, 1.0, 90.0), (0.5, 1.4, 60.0), (1.4, 0.5, 120.0)]
)
def test_young(between: float, electrode: float, degrees: float) -> None:
    assert np.degrees(young_angle(1.8, between, electrode)) == pytest.approx(degrees)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(InputError, match=r"must differ by at most 1\.8 J/m\^2, got 3 and 1"):
        young_angle(1.8, 1.0, 3.0)
    with pytest.raises(InputError, match="surface_energy"):
        SurfaceTension(0.0, 2, 1e-29)
    with pytest.raises(InputError, match="charge_number"):
        SurfaceTension(1.0, 0, 1e-29)
    with pytest.raises(InputError, match="activation_energy"):
        SurfaceDiffusion(1.0, 1e-7, -1.0, 1e-29)
