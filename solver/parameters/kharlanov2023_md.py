"""The set ``kharlanov2023_md``: the copper filament of section 4 of Kharlanov 2023."""

from __future__ import annotations

from .cited import Cited
from .kharlanov2023 import KHARLANOV2023
from .parameter_set import ParameterSet

_PAPER = "Kharlanov 2023, section 4"
_SHAPE = "three open channels, as in Fig. 2"

KHARLANOV2023_MD = ParameterSet(
    name="kharlanov2023_md",
    title="copper filament between crystals",
    citation=KHARLANOV2023.citation,
    model="atomistic",
    values={
        "structure.element": Cited("Cu", "", _PAPER, "P"),
        "structure.potential": Cited("zhou2004", "", "printed as formulas", "E"),
        "structure.shape": Cited("neck", "", "the paper draws one, without numbers", "E"),
        "structure.face": Cited("001", "", "not printed", "E"),
        "structure.layers": Cited(9, "", _SHAPE, "E"),
        "structure.gap_layers": Cited(0, "", "the neck is whole", "E"),
        "structure.radius": Cited(1.2, "", _SHAPE, "E"),
        "structure.flare": Cited(0.6, "", _SHAPE, "E"),
        "electrons.hopping": Cited(-1.8, "eV", f"{_PAPER}, taken at the neighbours", "P"),
        "electrons.decay": Cited(3.937, "nm^-1", f"{_PAPER}: 1/a, a = 2.54 angstrom", "P"),
        "electrons.fade": Cited(0.3, "nm", "between first and second neighbours", "E"),
        "electrons.reach": Cited(0.345, "nm", "below the second neighbours", "E"),
        "electrons.fermi_level": Cited("half_filling", "", "one electron per atom", "E"),
        "electrons.terms": Cited("full", "", "Kharlanov 2023, eq. 4", "P"),
        "dynamics.duration": Cited(150.0, "ps", _PAPER, "P"),
        "dynamics.timestep": Cited(1.0, "fs", _PAPER, "P"),
        "dynamics.interval": Cited(0.1, "ps", _PAPER, "P"),
        "dynamics.warming": Cited(5.0, "ps", "to forget the crystal", "E"),
        "dynamics.temperature": Cited(300.0, "K", _PAPER, "P"),
        "dynamics.relaxation": Cited(0.1, "ps", "against the heating by eq. 4", "E"),
        "dynamics.deposit_every": Cited(None, "", _PAPER, "P"),
        "dynamics.deposit_radius": Cited(0.3, "nm", "an atom's distance", "E"),
        "dynamics.deposit_atoms": Cited(None, "", _PAPER, "P"),
        "dynamics.field": Cited(None, "", "the force of the field is left out as printed", "P"),
        "dynamics.field_every": Cited(20.0, "fs", "a tenth of a vibration", "E"),
        "dynamics.field_hardness": Cited(8.44, "eV", "Rappe 1992, Cu, twice the eta there", "P"),
        "dynamics.field_walls": Cited(1.5, "nm", "of a field", "E"),
        "dynamics.pulling": Cited(None, "", _PAPER, "P"),
        "bias": Cited(1.0, "V", f"{_PAPER}, Fig. 2", "P"),
        "voltage_division": Cited(0.5, "", "Kharlanov 2023, below eq. 10", "P"),
    },
)
