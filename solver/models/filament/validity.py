"""Where a run leaves what its model is made for: warnings for ``run.json``, the end and reports.

None of them changes a result or ends a run. Those of the configuration are known at the start,
those of the course by what every accepted step shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from tusk.solver.checkpoint import Tree
from tusk.solver.config import FilamentConfig
from tusk.solver.config.sections import ExponentialVoid
from tusk.solver.config.summary import CHANGED, provenance
from tusk.solver.models.filament.observables import Row
from tusk.solver.parameters import LIMITS, PARAMETER_SETS
from tusk.solver.physics.constants import EV, NM

THICK_GAP = 2e-9
"""Gap (m) from which the breakdown field of the oxide means something: below, it is no film."""

SHARE_OF_DOMAIN = 0.5
"""Radius of the filament over that of the cell from which the side of the cell counts."""

STOPPING_BARRIER, WIDEST_REST = 0.5 * EV, 0.3e-9
"""Barrier (J) at which the tip hardly advances in the void, and a rest of the gap (m) behind it
that no voltage bridges: tunnelling falls by e^10 over it."""

LAYERS = 2
"""Atomic layers of the active electrode that dissolve over the tip [B 2.3]."""


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001  (the word of run.json)
    """Something outside of what the model is made for.

    Attributes
    ----------
    code
        Its name.
    message
        What, by how much at worst, and why it matters.
    since_s
        When it began, s; 0 for what is so from the start.
    value, limit
        The worst value and the limit that it passed, SI.
    """

    code: str
    message: str
    since_s: float
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that the course of a run may pass."""

    code: str
    text: str
    limit: float

    def warn(self, since: float, value: float) -> Warning:
        """Return the warning of a value."""
        return Warning(self.code, self.text.format(value), since, value, self.limit)


class Validity:
    """Watches a run.

    Parameters
    ----------
    config
        Its configuration.
    saved
        What `state` returned, of a run that is continued.
    """

    def __init__(self, config: FilamentConfig, saved: Tree | None = None) -> None:
        self._bounds = {bound.code: bound for bound in _bounds(config)}
        self._known = list(_of_the_config(config))
        self._found: dict[str, Warning] = {}
        for code, (since, value) in (saved or {}).items():
            self._found[code] = self._bounds[code].warn(float(since), float(value))

    def state(self) -> Tree:
        """Return what the course has shown so far."""
        return {code: np.array([w.since_s, w.value]) for code, w in self._found.items()}

    def add(self, row: Row) -> None:
        """Look at an accepted step."""
        gap = row.gap_min_m
        shown = {
            "melting": row.temperature_max_K,
            "breakdown": abs(row.cell_voltage_V) / gap if gap > THICK_GAP else 0.0,
            "narrow_domain": row.radius_max_m,
        }
        for code, bound in self._bounds.items():
            value, former = shown[code], self._found.get(code)
            if value > max(bound.limit, bound.limit if former is None else former.value):
                since = row.time_s if former is None else former.since_s
                self._found[code] = bound.warn(since, value)

    def warnings(self) -> list[dict[str, object]]:
        """Return all warnings for ``run.json``."""
        return [asdict(each) for each in (*self._known, *self._found.values())]


def _bounds(config: FilamentConfig) -> Iterator[Bound]:
    stack = config.stack
    metal, oxide = stack.active_electrode, stack.oxide
    melting = _limit(metal, "melting_point")
    if melting is not None:
        text = f"{{:.0f}} K: {metal} melts at {melting:.0f} K, and the model knows no melt"
        yield Bound("melting", text, melting)
    breakdown = _limit(oxide, "breakdown_field")
    if breakdown is not None:
        text = (
            f"a mean field of {{:.3g}} V/m across a gap above {THICK_GAP / NM:g} nm: {oxide} breaks"
            f" down at {breakdown:.3g} V/m, and the model knows no breakdown"
        )
        yield Bound("breakdown", text, breakdown)
    widest = SHARE_OF_DOMAIN * stack.domain_radius
    text = (
        f"a filament of radius {{:.3g}} m in a cell of stack.domain_radius {stack.domain_radius:g}"
        " m: the side of the cell shapes fields and heat"
    )
    yield Bound("narrow_domain", text, widest)


def _limit(material: str, name: str) -> float | None:
    """Return a number of the library, None of a material that is not in it."""
    cited = LIMITS.get(material, {}).get(name)
    value = None if cited is None else cited.value
    return value if isinstance(value, float) else None


def _of_the_config(config: FilamentConfig) -> Iterator[Warning]:
    yield from _deep_void(config)
    yield from _other_chemistry(config)


def _deep_void(config: FilamentConfig) -> Iterator[Warning]:
    """Warn of an oxide so thick that the recess, v* L, outruns what the void barrier lets pass."""
    void, law = config.void, config.void.law
    if not isinstance(law, ExponentialVoid) or law.energy <= 0.0:
        return
    recess = void.dissolution_ratio * config.stack.oxide_thickness
    recess = recess if void.max_depth is None else min(recess, void.max_depth)
    reached = law.length * np.log(max(STOPPING_BARRIER / law.energy, 1.0))
    if recess - reached <= WIDEST_REST:
        return
    atom = (config.active_electrode.atomic_mass / config.active_electrode.density) ** (1 / 3)
    text = (
        f"a recess of {recess / NM:.2f} nm over the tip (void.dissolution_ratio times the height),"
        f" in which the barrier stops the tip after {reached / NM:.2f} nm: the gap stays open and"
        f" the cell hardly sets; void.max_depth bounds it ({LAYERS} atomic layers are"
        f" {LAYERS * atom / NM:.2f} nm)"
    )
    yield Warning("deep_void", text, 0.0, float(recess), float(reached + WIDEST_REST))


def _other_chemistry(config: FilamentConfig) -> Iterator[Warning]:
    """Warn of another metal or oxide with the kinetics of those of the parameter set."""
    changed = {row.key for row in provenance(config) if row.source == CHANGED}
    materials = [key for key in ("stack.active_electrode", "stack.oxide") if key in changed]
    if materials and not any(key.startswith(("kinetics.", "hopping.")) for key in changed):
        named = " and ".join(getattr(config.stack, key.partition(".")[2]) for key in materials)
        text = (
            f"{named} with the charge transfer and hopping of parameter set"
            f" {PARAMETER_SETS[config.parameters].name}, which are of other materials"
        )
        yield Warning("other_chemistry", text, 0.0, float("nan"), float("nan"))
