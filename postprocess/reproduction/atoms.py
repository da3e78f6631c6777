"""How trajectories of atoms are measured against Kharlanov 2023 (K15) and Milano 2024 (N11-N15)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import beta, spearmanr

from tusk.postprocess.atoms_trajectory import snapshots
from tusk.postprocess.conductance import traces
from tusk.postprocess.reproduction.checks import Array, Check, Studies, holds
from tusk.postprocess.run import Run
from tusk.postprocess.tables import read_table

PICOSECONDS = 1e12  # ps per s
SWITCH = 0.3
"""Share of its conductance that a switch changes."""
STAGES = ("adatoms", "islands", "bridge", "enlarged")
BIN = 0.1
"""Of the histogram of pulled necks, G0."""
OPEN = 0.05
"""Conductance below which a pulled neck is torn, G0."""


# --- Kharlanov 2023, Fig. 2b ----------------------------------------------------------------------


def members(studies: Studies, begin: str) -> list[Run]:
    """Return the runs of an ensemble, whose studies begin alike."""
    return [studies[name] for name in studies if name.startswith(begin)]


def change(run: Run) -> float:
    """Return the conductance of the last tenth of a trajectory over that of the first."""
    values = run.column("conductance_G0")
    part = max(1, len(values) // 10)
    return float(values[-part:].mean() / values[:part].mean())


def interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a probability (Clopper and Pearson)."""
    low = 0.0 if count == 0 else float(beta.ppf(0.025, count, total - count + 1))
    high = 1.0 if count == total else float(beta.ppf(0.975, count + 1, total - count))
    return low, high


def emptied(run: Run) -> tuple[float, float]:
    """Return the atoms of the left and of the right half at the end over those at the start."""
    found = snapshots(run)
    halves = [[int((each.layers * side > 0).sum()) for side in (-1, 1)] for each in found]
    left, right = np.array(halves[-1]) / np.maximum(halves[0], 1)
    return float(left), float(right)


def switching(studies: Studies) -> list[Check]:
    """K15: electrons come from the right, so that the anode is the left half."""
    checks = []
    rises = 0
    for volts in (1, 0):
        runs = members(studies, f"fig2b_{volts}V")
        changes = np.array([change(run) for run in runs])
        up, down = int((changes > 1.0 + SWITCH).sum()), int((changes < 1.0 - SWITCH).sum())
        low, high = (100.0 * part for part in interval(up + down, len(runs)))
        label = f"switch at {volts} V of {len(runs)} (95 %: {low:.0f} to {high:.0f} %)"
        checks.append(
            Check(label, up + down, low=1.0) if volts else Check(label, up + down, high=0.0)
        )
        if volts:
            rises = up
            checks += [Check("falls among them", down), Check("rises", up)]
    halves = np.array([emptied(run) for run in members(studies, "fig2b_1V")])
    left, right = halves.mean(axis=0)
    return [
        *checks,
        Check("atoms at the anode, end over start", float(left), "", high=0.9),
        Check("at the cathode", float(right)),
        holds("the conductance rises", rises > 0),
    ]


def slender(studies: Studies) -> pd.DataFrame:
    """Return the conductance of all members at both biases over time."""
    parts = []
    for volts in (0, 1):
        for number, run in enumerate(members(studies, f"fig2b_{volts}V"), start=1):
            time, value = PICOSECONDS * run.column("time_s"), run.column("conductance_G0")
            columns = {"bias_V": volts, "member": number, "time_ps": time, "conductance_G0": value}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


# --- Milano 2024 ----------------------------------------------------------------------------------


def begins(run: Run) -> dict[str, float]:
    """Return when each stage of rewiring is first seen, ps; NaN for never."""
    time, stage = PICOSECONDS * run.column("time_s"), run.column("stage")
    return {
        name: float(time[np.argmax(stage == number)]) if (stage == number).any() else np.nan
        for number, name in enumerate(STAGES, start=1)
    }


