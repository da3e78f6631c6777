"""The set ``milano2024_md``: silver tips that are rewired, after Milano 2024."""

from __future__ import annotations

from .cited import Cited
from .milano2024 import MILANO2024
from .parameter_set import ParameterSet

_PAPER = "Milano 2024, methods"
_DRIVEN = "driven growth: no field moves atoms here"

MILANO2024_MD = ParameterSet(
    name="milano2024_md",
    title="rewiring of silver tips",
    citation=MILANO2024.citation,
    model="atomistic",
    values={
        "structure.element": Cited("Ag", "", _PAPER, "P"),
        "structure.potential": Cited("zhou2004", "", "printed as formulas", "E"),
        "structure.shape": Cited("pyramids", "", _PAPER, "P"),
        "structure.face": Cited("001", "", "square bases", "P"),
        "structure.layers": Cited(19, "", "bases of 2.3 nm; the paper's have 4.2 nm", "E"),
        "structure.gap_layers": Cited(3, "", f"{_PAPER}: 0.83 nm from tip to tip", "P"),
        "structure.radius": Cited(1.0, "", "of a neck", "E"),
        "structure.flare": Cited(0.6, "", "of a neck", "E"),
        "electrons.hopping": Cited(-1.8, "eV", "only ratios to it matter here", "E"),
        "electrons.decay": Cited(3.458, "nm^-1", "1/d as in Kharlanov 2023", "E"),
        "electrons.fade": Cited(0.34, "nm", "between first and second neighbours", "E"),
        "electrons.reach": Cited(0.395, "nm", "below the second neighbours", "E"),
        "electrons.fermi_level": Cited("half_filling", "", "one electron per atom", "E"),
        "electrons.terms": Cited("none", "", _PAPER, "P"),
        "dynamics.duration": Cited(60.0, "ps", _DRIVEN, "E"),
        "dynamics.timestep": Cited(1.0, "fs", _PAPER, "P"),
        "dynamics.interval": Cited(0.5, "ps", "finer than the 8.6 ps of the paper", "E"),
        "dynamics.warming": Cited(2.0, "ps", "to forget the crystal", "E"),
        "dynamics.temperature": Cited(300.0, "K", _DRIVEN, "E"),
        "dynamics.relaxation": Cited(0.1, "ps", "takes the heat of adsorption", "E"),
        "dynamics.deposit_every": Cited(1.0, "ps", _DRIVEN, "E"),
        "dynamics.deposit_radius": Cited(0.4, "nm", _DRIVEN, "E"),
        "dynamics.deposit_atoms": Cited(None, "", _DRIVEN, "E"),
        "dynamics.field": Cited(None, "", _DRIVEN, "E"),
        "dynamics.field_every": Cited(20.0, "fs", "a tenth of a vibration", "E"),
        "dynamics.field_hardness": Cited(6.268, "eV", "Rappe 1992, Ag, twice the eta there", "P"),
        "dynamics.field_walls": Cited(1.5, "nm", "as wide as the bases", "E"),
        "dynamics.pulling": Cited(None, "", _PAPER, "P"),
        "bias": Cited(0.1, "V", "Milano 2024, Fig. 5", "P"),
        "voltage_division": Cited(0.5, "", "symmetric tips", "E"),
    },
)
