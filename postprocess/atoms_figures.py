"""Figures of a contact of atoms: spectrum, course of the conductance, forces on the atoms."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from tusk.postprocess.atoms_scene import POINTS_NAME, atoms_portrait, atoms_table, write_points
from tusk.postprocess.atoms_trajectory import Snapshot, snapshots
from tusk.postprocess.run import CONFIG_NAME, Run
from tusk.postprocess.style import (
    BLUE,
    GREY,
    VERMILION,
    figure_style,
    new_figure,
    one_panel,
    panel_letters,
)
from tusk.postprocess.tables import read_table
from tusk.solver.errors import InputError

__all__ = [
    "FIGURES",
    "POINTS_NAME",
    "atoms_course",
    "atoms_forces",
    "atoms_snapshots",
    "atoms_spectrum",
    "atoms_table",
    "draw_side",
    "write_points",
]

PICOSECONDS = 1e12  # ps per s
SHOWN = 4
"""Snapshots beside the conductance."""
_FORCES = ("force_x_eV_per_A", "force_z_eV_per_A")


def atoms_spectrum(run: Run) -> Figure:
    """Draw the transmission about the Fermi level and its largest channels."""
    channels = [f"channel_{n}" for n in range(1, 5)]
    table = read_table(run.path / "spectrum.csv", ("energy_eV", "transmission", *channels))
    with figure_style():
        figure, axes = one_panel(55.0, "energy from the Fermi level (eV)", "transmission")
        for name in channels:
            axes.plot(table["energy_eV"], table[name], color=GREY, linewidth=0.8)
        axes.plot(table["energy_eV"], table["transmission"], color=BLUE)
        axes.set_ylim(bottom=0.0)
    return figure


def atoms_course(run: Run) -> Figure:
    """Draw conductance and total force of the electrons over time, or over the bias at rest."""
    moving = _moves(run)
    x = PICOSECONDS * run.column("time_s") if moving else run.column("applied_voltage_V")
    label = "time (ps)" if moving else "bias (V)"
    with figure_style():
        figure = new_figure(height=100.0)
        above, below = figure.subplots(2, 1, sharex=True)
        above.plot(x, run.column("conductance_G0"), color=BLUE)
        above.set_ylabel("conductance (G$_0$)")
        below.plot(x, run.column("total_force_eV_per_A"), color=VERMILION)
        below.axhline(0.0, color=GREY, linewidth=0.6)
        below.set_ylabel("total force (eV/Å)")
        below.set_xlabel(label)
        panel_letters((above, below))
    return figure


def atoms_forces(run: Run) -> Figure:
    """Draw the atoms from the side, with the forces of the electrons in the plane drawn."""
    table = atoms_table(run)
    depth = np.argsort(table["y_A"].to_numpy())
    z, x, fx, fz = (table[name].to_numpy()[depth] for name in ("z_A", "x_A", *_FORCES))
    with figure_style():
        figure, axes = one_panel(60.0, "z (Å)", "x (Å)")
        axes.scatter(z, x, s=40.0, color=GREY, edgecolors="white", linewidths=0.4, alpha=0.7)
        longest = max(float(np.hypot(fx, fz).max()), 1e-12)
        arrows = axes.quiver(
            z, x, fz, fx, color=VERMILION, angles="xy", scale_units="xy", scale=longest / 2.5
        )
        axes.quiverkey(arrows, 0.85, 1.05, longest, f"{longest:.2g} eV/Å", labelpos="W")
        axes.set_aspect("equal")
    return figure


def atoms_snapshots(run: Run) -> Figure:
    """Draw the conductance over time, and the atoms from the side at some of its times."""
    found = snapshots(run)
    places = np.linspace(0, len(found) - 1, min(SHOWN, len(found))).round().astype(int)
    chosen = [found[k] for k in places]
    width = 1.1 * max(float(np.abs(each.positions[:, 0]).max()) for each in chosen) + 1.0
    ends = np.array([[f(each.positions[:, 2]) for f in (np.min, np.max)] for each in chosen])
    with figure_style():
        figure = new_figure(height=80.0)
        grid = figure.add_gridspec(2, len(chosen), height_ratios=[1.0, 0.9])
        course = figure.add_subplot(grid[0, :])
        course.plot(PICOSECONDS * run.column("time_s"), run.column("conductance_G0"), color=BLUE)
        course.set_xlabel("time (ps)")
        course.set_ylabel("conductance (G$_0$)")
        for number, each in enumerate(chosen):
            course.axvline(each.time, color=GREY, linewidth=0.6)
            axes = figure.add_subplot(grid[1, number])
            draw_side(axes, each)
            axes.set_xlim(-width, width)
            axes.set_ylim(ends[:, 0].min() - 2.0, ends[:, 1].max() + 2.0)
            axes.set_title(f"{each.time:.3g} ps\n{each.conductance:.2f} G$_0$")
    return figure


def draw_side(axes: Axes, snapshot: Snapshot) -> PathCollection:
    """Draw atoms from the side, z upright, coloured by their layer; near ones cover far ones."""
    order = np.argsort(snapshot.positions[:, 1])
    x, _, z = snapshot.positions[order].T
    axes.set_aspect("equal")
    axes.set_axis_off()
    return axes.scatter(
        x, z, c=snapshot.layers[order], s=16.0, cmap="cividis", edgecolors="black", linewidths=0.3
    )


def _moves(run: Run) -> bool:
    dynamics = run.config.get("dynamics")
    if not isinstance(dynamics, dict):
        raise InputError(f"{run.path / CONFIG_NAME}: dynamics: a section is wanted, got none")
    return dynamics.get("duration") is not None


FIGURES: dict[str, Callable[[Run], Figure]] = {
    "atoms_spectrum": atoms_spectrum,
    "atoms_course": atoms_course,
    "atoms_forces": atoms_forces,
    "atoms_portrait": atoms_portrait,
    "atoms_snapshots": atoms_snapshots,
}
