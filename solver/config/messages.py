"""From pydantic's errors to the one line a user sees."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..errors import InputError
from .base import PROBLEM, closest, describe
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


def input_error(error: ValidationError) -> InputError:
    """Return the first problem of a failed validation, with the count of the others."""
    details = error.errors(include_url=False)
    # Unknown keys first: they are the usual cause of what else seems to be missing.
    first = min(details, key=lambda d: not _message(d).startswith("unknown key"))
    text = f"{_key(first)}: {_message(first)}"
    others = len(details) - 1
    return InputError(f"{text} (and {others} more)" if others else text)


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
        return describe("does not say which kind it is", got=got)
    if kind in _KINDS:
        return describe("wrong kind of value", _KINDS[kind], got)
    return describe(detail["msg"], got=got)


def _unknown_word(expected: str, got: object) -> str:
    words = [w.strip(" '") for w in expected.replace(" or ", ",").split(",")]
    return describe(f"not available{closest(got, words)}", ", ".join(words), got)


def _key(detail: ErrorDetails) -> str:
    """Return the dotted key; the tags pydantic puts into unions are no part of it."""
    loc = list(detail["loc"])
    if len(loc) > 1 and loc[0] == "source" and loc[1] in SOURCES:
        del loc[1]
    if len(loc) > 2 and loc[0] == "materials" and loc[2] in ("metal", "oxide"):
        del loc[2]
    if detail["type"].startswith("union_tag") and loc[0] in ("source", "materials"):
        loc.append("kind")
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    below = detail.get("ctx", {}).get("key", "") if detail["type"] == PROBLEM else ""
    return ".".join(part for part in (key.removeprefix("."), below) if part) or "config"
