"""Hand-over from tunnelling to contact: limits, smoothness, monotony, and the point contacts."""

import math

import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.contact.handover import HandOver, PointContactLayer, matching_radius
from tusk.solver.physics.protocols import Tunnelling
from tusk.solver.physics.tunnelling import SimmonsFull, SimmonsLinear

EV, H, HBAR, ME = 1.602176634e-19, 6.62607015e-34, 1.054571817e-34, 9.1093837e-31
G0 = 2 * EV**2 / H
ATOM = (63.546 * 1.66053907e-27 / 8960.0) ** (2 / 3)
SIMMONS = SimmonsLinear(0.42, 3.7 * EV, 0.5)
FULL = SimmonsFull(0.42, 3.7 * EV)
MATCHED = PointContactLayer(matching_radius(0.42, 3.7 * EV), ATOM)
HAND_OVER = HandOver(SIMMONS, MATCHED)
GAPS = np.concatenate(([0.0], np.geomspace(1e-15, 5e-9, 4001)))


def test_matched_contact_shares_the_decay_length_of_the_oxide():
    assert MATCHED.radius == pytest.approx(0.296e-9, rel=2e-3)
    assert MATCHED.decay_length == pytest.approx(0.0783e-9, rel=1e-3)
    assert pytest.approx(0.0518e-18, rel=1e-3) == ATOM


def test_closed_contact_carries_one_quantum_per_atom():
    assert HAND_OVER.conductance_per_area(0.0, 0.5, 300.0) * ATOM == pytest.approx(G0, rel=1e-12)


@pytest.mark.parametrize("law", [SIMMONS, FULL], ids=["linear", "full"])
@pytest.mark.parametrize("radius", [MATCHED.radius, 0.453e-9], ids=["matched", "M6"])
@pytest.mark.parametrize("voltage", [0.0, 0.5, 1.7])
def test_conductance_falls_smoothly_from_contact_to_5_nm(law, radius, voltage):
    joined = HandOver(law, PointContactLayer(radius, ATOM))
    conductance = joined.conductance_per_area(GAPS, voltage, 300.0)
    assert np.all(np.diff(conductance) < 0.0)
    # C1: one-sided slopes of ln G agree everywhere, at the hand-over too
    width = 1e-14
    g = np.geomspace(2e-14, 5e-9, 1501)
    log = np.log([joined.conductance_per_area(g + k * width, voltage, 300.0) for k in (-1, 0, 1)])
    left, right = (log[1] - log[0]) / width, (log[2] - log[1]) / width
    assert right == pytest.approx(left, rel=5e-3)
    assert np.all(right < -1.0 / 0.5e-9)


def test_open_gap_is_the_tunnel_law():
    assert HAND_OVER.conductance_per_area(0.066e-9, 1.0, 300.0) == pytest.approx(
        SIMMONS.conductance_per_area(0.066e-9, 1.0, 300.0), rel=1e-3
    )
    crossing = 0.0130e-9
    assert MATCHED.zero_bias_conductance(crossing) == pytest.approx(
        SIMMONS.conductance_per_area(crossing, 0.0, 300.0), rel=0.02
    )


def test_point_contacts_hand_values():
    # M5 at g = 0.5 nm, R = 0.45 nm and the free mass: V0 = 0.518 V, I0 = G0 V0 = 40.2 uA
    layer = PointContactLayer(0.45e-9, ATOM)
    characteristic = 2 * HBAR**2 * 2.405 / (EV * math.pi * ME * 0.45e-9 * 0.5e-9)
    assert characteristic == pytest.approx(0.518, rel=2e-3)
    expected = G0 * characteristic * math.exp(-0.5e-9 * math.pi * 2.405 / 0.9e-9)
    current = layer.conductance_per_area(0.5e-9, 0.8, 300.0) * 0.8 * ATOM
    assert current == pytest.approx(expected * math.sinh(0.8 / characteristic), rel=1e-12)
    assert layer.barrier_height / EV == pytest.approx(1.088, rel=1e-3)  # M2
    assert layer.conductance_per_area(0.0, 0.3, 300.0) * ATOM == pytest.approx(G0, rel=1e-12)


def test_both_are_tunnel_laws_and_say_their_formula():
    for law in (MATCHED, HAND_OVER):
        assert isinstance(law, Tunnelling)
        assert law.conductance_per_area(0.1e-9, -0.4, 300.0) == law.conductance_per_area(
            0.1e-9, 0.4, 300.0
        )
        assert "G0" in str(law) or "G_Q" in str(law)


def test_numpy_and_forms_give_the_same_numbers():
    import ufl
    from ufl.algorithms import expand_derivatives

    gap, voltage = ufl.variable(ufl.as_ufl(0.03)), ufl.as_ufl(0.7)
    for law in (MATCHED, HAND_OVER):
        form = law.conductance_per_area(1e-9 * gap, voltage, 300.0)
        assert float(form(())) == pytest.approx(
            float(law.conductance_per_area(0.03e-9, 0.7, 300.0)), rel=1e-12
        )
        slope = float(expand_derivatives(ufl.diff(form, gap))(()))
        h = 1e-6
        ends = [law.conductance_per_area((0.03 + k * h) * 1e-9, 0.7, 300.0) for k in (-1, 1)]
        assert slope == pytest.approx((ends[1] - ends[0]) / (2 * h), rel=1e-6)


@pytest.mark.parametrize(
    ("values", "key"),
    [((-1e-9, ATOM, 1.0), "radius"), ((1e-9, 0.0, 1.0), "channel_area"),
     ((1e-9, ATOM, 0.0), "effective_mass")],
)  # fmt: skip
def test_bad_input_is_named(values, key):
    with pytest.raises(InputError, match=f"^PointContactLayer.{key}: "):
        PointContactLayer(*values)
