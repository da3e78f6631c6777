"""Figures of an atomic chain: spectrum, forces against conductance, forces atom by atom."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess.run import Run
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


def chain_spectrum(run: Run) -> Figure:
    """Draw the transmission over the band, NEGF and closed form."""
    columns = ("energy_eV", "transmission", "transmission_closed_form")
    table = read_table(run.path / "spectrum.csv", columns)
    with figure_style():
        figure, axes = one_panel(55.0, "energy (eV)", "transmission")
        axes.plot(table["energy_eV"], table["transmission"], color=BLUE, label="NEGF")
        axes.plot(
            table["energy_eV"],
            table["transmission_closed_form"],
            color=VERMILION,
            linestyle=(0, (2, 3)),
            label="closed form",
        )
        axes.legend()
    return figure


def recoil_and_conductance(run: Run) -> Figure:
    """Draw conductance and total force against the asymmetry, and one against the other."""
    columns = ("asymmetry", "conductance_G0", "total_force_eV_per_A")
    table = read_table(run.path / "asymmetry.csv", columns)
    with figure_style():
        figure = new_figure(height=110.0)
        over, against = figure.subplots(2, 1)
        over.plot(table["asymmetry"], table["conductance_G0"], color=BLUE)
        over.set_xlabel("asymmetry of the couplings")
        over.set_ylabel("conductance (G$_0$)", color=BLUE)
        twin = over.twinx()
        twin.plot(table["asymmetry"], table["total_force_eV_per_A"], color=VERMILION)
        twin.set_ylabel("total force (eV/Å)", color=VERMILION)
        against.plot(table["conductance_G0"], table["total_force_eV_per_A"], color=BLUE)
        against.set_xlabel("conductance (G$_0$)")
        against.set_ylabel("total force (eV/Å)")
        panel_letters((over, against))
    return figure


def atom_forces(run: Run) -> Figure:
    """Draw the forces on the atoms and their charges, at rest and under the bias."""
    names = ("force_zero_bias_eV_per_A", "force_eV_per_A", "charge_zero_bias_e", "charge_e")
    table = read_table(run.path / "atoms.csv", ("atom", *names))
    with figure_style():
        figure = new_figure(height=110.0)
        forces, charges = figure.subplots(2, 1, sharex=True)
        for axes, (resting, biased) in ((forces, names[:2]), (charges, names[2:])):
            axes.axhline(0.0, color=GREY, linewidth=0.5)
            axes.plot(table["atom"], table[resting], "o-", color=BLUE, ms=2.5, label="no bias")
            axes.plot(
                table["atom"], table[biased], "s--", color=VERMILION, ms=2.5, label="under bias"
            )
        forces.set_ylabel("force (eV/Å)")
        forces.legend()
        charges.set_ylabel("charge (e)")
        charges.set_xlabel("atom")
        charges.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        panel_letters((forces, charges))
    return figure
