"""How runs of many atomic sites are measured against Milano et al. 2024 (rows N)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tusk.postprocess.conductance import QUANTUM, Trace, histogram, plateaus, shifted_level, traces
from tusk.postprocess.reproduction.checks import Array, Check, Studies, holds
from tusk.postprocess.run import Run


def series_resistance(run: Run) -> float:
    """Return the resistance in series with the contact, ohm."""
    return run.quantity("source", "series_resistance", "resistance")


def peaks(studies: Studies) -> list[Check]:
    """N1, N2, N3."""
    run = studies["current_sweeps"]
    own, raw = (histogram(traces(run, measured)) for measured in (False, True))
    found = {level: own.peak_near(float(level)) for level in (1, 2, 3)}
    points = own.points
    shares = [float(np.mean(np.abs(t.conductance - 1.0) < 0.3)) for t in traces(run)]
    heights = {level: 0.0 if peak is None else peak[1] for level, peak in found.items()}
    above = own.centres > 0.5
    top = float(own.centres[above][own.counts[above].argmax()])
    checks = [
        Check("points", points, "", 464_000, digits=6),
        Check("sweeps", len(shares), "", 116),
        Check("share of a sweep within 0.3 of G0", float(np.mean(shares))),
        Check("its spread between sweeps", float(np.std(shares, ddof=1)), "", 0.05),
        *(
            Check(f"peak {n}", np.nan if peak is None else peak[0], "G0", 0.93 * n, 1.07 * n)
            for n, peak in found.items()
        ),
        Check("largest near", top, "G0", 0.9, 1.1),
        Check("its width at half height", _width(own.centres, own.counts, heights[1]), "G0", 0.05),
    ]
    for level in (1, 2, 3):
        place = np.nan if (own_peak := found[level]) is None else own_peak[0]
        # What is in series moves the peak where it really is, not the whole number.
        shifted = place / (1.0 + place * series_resistance(run) * QUANTUM)
        peak = raw.peak_near(shifted_level(level, series_resistance(run)), reach=0.3)
        measured = np.nan if peak is None else peak[0]
        low, high = shifted - 0.05, shifted + 0.05
        checks.append(Check(f"measured peak {level}", measured, "G0", low, high))
    return checks


def _width(centres: Array, counts: Array, height: float) -> float:
    """Return the width of the first peak at half its height, G0."""
    near = (np.abs(centres - 1.0) <= 0.5) & (counts >= 0.5 * height)
    return float(near.sum() * (centres[1] - centres[0]))


def steps(studies: Studies) -> list[Check]:
    """N4."""
    run = studies["current_sweeps"]
    jumps = np.diff(run.column("conductance_G0")) > 0.6
    falls = np.diff(run.column("cell_voltage_V"))[jumps]
    first = traces(run)[0]
    return [
        Check("levels in the first sweep", levels(first), "", 2.0),
        Check("steps up by more than 0.6 G0", int(jumps.sum()), "", 1.0),
        holds("the voltage falls at each", bool((falls < 0.0).all())),
    ]


def levels(trace: Trace) -> int:
    """Return how many whole conductances above zero the plateaus of a trace show."""
    return len({plateau.level for plateau in plateaus(trace) if plateau.level > 0})


def slow_sweeps(studies: Studies) -> list[Check]:
    """N8: as many points per sweep at both rates."""
    table = levels_per_sweep(studies)
    seen = table.groupby("rate")["levels"].mean()
    return [
        Check("levels per sweep at 90 nA/s", float(seen["90 nA/s"]), "", low=seen["9 uA/s"] + 0.5),
        Check("at 9 µA/s", float(seen["9 uA/s"])),
        Check("members", len(table) // 2),
    ]


def levels_per_sweep(studies: Studies) -> pd.DataFrame:
    """Return how many levels each sweep shows at both rates, as many sweeps of each."""
    groups = {"9 uA/s": traces(studies["fast_sweeps"])}
    groups["90 nA/s"] = traces(studies["current_sweeps"])[: len(groups["9 uA/s"])]
    rows = [(rate, t.member, levels(t)) for rate, group in groups.items() for t in group]
    return pd.DataFrame(rows, columns=["rate", "member", "levels"])


def compliances(studies: Studies) -> list[Check]:
    """N7."""
    medians = settled(studies).groupby("compliance_uA")["conductance_G0"].median()
    return [
        Check("100 µA, median", float(medians[100]), "G0", 0.5, 1.5),
        Check("400 µA, median", float(medians[400]), "G0", 1.5, 3.5),
    ]


def settled(studies: Studies) -> pd.DataFrame:
    """Return the conductance after the SET of every member at both compliances."""
    rows = [
        (limit, t.member, _settled(t.conductance))
        for limit in (100, 400)
        for t in traces(studies[f"compliance_{limit}uA"])
    ]
    return pd.DataFrame(rows, columns=["compliance_uA", "member", "conductance_G0"])


def _settled(conductance: Array) -> float:
    """Return the largest conductance that a tenth of the points reach: the state after the SET."""
    return float(np.quantile(conductance, 0.9))


def fluctuations(studies: Studies) -> list[Check]:
    """N10."""
    trace = traces(studies["fluctuations"])[0]
    late = trace.conductance[len(trace.conductance) // 5 :]
    return [
        Check("mean", float(late.mean()), "G0", 1.5, 3.5),
        Check("scatter", float(late.std()), "G0", 0.05),
        Check("jumps", int((np.abs(np.diff(late)) > 0.5).sum()), "", 5.0),
    ]
