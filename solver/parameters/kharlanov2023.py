"""The set ``kharlanov2023``: the chain of Fig. 1b of Kharlanov 2023, gamma = 0.4."""

from __future__ import annotations

from .cited import Cited
from .parameter_set import ParameterSet

_PAPER = "Kharlanov 2023"
_FIGURE = f"{_PAPER}, Fig. 1"

KHARLANOV2023 = ParameterSet(
    name="kharlanov2023",
    title="chain of atoms with a point contact",
    citation=(
        "O. G. Kharlanov: Effects of quantum recoil forces in resistive switching in memristors, "
        "JETP Lett. 117, 384 (2023), doi 10.1134/S0021364022603323"
    ),
    model="atomic_chain",
    values={
        "chain.hopping": Cited(-1.8, "eV", _FIGURE, "P"),
        "chain.onsite": Cited(0.0, "eV", _FIGURE, "P"),
        "chain.left_hopping": Cited(-2.52, "eV", f"{_FIGURE}b: 1.4 t", "P"),
        "chain.right_hopping": Cited(-1.08, "eV", f"{_FIGURE}b: 0.6 t", "P"),
        "chain.lattice_constant": Cited(0.25, "nm", _FIGURE, "P"),
        "chain.decay": Cited(4.0, "nm^-1", f"{_FIGURE}: 1/a", "P"),
        "chain.screened_charge": Cited(0.8, "", f"{_PAPER}, below eq. 19", "P"),
        "chain.fermi_energy": Cited(0.0, "eV", f"{_PAPER}: half filling", "P"),
        "bias": Cited(1.0, "V", _FIGURE, "P"),
        "voltage_division": Cited(0.5, "", f"{_PAPER}, below eq. 10", "P"),
    },
)
