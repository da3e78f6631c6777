"""The nucleus: what rests on it does not dissolve; still, it exchanges no ions at all."""

from __future__ import annotations

import numpy as np
import pytest

from tusk.meshes.cell import ElectrodeSurface
from tusk.meshes.curve import hemisphere
from tusk.solver.front.faraday import FaradayGrowth
from tusk.solver.front.nucleus import Nucleus
from tusk.solver.front.surface import Branches, Shape, Solved, SurfaceKinetics, Weights
from tusk.solver.physics import growth

RADIUS = 0.256


class Constant:
    """Branches that are the same everywhere, A/m²."""

    def __init__(self, anodic: float, cathodic: float) -> None:
        self.anodic, self.cathodic = anodic, cathodic

    def branches(self, curve: np.ndarray, fields: np.ndarray, void: bool = True) -> Branches:
        one = np.ones(len(curve))
        return Branches(self.anodic * one, self.cathodic * one)

    def shifted(self, offset: float) -> SurfaceKinetics:
        raise NotImplementedError


def nucleus(still: bool) -> Nucleus:
    return Nucleus(RADIUS, FaradayGrowth(growth.FaradayGrowth(2, 1.055e-25, 8960.0)), still)


def solved(anodic: float, cathodic: float) -> Solved:
    shape = Shape(hemisphere(RADIUS, 9), ElectrodeSurface(0.05))
    return Solved(shape, np.zeros((9, 3)), np.zeros((0, 3)), Constant(anodic, cathodic))


@pytest.mark.parametrize("still", [False, True])
def test_a_still_surface_rests_from_the_start(still: bool) -> None:
    at = solved(1.0, 0.5)
    assert (nucleus(still).begin(at.shape).nodes == still).all()


@pytest.mark.parametrize("still", [False, True])
def test_what_would_dissolve_is_held_and_what_grows_is_free(still: bool) -> None:
    process = nucleus(still)
    for anodic, cathodic, held in ((1.0, 0.5, True), (0.5, 1.0, False)):
        at = solved(anodic, cathodic)
        memory = process.concluded(process.begin(at.shape), at)
        assert (memory.nodes == held).all()
        weights = process.weigh(memory, at.shape, Weights.free(9))
        assert (weights.dissolving == 1.0 - held).all()
        assert (weights.retreating == 1.0 - held).all()
        assert (weights.depositing == 1.0 - (held and still)).all()
        assert (weights.advancing == 1.0 - (held and still)).all()
