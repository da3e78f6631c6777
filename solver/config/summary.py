"""Where the numbers of a config come from, and the config in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..parameters import MATERIALS, PARAMETER_SETS, TAG_MEANING, Cited
from .load import build_config
from .model import FilamentConfig
from .resolved import as_mapping, as_yaml

CHANGED = "config file"
PROGRAM_DEFAULT = "default of the program"
_PHYSICS = (
    "stack",
    "source",
    "kinetics",
    "hopping",
    "tunnel",
    "filament",
    "stress",
    "void",
    "thermal",
    "materials",
)


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


def provenance(config: FilamentConfig) -> list[Provenance]:
    """Return the origin of every physical value: parameter set, material library or user."""
    ours = as_mapping(config)
    defaults = as_mapping(_unchanged(config, ours))
    cited = _cited_values(config)
    expected = dict(_flat({name: defaults[name] for name in _PHYSICS}))
    rows = [_drive_row(config, ours["drive"] == defaults["drive"])]
    for key, value in _flat({name: ours[name] for name in _PHYSICS}):
        text = "null" if value is None else str(value)
        citation = cited.get(key)
        if key not in expected or value != expected[key] or _is_other_word(citation, value):
            rows.append(Provenance(key, text, CHANGED, ""))
        elif citation is None:
            rows.append(Provenance(key, text, PROGRAM_DEFAULT, ""))
        else:
            rows.append(Provenance(key, text, citation.source, citation.tag))
    return rows


def summary(config: FilamentConfig) -> str:
    """Return the config as YAML, headed by its parameter set and what was changed in it."""
    chosen = PARAMETER_SETS[config.parameters]
    rows = provenance(config)
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
    return "\n".join(lines) + "\n" + as_yaml(config)


def _unchanged(config: FilamentConfig, ours: Mapping[str, Any]) -> FilamentConfig:
    """Return what the parameter set and the library alone give for the same materials."""
    roles = ("oxide", "active_electrode", "counter_electrode")
    own = {name: body for name, body in ours["materials"].items() if name not in MATERIALS}
    stack = {role: getattr(config.stack, role) for role in roles}
    filament = {"mean_free_path": ours["filament"]["mean_free_path"]}
    raw = {"parameters": config.parameters, "stack": stack, "materials": own}
    if config.active_electrode.mean_free_path is None:
        raw["filament"] = filament
    return build_config(raw)


def _cited_values(config: FilamentConfig) -> dict[str, Cited]:
    cited = {
        f"materials.{name}.{key}": value
        for name in config.materials
        for key, value in MATERIALS.get(name, {}).items()
    }
    cited |= PARAMETER_SETS[config.parameters].values
    path = cited.get(f"materials.{config.stack.active_electrode}.mean_free_path")
    return cited if path is None else {**cited, "filament.mean_free_path": path}


def _is_other_word(citation: Cited | None, value: object) -> bool:
    """Return whether a word (a material, a closure) differs from the cited one."""
    return citation is not None and isinstance(citation.value, str) and citation.value != value


def _drive_row(config: FilamentConfig, unchanged: bool) -> Provenance:
    text = ", ".join(step.name for step in config.drive)
    chosen = PARAMETER_SETS[config.parameters]
    return Provenance("drive", text, chosen.drive_source if unchanged else CHANGED, "")


def _flat(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in mapping.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
