"""The figures of Buttberg 2025 drawn anew, each with the data it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from tusk.postprocess.curves import mirrored
from tusk.postprocess.elephant import elephant_surface
from tusk.postprocess.elephant_figure import elephant
from tusk.postprocess.regimes import rising_rows
from tusk.postprocess.reproduction.buttberg2025 import CONTACT_RESISTANCE
from tusk.postprocess.reproduction.buttberg2025_maps import filament_voltage, temperatures
from tusk.postprocess.reproduction.checks import Studies, mark, quantity
from tusk.postprocess.run import NANOMETRE, Run
from tusk.postprocess.style import (
    BLACK,
    BLUE,
    CURRENT_MAP,
    GREY,
    ORANGE,
    RESOLVED_CURRENT,
    VERMILION,
    colour_map,
    figure_style,
    new_figure,
    one_panel,
)

type Drawn = tuple[Figure, pd.DataFrame]

SIDE_GROWTH = 1.1
"""Largest radius over that of the smallest compliance current from which on growth is sideways."""


def compliances(studies: Studies) -> dict[str, float]:
    """Return the compliance current, A, of every study of the map, by growing current."""
    found = {}
    for name in studies:
        digits = name.rstrip("nuμmA")
        if digits.isdigit():
            found[name] = float(digits) * {"n": 1e-9, "u": 1e-6, "m": 1e-3}[name[-2]]
    return dict(sorted(found.items(), key=lambda item: item[1]))


@dataclass(frozen=True, slots=True)
class Member:
    """A run of the map: its study, compliance current (A) and colour."""

    name: str
    limit: float
    run: Run
    colour: tuple[float, float, float, float]


def _family(studies: Studies) -> tuple[list[Member], LogNorm]:
    """Return the runs of the map by growing compliance current, and their scale of colours."""
    limits = compliances(studies)
    norm = LogNorm(min(limits.values()), max(limits.values()))
    colours = colour_map(CURRENT_MAP)
    return [Member(name, i, studies[name], colours(norm(i))) for name, i in limits.items()], norm


def _scale(figure: Figure, axes: Axes, norm: LogNorm) -> None:
    bar = figure.colorbar(ScalarMappable(norm, colour_map(CURRENT_MAP)), ax=axes, aspect=30)
    bar.set_label("compliance current (A)")


def _stacked(parts: dict[str, pd.DataFrame], key: str = "study") -> pd.DataFrame:
    """Put tables below each other, told apart by a first column."""
    return pd.concat([part.assign(**{key: name}) for name, part in parts.items()])


def low_resistance(studies: Studies) -> Drawn:
    """Fig. 1a: R_LRS against I_CC, gap-defined and side-growth-defined."""
    current = compliances(studies)
    limit = np.array(list(current.values()))
    resistance = np.array([mark(studies[name], "lrs_ohm") for name in current])
    radius = np.array([mark(studies[name], "radius_max_m") for name in current])
    side = radius > SIDE_GROWTH * radius[0]
    with figure_style():
        figure, axes = one_panel(62.0, "compliance current (A)", "LRS resistance (Ω)")
        axes.set_xscale("log")
        axes.set_yscale("log")
        slope, level = np.polyfit(np.log10(limit), np.log10(resistance), 1)
        axes.plot(
            limit, 10 ** (level + slope * np.log10(limit)), color=GREY, linewidth=0.8, zorder=1
        )
        for rows, mark_, colour, label in (
            (~side, "o", BLUE, "gap-LRS"),
            (side, "s", VERMILION, "side-growth-LRS"),
        ):
            axes.plot(limit[rows], resistance[rows], mark_, color=colour, ms=4.0, label=label)
        axes.axhline(CONTACT_RESISTANCE, color=BLACK, linewidth=0.6, linestyle=(0, (3, 2)))
        axes.text(limit[0], 1.15 * CONTACT_RESISTANCE, r"$h/2e^2$", va="bottom")
        axes.legend(loc="upper right", title=f"slope {slope:.2f}".replace("-", "−"))
    data = pd.DataFrame(
        {"compliance_current_A": limit, "lrs_ohm": resistance, "radius_max_m": radius}
    )
    return figure, data.assign(
        kind=np.where(side, "side-growth-LRS", "gap-LRS"),
        below_h_over_2e2=resistance < CONTACT_RESISTANCE,
    )


def gap_in_time(studies: Studies) -> Drawn:
    """Fig. 1b: smallest gap against time, enlarged where the limits tell the runs apart."""
    family, norm = _family(studies)
    parts = {member.name: member.run.timeseries[["time_s", "gap_min_m"]] for member in family}
    with figure_style():
        figure, axes = one_panel(64.0, "time (s)", "smallest gap (nm)")
        inset = axes.inset_axes((0.66, 0.34, 0.32, 0.6))
        for member in family:
            time, gap = member.run.column("time_s"), NANOMETRE * member.run.column("gap_min_m")
            for panel in (axes, inset):
                panel.plot(time, gap, color=member.colour, linewidth=0.9)
        axes.set_xlim(1.0, 2.1)
        axes.set_ylim(0.0, 10.6)
        inset.set_xlim(1.63, 1.83)
        inset.set_ylim(0.0, 0.6)
        inset.tick_params(labelsize=5.5)
        axes.indicate_inset_zoom(inset, edgecolor=GREY, linewidth=0.6)
        _scale(figure, axes, norm)
    return figure, _stacked(parts)


def morphologies(studies: Studies) -> Drawn:
    """Fig. 1c: the filament at the end of each run."""
    family, norm = _family(studies)
    parts = {}
    with figure_style():
        figure, axes = one_panel(74.0, "r (nm)", "z (nm)")
        axes.set_aspect("equal")
        for member in reversed(family):
            curve = member.run.filament.points[-1]
            parts[member.name] = pd.DataFrame(curve, columns=["r_m", "z_m"])
            axes.plot(*(NANOMETRE * mirrored(curve)).T, color=member.colour, linewidth=0.9)
        for height in (0.0, 10.0):
            axes.axhline(height, color=GREY, linewidth=0.6, linestyle=(0, (3, 2)))
        axes.set_xlim(-5.0, 5.0)
        axes.set_ylim(-0.4, 11.2)
        _scale(figure, axes, norm)
    return figure, _stacked(parts)


def currents(studies: Studies) -> Drawn:
    """Fig. 1e: I against V while the current rises, logarithmic and linear."""
    family, norm = _family(studies)
    parts = {member.name: _rise(member.run) for member in family}
    with figure_style():
        figure, axes = one_panel(64.0, "applied voltage (V)", "current (A)")
        axes.set_yscale("log")
        inset = axes.inset_axes((0.17, 0.45, 0.34, 0.48))
        for member in family:
            rise = parts[member.name]
            axes.plot(*rise.T.to_numpy(), color=member.colour, linewidth=0.9)
            if member.limit >= 1e-5:
                inset.plot(
                    rise["applied_voltage_V"],
                    1e6 * rise["current_A"],
                    color=member.colour,
                    linewidth=0.9,
                )
        inset.set_xlim(1.64, 1.80)
        inset.set_ylim(0.0, 150.0)
        inset.set_ylabel("I (µA)", fontsize=5.5, labelpad=1.0)
        inset.tick_params(labelsize=5.5)
        axes.set_xlim(1.35, 1.85)
        axes.set_ylim(RESOLVED_CURRENT, 4e-3)
        _scale(figure, axes, norm)
    return figure, _stacked(parts)


def _rise(run: Run) -> pd.DataFrame:
    """Return applied voltage and current up to the largest voltage."""
    rise = run.timeseries[["applied_voltage_V", "current_A"]]
    return rise.iloc[: int(rise["applied_voltage_V"].argmax()) + 1]


def elephant_plot(studies: Studies) -> Drawn:
    """Fig. 2: the elephant plot of the 1 mA SET."""
    surface = elephant_surface(studies["1mA"])
    points = surface.points()
    columns = surface.radius.shape[1]
    data = pd.DataFrame(
        {
            "log10_time_s": points[:, 0],
            "r_m": 1e-9 * points[:, 1],
            "z_m": 1e-9 * points[:, 2],
            "current_A": np.repeat(surface.current, columns),
        }
    )
    return elephant(studies["1mA"]), data


def hottest(studies: Studies) -> Drawn:
    """Fig. 5a: greatest temperature against the compliance current, with and without barrier heat.

    Without it one run tells all: up to a current it is the run with that compliance current.
    """
    current = compliances(studies)
    limit = np.array(list(current.values()))
    heat = np.array([mark(studies[name], "temperature_max_K") for name in current])
    cold = studies["no_barrier_heating"]
    rows = slice(0, rising_rows(cold.column("current_A")).stop)
    reached = np.maximum.accumulate(cold.column("current_A")[rows])
    highest = np.maximum.accumulate(cold.column("temperature_max_K")[rows])
    shown = reached >= limit[0]
    with figure_style():
        figure, axes = one_panel(60.0, "compliance current (A)", "greatest temperature (K)")
        axes.set_xscale("log")
        axes.plot(limit, heat, "o-", color=VERMILION, markersize=3.5, label="with barrier heat")
        axes.plot(reached[shown], highest[shown], color=BLUE, label="Joule heat only")
        axes.axvline(reached[-1], color=BLUE, linewidth=0.7, linestyle=(0, (3, 2)))
        note = f"not beyond\n{quantity(float(reached[-1]), 'A', 2)}"
        axes.annotate(
            note, (reached[-1], 500), (-4, 0), textcoords="offset points", ha="right", color=BLUE
        )
        axes.legend(loc="upper left")
    return figure, _stacked(
        {
            "with barrier heat": pd.DataFrame({"current_A": limit, "temperature_max_K": heat}),
            "Joule heat only": pd.DataFrame(
                {"current_A": reached[shown], "temperature_max_K": highest[shown]}
            ),
        },
        "case",
    )


def _two_curves(studies: Studies, cases: dict[str, str]) -> Drawn:
    """Draw I against V of some studies; the key names the curve, the value the study."""
    parts = {label: _rise(studies[name]) for label, name in cases.items()}
    with figure_style():
        figure, axes = one_panel(60.0, "applied voltage (V)", "current (A)")
        axes.set_yscale("log")
        for (label, rise), colour in zip(parts.items(), (VERMILION, BLUE), strict=True):
            axes.plot(*rise.T.to_numpy(), color=colour, label=label)
        axes.set_xlim(1.55, 2.0)
        axes.set_ylim(1e-12, 4e-3)
        axes.legend(loc="lower right")
    return figure, _stacked(parts, "case")


def barrier_heat(studies: Studies) -> Drawn:
    """Fig. 5b: I against V at 1 mA with and without barrier heat."""
    return _two_curves(
        studies, {"with barrier heat": "1mA", "Joule heat only": "no_barrier_heating"}
    )


def dissolution(studies: Studies) -> Drawn:
    """Fig. 5c: I against V with and without dissolution of the active electrode."""
    return _two_curves(
        studies, {"with dissolution": "1mA", "without (ends: gap closed)": "no_dissolution"}
    )


def dissolution_gap(studies: Studies) -> Drawn:
    """Fig. 5d: the smallest gap in time with and without dissolution."""
    parts = {}
    with figure_style():
        figure, axes = one_panel(60.0, "time (s)", "smallest gap (nm)")
        axes.set_yscale("log")
        for label, name, colour in (
            ("with dissolution", "1mA", VERMILION),
            ("without", "no_dissolution", BLUE),
        ):
            run = studies[name]
            time, gap = run.column("time_s"), run.column("gap_min_m")
            parts[label] = run.timeseries[["time_s", "gap_min_m"]]
            axes.plot(time, NANOMETRE * gap, color=colour, label=label)
            axes.plot(time[-1], NANOMETRE * gap[-1], "o", color=colour, markersize=3.0)
        axes.set_xlim(1.4, 2.0)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.legend(loc="upper right")
    return figure, _stacked(parts, "case")


KAPPA = {"400 W/m/K": "1mA", "200 W/m/K": "half_conductivity", "100 W/m/K": "quarter_conductivity"}
"""Thermal conductivity of copper, and the study that has it."""


def conductivity(studies: Studies) -> Drawn:
    """Thermal conductivity of the metal reduced: temperature and current against voltage."""
    parts = {}
    with figure_style():
        figure = new_figure(height=96.0)
        upper, lower = figure.subplots(2, 1, sharex=True)
        lower.set_yscale("log")
        for (label, name), colour in zip(KAPPA.items(), (BLUE, ORANGE, VERMILION), strict=True):
            rise = _rise(studies[name])
            parts[label] = rise.join(studies[name].timeseries["temperature_max_K"])
            voltage = rise["applied_voltage_V"]
            upper.plot(voltage, parts[label]["temperature_max_K"], color=colour, label=label)
            lower.plot(voltage, rise["current_A"], color=colour)
        upper.set_ylabel("greatest temperature (K)")
        upper.legend(loc="upper right", title="κ of Cu")
        lower.set_ylabel("current (A)")
        lower.set_xlabel("applied voltage (V)")
        lower.set_xlim(1.64, 1.84)
        lower.set_ylim(1e-7, 3e-3)
    return figure, _stacked(parts, "kappa")


FIGURES: dict[str, Callable[[Studies], Drawn]] = {
    "fig1a": low_resistance,
    "fig1b": gap_in_time,
    "fig1c": morphologies,
    "fig1d": filament_voltage,
    "fig1e": currents,
    "fig2": elephant_plot,
    "fig3": temperatures,
    "fig5a": hottest,
    "fig5b": barrier_heat,
    "fig5c": dissolution,
    "fig5d": dissolution_gap,
    "kappa": conductivity,
}
"""Figures by name."""
