"""Where the numbers of a config come from, and the config in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..parameters import PARAMETER_SETS, TAG_MEANING, Cited
from .common import DrivenConfig, RunConfig
from .load import build_config

CHANGED = "config file"
PROGRAM_DEFAULT = "default of the program"
NUMERICS = ("mesh", "solver", "stepping")
"""Sections whose values decide on accuracy, not on physics."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of one config value.

    Attributes
    ----------
    key
        Dotted config key.
    value
        As a config file spells it.
    source
        A citation, `CHANGED` or `PROGRAM_DEFAULT`.
    tag
        Kind of a citation, a key of `tusk.solver.parameters.TAG_MEANING`; otherwise empty.
    """

    key: str
    value: str
    source: str
    tag: str


def provenance(config: RunConfig) -> list[Provenance]:
    """Return the origin of every physical value: parameter set, material library or user."""
    ours = config.resolved()
    # What the parameter set and the library alone give for the same materials.
    defaults = build_config(config.used_names()).resolved()
    cited = config.cited()
    physics = config.physics_sections
    expected = dict(_flat({name: defaults[name] for name in physics}))
    rows = []
    if isinstance(config, DrivenConfig):
        rows.append(_drive_row(config, ours["drive"] == defaults["drive"]))
    for key, value in _flat({name: ours[name] for name in physics}):
        text = "null" if value is None else str(value)
        origin = cited.get(key)
        if key not in expected or value != expected[key] or _is_other_word(origin, value):
            rows.append(Provenance(key, text, CHANGED, ""))
        elif origin is None:
            rows.append(Provenance(key, text, PROGRAM_DEFAULT, ""))
        else:
            rows.append(Provenance(key, text, origin.citation, origin.tag))
    return rows


def numerics(config: RunConfig) -> list[Provenance]:
    """Return the values of mesh, solver and stepping, as far as the model has them."""
    ours = config.resolved()
    defaults = build_config(config.used_names()).resolved()
    expected = dict(_flat({name: defaults[name] for name in NUMERICS if name in defaults}))
    rows = []
    for key, value in _flat({name: ours[name] for name in NUMERICS if name in ours}):
        source = PROGRAM_DEFAULT if value == expected.get(key) else CHANGED
        rows.append(Provenance(key, "null" if value is None else str(value), source, ""))
    return rows


def summary(config: RunConfig) -> str:
    """Return the config as YAML, headed by its parameter set and what was changed in it."""
    chosen = PARAMETER_SETS[config.parameters]
    rows = [*provenance(config), *numerics(config)]
    changed = [f"#   {row.key}: {row.value}" for row in rows if row.source == CHANGED]
    used = {row.tag for row in rows}
    tags = [f"{tag} {meaning}" for tag, meaning in TAG_MEANING.items() if tag in used]
    lines = [
        f"# model: {config.model}",
        f"# parameter set: {chosen.name}, {chosen.title}",
        f"#   {chosen.citation}",
        f"#   sources (`tusk parameters {chosen.name}`): {', '.join(tags)}",
        *(["# changed in the config file:", *changed] if changed else ["# nothing is changed"]),
    ]
    return "\n".join(lines) + "\n" + config.to_yaml()


def _is_other_word(citation: Cited | None, value: object) -> bool:
    """Return whether a word (a material, a closure) differs from the cited one."""
    return citation is not None and isinstance(citation.value, str) and citation.value != value


def _drive_row(config: DrivenConfig, unchanged: bool) -> Provenance:
    text = ", ".join(step.name for step in config.drive)
    chosen = PARAMETER_SETS[config.parameters]
    if unchanged:
        return Provenance("drive", text, chosen.drive_source, "P")
    return Provenance("drive", text, CHANGED, "")


def _flat(mapping: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in mapping.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
