"""From pydantic's errors to the one line a user sees."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..errors import ConfigError
from .base import MARK, PROBLEM, closest, describe, printable
from .drive import STEPS
from .materials import MATERIAL_KINDS
from .source import SOURCES

_KINDS = {
    "model_type": "a mapping of keys to values",
    "dict_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a word",
    "bool_type": "true or false",
}


def input_error(error: ValidationError) -> ConfigError:
    """Return the problems of a failed validation; the message is the first, with their count."""
    # A default that could not be made because another value was refused is no problem of its own.
    details = [
        detail
        for detail in error.errors(include_url=False)
        if detail["type"] != "default_factory_not_called"
    ]
    # Unknown keys first and missing ones last: the one is the usual cause of the other.
    details.sort(key=lambda d: (d["type"] == "missing", "unknown key" not in _message(d)))
    problems = tuple((printable(_key(d)), printable(_message(d))) for d in details)
    text, others = ": ".join(problems[0]), len(details) - 1
    return ConfigError(f"{text} (and {others} more)" if others else text, problems)


def _message(detail: ErrorDetails) -> str:
    kind, got, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == PROBLEM:
        return str(context["message"])
    if kind == "missing":
        return "missing, a value is needed"
    if kind == "literal_error":
        return _unknown_word(str(context["expected"]), got)
    if kind == "union_tag_invalid":
        return _unknown_word(str(context["expected_tags"]), context["tag"])
    if kind == "union_tag_not_found":
        if detail["loc"][0] == "drive":
            return describe("must be a mapping with one name of a step", ", ".join(STEPS), got)
        kinds = SOURCES if detail["loc"][0] == "source" else MATERIAL_KINDS
        return describe("missing", ", ".join(kinds))
    if kind in _KINDS:
        return describe("wrong kind of value", _KINDS[kind], got)
    return describe(detail["msg"], got=got)


def _unknown_word(expected: str, got: object) -> str:
    words = [w.strip(" '") for w in expected.replace(" or ", ",").split(",")]
    return describe(f"not available{closest(got, words)}", ", ".join(words), got)


def _flat(loc: Sequence[str | int]) -> list[str | int]:
    """Return a place as a file spells it: the keys of a law stand in its section."""
    for place, part in enumerate(loc):
        if isinstance(part, str) and part.startswith(MARK):
            own = [name for name in loc[place + 2 :] if name != "name"]
            return [*loc[:place], *(own or [part.removeprefix(MARK)])]
    return list(loc)


def _key(detail: ErrorDetails) -> str:
    """Return the dotted key; the tags pydantic puts into unions are no part of it."""
    loc = _flat(detail["loc"])
    if len(loc) > 1 and loc[0] == "source" and loc[1] in SOURCES:
        del loc[1]
    if len(loc) > 2 and loc[0] == "materials" and loc[2] in MATERIAL_KINDS:
        del loc[2]
    if detail["type"].startswith("union_tag") and loc[0] in ("source", "materials"):
        loc.append("kind")
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    below = detail.get("ctx", {}).get("key", "") if detail["type"] == PROBLEM else ""
    return ".".join(part for part in (key.removeprefix("."), below) if part) or "config"
