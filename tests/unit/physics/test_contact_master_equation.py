"""Sites of a contact: closed forms, the master equation, and Gillespie paths against both."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import binom, chisquare, kstest

from tusk.solver.errors import InputError
from tusk.solver.physics.contact.master_equation import (
    EventNumbers,
    SiteRates,
    binomial,
    distribution,
    event_numbers,
    evolve,
    gillespie,
    member_stream,
    transmissions,
)

RATES = SiteRates(0.7, 0.3)
SITES = 50


def exact(sites, initial, rates, duration):
    """P(n, t) from the gain-loss equations [M 11], integrated numerically."""
    n = np.arange(sites + 1)
    up, down = rates.set_rate * (sites - n), rates.reset_rate * n

    def slope(_, p):
        out = -(up + down) * p
        out[1:] += up[:-1] * p[:-1]
        out[:-1] += down[1:] * p[1:]
        return out

    start = (n == initial).astype(float)
    return solve_ivp(slope, (0.0, duration), start, rtol=1e-10, atol=1e-13).y[:, -1]


@pytest.mark.parametrize("initial", [0, 7, 20])
def test_distribution_solves_the_gain_loss_equations(initial):
    expected = exact(20, initial, RATES, 1.3)
    assert distribution(20, initial, RATES, 1.3) == pytest.approx(expected, abs=1e-8)


def test_distribution_from_empty_is_the_binomial_of_the_generating_function():
    # [M 14]: {omega_S [s + exp(-omega t)(1 - s)] + omega_R}^N / omega^N
    p = 0.7 * (1.0 - np.exp(-1.0))
    assert distribution(SITES, 0, RATES, 1.0) == pytest.approx(
        binom.pmf(np.arange(SITES + 1), SITES, p), abs=1e-12
    )
    s = 0.3
    generating = ((0.7 * (s + np.exp(-1.0) * (1 - s)) + 0.3) / 1.0) ** SITES
    powers = s ** np.arange(SITES + 1)
    assert distribution(SITES, 0, RATES, 1.0) @ powers == pytest.approx(generating, rel=1e-12)


def test_moments_are_those_of_the_mean_field():
    n = np.arange(SITES + 1)
    p = distribution(SITES, 0, RATES, 0.8)
    rho = RATES.fraction(0.0, 0.8)
    assert n @ p == pytest.approx(SITES * rho, rel=1e-12)
    assert n**2 @ p - (n @ p) ** 2 == pytest.approx(SITES * rho * (1 - rho), rel=1e-10)


def test_mean_field_solves_its_rate_equation_and_keeps_its_state_without_rates():
    h = 1e-5
    for rho in (0.0, 0.4, 1.0):
        slope = (RATES.fraction(rho, h) - rho) / h  # [M 19] with g~ = 1 - rho
        assert slope == pytest.approx(0.7 * (1 - rho) - 0.3 * rho, rel=1e-4)
        assert SiteRates(0.0, 0.0).fraction(rho, 1e9) == rho
    assert RATES.fraction(0.0, 1e3) == pytest.approx(0.7, rel=1e-12)


def test_evolving_in_two_steps_is_one_step():
    at_once = distribution(SITES, 12, RATES, 1.0)
    in_two = evolve(distribution(SITES, 12, RATES, 0.35), RATES, 0.65)
    assert in_two == pytest.approx(at_once, abs=1e-13)


def test_binomial_at_its_ends():
    assert binomial(3, 0.0).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert binomial(3, 1.0).tolist() == [0.0, 0.0, 0.0, 1.0]
    assert binomial(0, 0.4).tolist() == [1.0]


@pytest.mark.parametrize("rates", [RATES, SiteRates(1.0, 0.0), SiteRates(0.4, 0.6)])
def test_paths_follow_the_exact_distribution(rates):
    paths = 100_000
    final = gillespie(SITES, 0, [rates], [3.0], paths, member_stream(11, 0))[0]
    p = rates.fraction(0.0, 3.0)
    assert abs(final.mean() - SITES * p) < 4 * np.sqrt(SITES * p * (1 - p) / paths)
    variance = SITES * p * (1 - p)
    assert final.var(ddof=1) == pytest.approx(variance, rel=4 * np.sqrt(2 / paths))
    observed = np.bincount(final, minlength=SITES + 1)
    expected = paths * binom.pmf(np.arange(SITES + 1), SITES, p)
    inside = expected >= 5.0
    observed = np.append(observed[inside], observed[~inside].sum())
    expected = np.append(expected[inside], expected[~inside].sum())
    assert chisquare(observed, expected).pvalue > 1e-3


def test_paths_through_intervals_with_rates_of_their_own():
    rates = [SiteRates(2.0, 0.0), SiteRates(0.0, 1.5), SiteRates(0.5, 0.5)]
    durations = [0.3, 0.2, 0.6]
    n = gillespie(30, 5, rates, durations, 20_000, member_stream(3, 1))
    rho = 5 / 30
    for rate, duration, sample in zip(rates, durations, n, strict=True):
        rho = rate.fraction(rho, duration)
        error = sample.std() / np.sqrt(len(sample))
        assert abs(sample.mean() - 30 * rho) < 4 * error


def test_same_seed_same_paths_other_member_other_paths():
    def run(seed, member):
        return gillespie(SITES, 0, [RATES], [1.0], 500, member_stream(seed, member))

    assert np.array_equal(run(5, 2), run(5, 2))
    assert not np.array_equal(run(5, 2), run(5, 3))
    assert not np.array_equal(run(5, 2), run(6, 2))


def test_event_numbers_depend_on_nothing_drawn_before():
    first = event_numbers(4, 1, 17).standard_exponential(3)
    event_numbers(4, 1, 16).standard_exponential(100)
    assert np.array_equal(event_numbers(4, 1, 17).standard_exponential(3), first)
    drawn = [event_numbers(4, 1, k).standard_exponential() for k in range(4000)]
    assert kstest(drawn, "expon").pvalue > 1e-3


def test_one_stream_set_to_events_gives_their_numbers():
    numbers = EventNumbers(4, 1)
    for event in (3, 17, 3, 2**40):
        stream, expected = numbers.of(event), event_numbers(4, 1, event)
        assert stream.standard_exponential() == expected.standard_exponential()
        assert stream.random(5).tolist() == expected.random(5).tolist()


def test_transmissions_are_at_most_one_and_as_wide_as_asked():
    stream = member_stream(1, 0)
    assert transmissions(stream, 5, 0.0).tolist() == [1.0] * 5
    drawn = transmissions(stream, 20_000, 0.05)
    assert drawn.max() <= 1.0
    assert np.mean(1.0 - drawn) == pytest.approx(0.05 * np.sqrt(2 / np.pi), rel=0.03)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: SiteRates(-1.0, 0.0), r"SiteRates\.set_rate: must be finite and at least 0"),
        (lambda: distribution(0, 0, RATES, 1.0), "sites: must be at least 1, got 0"),
        (
            lambda: distribution(3, 4, RATES, 1.0),
            r"distribution\.initial: must lie between 0 and 3",
        ),
        (lambda: gillespie(0, 0, [RATES], [1.0], 1, member_stream(1, 0)), "sites"),
    ],
)
def test_bad_input_is_named(build, words):
    with pytest.raises(InputError, match=words):
        build()
