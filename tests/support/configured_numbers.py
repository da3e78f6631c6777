"""The numbers of a resolved configuration, and other values for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

CHANGED: dict[str, str] = {
    "series_resistance": "50 ohm",
    "reverse_resistance": "90 ohm",
    "equilibrium_offset": "20 mV",
    "specularity": "0.3",
    "max_depth": "0.5 nm",
    "thermal_linear": "2e-4 1/K",
    "thermal_quadratic": "1e-7 1/K^2",
    "electrical_quadratic": "1e-6 1/K^2",
    "mean_free_path": "30 nm",
    "elements_across_gap": "7",
    "gap_size_ratio": "0.3",
    "flank_size_ratio": "0.1",
    "far_size": "2 nm",
    "strip_gap": "0.15 nm",
    "every": "1 us",
    "fields_every": "1",
    "parallel_capacitance": "1 pF",
    "rows_every": "2",
    "curves_every": "2",
    "voltage_step": "1 mV",
    "fastest_growth": "1.1",
    "fields_at_currents": "[1e-30 A]",
    "tolerance_potential": "1 mV",
    "tolerance_temperature": "1e-9 K",
    "tolerance": "1e-5",
    "first_step": "1 us",
    "minimum_gap": "0.15 nm",
    "gap_fraction": "0.001",
    "max_displacement": "0.001 nm",
    "points": "0.3 V at the end",
    "count": "3",
    "charge_number": "1",
    "seed": "2",
    "gap": "0.4 nm",
    "filament_oxide_conductance": "1e9 W/m^2/K",
    "electrode_oxide_conductance": "1e9 W/m^2/K",
    "filament_counter_conductance": "1e9 W/m^2/K",
    "lattice_conductivity": "10 W/m/K",
    "deposition_length": "20 nm",
    "image_permittivity": "2.1",
    "barrier_symmetry": "0.4",
    "barrier_energy_share": "0.5",
    "contact_mobility": "1 nm/s",
}
"""New values by the last part of a key, where 10 % more will not do."""


QUANTITY = re.compile(r"([-+]?[0-9][0-9.eE+-]*) (\S.*)")


def numbers(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (key, value) of everything in a resolved configuration that is or may be a number."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from numbers(value, f"{path}.{name}" if path else name)
    elif isinstance(tree, list) and tree and isinstance(tree[0], dict):
        for index, value in enumerate(tree):
            yield from numbers(value, f"{path}[{index}]")
    elif isinstance(tree, list) or tree is None or isinstance(tree, int | float):
        if not isinstance(tree, bool):
            yield path, tree
    elif QUANTITY.fullmatch(tree):
        yield path, tree


def changed(key: str, value: Any, special: Mapping[str, str] = CHANGED) -> str:
    """Return another value of a key: a ``special`` one by its last part, else 10 % more."""
    name = key.rpartition(".")[2]
    if name in special:
        return special[name]
    if isinstance(value, str):
        found = QUANTITY.fullmatch(value)
        assert found is not None
        assert float(found[1]) != 0.0, f"{key}: say what to change {value} to"
        return f"{1.1 * float(found[1]):.6g} {found[2]}"
    assert isinstance(value, float), f"{key}: say what to change {value} to"
    assert value != 0.0, f"{key}: say what to change {value} to"
    return f"{1.1 * value:.6g}"
