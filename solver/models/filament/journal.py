"""What a run remembers of its accepted steps: the rows that are kept, and the extremes of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tusk.solver.checkpoint import Tree, pack, unpack
from tusk.solver.config import FilamentConfig
from tusk.solver.models.filament.cycles import Cycles, spread
from tusk.solver.models.filament.marks import marks, regime_intervals
from tusk.solver.models.filament.observables import LEDGER_CURRENT, Row
from tusk.solver.models.filament.validity import Validity

LARGEST = ("temperature_max_K", "radius_max_m", "charge_error", "faraday_error")
STRONG = ("energy_error", "heat_error", "tunnel_error")
"""Ledgers that are judged where a current flows."""


class Extremes:
    """Largest and smallest values of columns over all accepted steps, kept as rows or not."""

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        self.values = dict(values or {})

    def add(self, row: Row) -> None:
        """Look at a row."""
        for name in LARGEST:
            self._raise(name, getattr(row, name))
        for name in STRONG:
            self._raise(name, getattr(row, name) if abs(row.current_A) > LEDGER_CURRENT else 0.0)
        self.values["gap_min_m"] = min(self.values.get("gap_min_m", float("inf")), row.gap_min_m)

    def _raise(self, name: str, value: float) -> None:
        self.values[name] = max(self.values.get(name, value), value)

    def __getitem__(self, name: str) -> float:
        return self.values[name]


class Journal:
    """The rows of a run.

    Parameters
    ----------
    config
        Says how many of them are kept.
    rows
        Those kept so far, of a run that is continued.
    saved
        What `state` returned then; without it, all rows were kept.

    Attributes
    ----------
    rows
        The rows that are kept, the first and those at corners of the drive among them.
    count
        Number of accepted states so far, the initial one included.
    extremes, validity, cycles
        Of all rows.
    """

    def __init__(
        self, config: FilamentConfig, rows: Sequence[Row] = (), saved: Tree | None = None
    ) -> None:
        output = config.output
        self._rows_every, self._curves_every = output.rows_every, output.curves_every
        self._fields_every = output.fields_every
        self.rows = list(rows)
        self.count = len(rows)
        self.extremes = Extremes()
        self.cycles = Cycles((saved or {}).get("cycles"))
        self.validity = Validity(config, (saved or {}).get("validity"))
        self._recent = self.rows[-2:]
        self._kept = True
        if saved is not None:
            self.count, self._kept = saved["count"], bool(saved["kept"])
            self.extremes = Extremes(saved["extremes"])
            self._recent = [unpack(Row, saved[name]) for name in ("before", "newest")]
        else:
            for row in rows:
                self.extremes.add(row)

    def state(self) -> dict[str, object]:
        """Return what `rows` alone do not tell."""
        return {
            "count": self.count,
            "kept": self._kept,
            "extremes": self.extremes.values,
            "newest": pack(self.newest),
            "before": pack(self.before),
            "validity": self.validity.state(),
            "cycles": self.cycles.state(),
        }

    def summary(self, config: FilamentConfig, driven: bool) -> dict[str, object]:
        """Return marks, regimes, cycles and warnings for ``run.json``.

        Parameters
        ----------
        config
            The configuration.
        driven
            Whether the drive is done.
        """
        compliance = getattr(config.source, "compliance_current", None)
        found = marks(self.rows, config.stack.oxide_thickness, compliance, driven)
        outermost = ("temperature_max_K", "gap_min_m", "radius_max_m")
        return {
            "marks": found | {name: self.extremes[name] for name in outermost},
            "regimes": regime_intervals(self.rows),
            "cycles": spread(self.cycles.done),
            "warnings": self.validity.warnings(),
        }

    def ledgers(self) -> dict[str, float]:
        """Return the largest errors of all balances for ``run.json``."""
        names = ("charge_error", "faraday_error", "energy_error", "heat_error", "tunnel_error")
        return {f"{name}_max": self.extremes[name] for name in names}

    @property
    def newest(self) -> Row:
        """Row of the present state, kept or not."""
        return self._recent[-1]

    @property
    def before(self) -> Row:
        """The row before the newest; the newest itself at the start."""
        return self._recent[0]

    def add(self, row: Row, corner: bool) -> bool:
        """Take a row; return whether it is kept. ``corner`` says that the drive bends there."""
        self.validity.add(row)
        self._recent = [*self._recent[-1:], row]
        self.count += 1
        self.extremes.add(row)
        self._kept = corner or self._is_due(self._rows_every)
        if self._kept:
            self.rows.append(row)
        return self._kept

    def keep_newest(self) -> bool:
        """Keep the newest row as well; return whether it was not kept before."""
        new = not self._kept
        if new:
            self.rows.append(self.newest)
        self._kept = True
        return new

    @property
    def wants_curve(self) -> bool:
        """Whether the curve of the newest row is written."""
        return self._is_due(self._curves_every)

    @property
    def wants_fields(self) -> bool:
        """Whether the fields of the newest row are written."""
        return self.count == 1 or (
            self._fields_every is not None and self._is_due(self._fields_every)
        )

    def _is_due(self, every: int) -> bool:
        return (self.count - 1) % every == 0
