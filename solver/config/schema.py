"""The JSON schema (draft 2020-12) of config files, for editors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .base import MARK, Section
from .common import RunConfig
from .extensions import SPEC_PATTERN
from .families import Choice, FromFile, LawSection
from .load import build_config
from .materials import Metal, Oxide
from .models import CONFIGS, DEFAULT_MODEL
from .source import SOURCES

type Json = dict[str, Any]

_BARE_SOURCE = {"series_resistance": "0 ohm"}


def schema() -> Json:
    """Return the schema: one of the models, chosen by `model`."""
    kinds: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (kind, "validation") for kind in CONFIGS.values()
    ]
    places, generated = models_json_schema(kinds)
    definitions = generated["$defs"]
    for name, kind in CONFIGS.items():
        _complete(definitions, kind, default_config(name).resolved())
        definitions[kind.__name__]["required"] = [] if name == DEFAULT_MODEL else ["model"]
    for kind in CONFIGS.values():
        for _, filled in kind.law_sections():
            _drop_laws(definitions, filled)
    spec = {"type": "string", "pattern": SPEC_PATTERN}
    named = {"type": "object", "properties": {"model": spec}, "required": ["model"]}
    definitions["Observed"] = {"anyOf": [spec, named]}
    table = definitions["Table"]["properties"]["table"]
    table["anyOf"] = [{"required": ["file"]}, {"required": table.pop("required")}]
    _drop_titles(generated)
    options = {name: places[kind, "validation"] for name, kind in CONFIGS.items()}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tusk run"}
    mapping = {name: option["$ref"] for name, option in options.items()}
    chosen = {"propertyName": "model", "mapping": mapping}
    return {
        **head,
        "type": "object",
        "oneOf": list(options.values()),
        "discriminator": chosen,
        "$defs": definitions,
    }


def schema_text() -> str:
    """Return the schema as text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False)


def _complete(definitions: Json, kind: type[RunConfig], defaults: Mapping[str, Any]) -> None:
    """Give the sections of one model the values of its parameter set as defaults."""
    for name, section in kind.law_sections():
        _spell_flat(definitions, section, defaults[name])
    for filled, values in filled_sections(kind, defaults):
        _fill(definitions[filled.__name__], values)
    _fill(definitions[kind.__name__], {})
    properties = definitions[kind.__name__]["properties"]
    if "source" in properties:
        _let_kind_be_left_out(properties["source"], defaults["source"]["kind"])
    if "materials" in properties:
        # The library knows the kind of its materials, an editor does not.
        place = properties["materials"]["additionalProperties"]
        place["anyOf"] = place.pop("oneOf")
        del place["discriminator"]
    if "drive" in properties:
        properties["drive"]["default"] = defaults["drive"]


def _let_kind_be_left_out(place: Json, default: str) -> None:
    """Ask for the kind of a source unless it is that of the parameter set."""
    mapping = place["discriminator"]["mapping"]
    place["oneOf"] = [
        {"$ref": option} if kind == default else {"$ref": option, "required": ["kind"]}
        for kind, option in mapping.items()
    ]


def _spell_flat(definitions: Json, section: type[LawSection], defaults: Mapping[str, Any]) -> None:
    """Give a section the keys of its laws, and say which belong to which."""
    body = definitions[section.__name__]
    properties = body["properties"]
    for name in [name for name in properties if name.startswith(MARK)]:
        del properties[name]
    body["allOf"] = []
    from_file = []
    for choice in section.choices():
        field = section.model_fields[choice.field]
        properties[choice.key] = {"type": "string", "description": field.description}
        for law in choice.members.values():
            own = definitions[law.__name__]["properties"]
            properties |= {key: own[key] for key in law.own_keys()}
        spec = {"properties": {choice.key: {"pattern": SPEC_PATTERN}}, "required": [choice.key]}
        from_file.append(spec)
        branches = [_branch(choice, name, defaults[choice.key]) for name in choice.members]
        body["allOf"].append(
            {"oneOf": [*branches, spec], "discriminator": {"propertyName": choice.key}}
        )
    # The keys of a class from a file are its own.
    del body["additionalProperties"]
    known = {"propertyNames": {"enum": section.flat_keys()}}
    body["allOf"].append({"if": {"anyOf": from_file}, "else": known})


def _branch(choice: Choice, name: str, default: str) -> Json:
    """Return what holds where a member is chosen: the keys of the others are refused."""
    strange = sorted(choice.strange_keys(name))
    chosen = {choice.key: {"const": name}, **dict.fromkeys(strange, False)}
    branch: Json = {"properties": chosen}
    return branch if name == default else {**branch, "required": [choice.key]}


def _drop_laws(definitions: Json, section: type[LawSection]) -> None:
    laws = [law for each in section.choices() for law in each.members.values()]
    for name in [FromFile.__name__, *(law.__name__ for law in laws)]:
        definitions.pop(name, None)


def _drop_titles(node: Any) -> None:
    """Remove the titles pydantic makes of the names: they say nothing new."""
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict):
            child.pop("title", None)
        if isinstance(child, dict | list):
            _drop_titles(child)


def filled_sections(
    kind: type[RunConfig], defaults: Mapping[str, Any]
) -> Iterator[tuple[type[Section], Mapping[str, object]]]:
    """Yield the models whose missing keys the parameter set fills, with its values."""
    for name, section in _sections(kind):
        yield section, defaults[name]
    if "source" in kind.model_fields:
        for source in SOURCES.values():
            keys = source.model_fields.keys() - {"kind"}
            given = source_values(source, defaults)
            yield source, {key: given[key] for key in keys & given.keys()}
    if "materials" in kind.model_fields:
        yield from ((Metal, {}), (Oxide, {}))


def _sections(kind: type[RunConfig]) -> Iterator[tuple[str, type[Section]]]:
    """Yield the keys that hold one section, and its model."""
    for name, field in kind.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield name, field.annotation


def source_values(source: type[Section], defaults: Mapping[str, Any]) -> Mapping[str, object]:
    """Return the values of the parameter set for its own kind of source."""
    given: Mapping[str, Any] = defaults["source"]
    return given if SOURCES[given["kind"]] is source else _BARE_SOURCE


def _fill(definition: Json, values: Mapping[str, Any]) -> None:
    definition.pop("required", None)
    for key, value in values.items():
        if value is not None:
            definition["properties"][key]["default"] = value


@cache
def default_config(model: str) -> RunConfig:
    """Return the config of a model in which nothing is changed."""
    return build_config({"model": model})