def stages(studies: Studies) -> list[Check]:
    """N11: of driven growth, and under a voltage."""
    driven, field = begins(studies["plateau"]), begins(studies["field"])
    order = [driven[name] for name in STAGES]
    last = studies["field"].column("stage")
    return [
        holds("driven: adatoms, islands, bridge, enlarged", bool(np.all(np.diff(order) >= 0.0))),
        Check("driven bridge after", driven["bridge"], "ps"),
        Check("under a voltage adatoms after", field["adatoms"], "ps", low=0.0),
        Check("bridge after", field["bridge"], "ps", low=0.0),
        holds("that bridge grows under the voltage", bool((last[-len(last) // 10 :] == 4.0).all())),
    ]


def growing(studies: Studies) -> list[Check]:
    """N12: T against the narrowest place of driven growth."""
    run = studies["plateau"]
    atoms = run.column("atoms")
    # Until the last atom has come: afterwards the contact only fluctuates.
    last = int(np.argmax(atoms == atoms[-1])) + 1
    value, least = (run.column(name)[:last] for name in ("conductance_G0", "narrowest_atoms"))
    single = value[least == 1.0]
    return [
        Check("largest T before contact", float(value[least == 0.0].max()), "", high=0.01),
        Check("T with one atom at the narrowest, mean", float(single.mean()), "", 0.7, 1.1),
        Check("Spearman of T and the narrowest", _rank(value, least), "", low=0.8),
        Check("once bridged", _rank(value[least > 0], least[least > 0])),
        Check("T at the end", float(value[-1]), "G0", low=1.5),
    ]


def _rank(first: Array, second: Array) -> float:
    return float(spearmanr(first, second).statistic)


def end_spectrum(run: Run) -> pd.DataFrame:
    """Return the transmission about the Fermi level of the last structure of a run."""
    return read_table(run.path / "spectrum_end.csv", ("energy_eV", "transmission"))


def spectra(studies: Studies) -> list[Check]:
    """N13: the energy stands for the voltage, as in the paper."""
    table = end_spectrum(studies["plateau"])
    value = table["transmission"].to_numpy()
    steps = np.abs(np.diff(value))
    return [
        Check("range", float(table["energy_eV"].max()), "eV", low=1.0),
        Check("largest step between 20 meV", float(steps.max()), "", high=0.3),
        Check("T from −1 to +1 eV", float(value[-1] - value[0])),
    ]


def pulled_conductances(studies: Studies) -> Array:
    """Return the conductances of all pulled necks that still hold, G0."""
    runs = members(studies, "pulled_")
    values = np.concatenate([run.column("conductance_G0") for run in runs])
    return values[values > OPEN]


def counts(values: Array) -> tuple[Array, Array]:
    """Return the histogram of conductances up to 4 G0: ends of the bins, and points in each."""
    edges = np.linspace(0.0, 4.0, round(4.0 / BIN) + 1)
    return edges, np.asarray(np.histogram(values, edges)[0], dtype=float)


def pulled(studies: Studies) -> list[Check]:
    """N14."""
    values = pulled_conductances(studies)
    low = values[values < 1.5]
    edges, found = counts(values)
    between = np.flatnonzero((edges[:-1] > 1.0 - 1e-9) & (edges[:-1] < 1.5 - 1e-9))
    # The emptiest stretch of three bins.
    smooth = np.convolve(found, np.ones(3) / 3.0, mode="same")
    least = float(edges[between[np.argmin(smooth[between])]] + 0.5 * BIN)
    single = _single(members(studies, "pulled_"))
    share = float(np.mean((low > 0.9) & (low < 1.1)))
    return [
        Check("necks", len(members(studies, "pulled_")), low=10.0),
        Check("share within 0.1 of G0 below 1.5 G0", share, "", low=0.35),
        Check("minimum at", least, "G0", 1.1, 1.35),
        Check("T with one atom at the narrowest, mean", float(single.mean()), "", 0.7, 1.1),
        Check("its spread", float(single.std(ddof=1)), "", low=0.02),
    ]


def _single(runs: Iterable[Run]) -> Array:
    parts = [run.column("conductance_G0")[run.column("narrowest_atoms") == 1.0] for run in runs]
    return np.concatenate(parts)


def plateau_trace(run: Run) -> pd.DataFrame:
    """Return the conductance after the last atom came and ten picoseconds more."""
    time, atoms = PICOSECONDS * run.column("time_s"), run.column("atoms")
    later = time >= time[int(np.argmax(atoms == atoms[-1]))] + 10.0
    value = run.column("conductance_G0")
    return pd.DataFrame({"time_ps": time[later], "conductance_G0": value[later]})


def plateau(studies: Studies) -> list[Check]:
    """N15: beside the contact of many sites, Fig. 5a."""
    value = plateau_trace(studies["plateau"])["conductance_G0"].to_numpy()
    other = traces(studies["fluctuations"])[0].conductance
    return [
        Check("mean", float(value.mean()), "G0", 1.5, 3.5),
        Check("spread", float(value.std(ddof=1)), "G0", low=0.02),
        Check("lowest", float(value.min()), "G0"),
        Check("highest", float(value.max()), "G0"),
        Check("spread of Fig. 5a on sites", float(other[len(other) // 5 :].std()), "G0"),
    ]
