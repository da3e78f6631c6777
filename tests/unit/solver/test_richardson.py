"""Richardson's extrapolation on numbers whose limit is known."""

from __future__ import annotations

import math

import pytest

from tusk.solver.richardson import estimate

RATIO = math.sqrt(0.5)


def ladder(limit: float, slope: float, order: float) -> list[float]:
    return [limit + slope * (RATIO**k) ** order for k in range(3)]


@pytest.mark.parametrize("order", [0.6, 1.0, 2.0])
@pytest.mark.parametrize("slope", [0.03, -5.0])
def test_a_power_law_is_extrapolated_exactly(order: float, slope: float) -> None:
    found = estimate(ladder(7.0, slope, order), RATIO)
    assert found.regular
    assert found.order == pytest.approx(order)
    assert found.limit == pytest.approx(7.0)
    assert found.error == pytest.approx(abs(slope))


def test_an_order_above_theory_is_not_believed() -> None:
    """With order 3 observed the remainder is that of order 2: the error is larger."""
    values = ladder(7.0, 1.0, 3.0)
    found = estimate(values, RATIO)
    assert found.order == pytest.approx(3.0)
    assert found.regular
    # With q² = 1/2 the remainder equals the last difference.
    assert found.error == pytest.approx(values[0] - values[2] + values[1] - values[2])
    assert found.error > 1.0


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.2, 1.1],  # turns round
        [1.0, 1.0, 1.1],  # stands still, then moves
        ladder(7.0, 1.0, 0.3),  # too slow to be extrapolated
        ladder(7.0, 1.0, 5.0),  # too fast to be true
        [1.0, 1.1, 1.3],  # diverges
    ],
)
def test_an_irregular_ladder_gets_one_and_a_half_of_its_largest_difference(
    values: list[float],
) -> None:
    found = estimate(values, RATIO)
    assert not found.regular
    assert found.limit is None
    assert found.error == pytest.approx(1.5 * (max(values) - min(values)))


def test_a_number_that_does_not_depend_on_the_resolution_has_no_error() -> None:
    found = estimate([2.0, 2.0, 2.0], RATIO)
    assert (found.error, found.limit, found.regular) == (0.0, 2.0, True)


@pytest.mark.parametrize(("values", "ratio"), [([1.0, 2.0], 0.5), ([1.0, 2.0, 3.0], 2.0)])
def test_what_is_no_ladder_is_refused(values: list[float], ratio: float) -> None:
    with pytest.raises(ValueError, match="three numbers"):
        estimate(values, ratio)
