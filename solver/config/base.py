"""Base of every config section, and the one way in which a section says what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

PROBLEM = "tusk_problem"
_LONGEST_ECHO = 60
# Share of letters in common from which one word is taken for a misspelt other one.
_ALIKE = 0.75
_SHORTEST_PART = 4
_NOTHING = object()
MARK = "@"
"""Begins the name of what is an object in a section and flat in a file."""


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What validation must know beyond the values themselves.

    Attributes
    ----------
    base_dir
        Folder that file names in the config are relative to.
    drive_dimension
        What the drive prescribes: ``"voltage"``, or ``"current"`` with ``source.kind: current``.
    allow_code
        Whether laws and observables may come from Python files named in the config.
    """

    base_dir: Path = Path()
    drive_dimension: Literal["voltage", "current"] = "voltage"
    allow_code: bool = False


def context_of(info: ValidationInfo) -> LoadContext:
    """Return the load context of a validation, the default one if none was given."""
    return info.context if isinstance(info.context, LoadContext) else LoadContext()


def echo(value: object) -> str:
    """Return a short one-line spelling of a value as it stood in the config file."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        text = "a very long number"
    return text if len(text) <= _LONGEST_ECHO else text[: _LONGEST_ECHO - 3] + "..."


def printable(text: str) -> str:
    """Return a text on one line: a key may hold breaks."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def closest(word: object, words: Iterable[str]) -> str:
    """Return ``", did you mean 'x'?"`` for the word that was surely meant, or nothing.

    Meant is what differs by a slip of the keyboard, or what is named by a part of it that no other
    one has, such as ``thickness``.
    """
    typed = str(word).lower()
    candidates = {w.lower(): w for w in words}
    match = difflib.get_close_matches(typed, list(candidates), n=1, cutoff=_ALIKE)
    if not match and len(typed) >= _SHORTEST_PART:
        parts = [c for c in candidates if typed in c or (len(c) >= _SHORTEST_PART and c in typed)]
        match = parts if len(parts) == 1 else []
    return f", did you mean {candidates[match[0]]!r}?" if match else ""


def describe(what: str, allowed: str = "", got: object = _NOTHING) -> str:
    """Return ``what, allowed ..., got ...``."""
    text = f"{what}, allowed {allowed}" if allowed else what
    return text if got is _NOTHING else f"{text}, got {echo(got)}"


def problem(
    what: str, allowed: str = "", got: object = _NOTHING, key: str = ""
) -> PydanticCustomError:
    """Return the error to raise from a validator.

    Parameters
    ----------
    what, allowed, got
        Parts of the message, see `describe`.
    key
        Dotted key below the place of the validator; empty if that place is meant.
    """
    message = describe(what, allowed, got)
    return PydanticCustomError(PROBLEM, "{message}", {"message": message, "key": key})


def belongs_to(
    owners: Iterable[str], ours: str, names: Iterable[str], key: object
) -> PydanticCustomError:
    """Return the error of a key that others have: which, and what is allowed here."""
    return problem(f"belongs to {' or '.join(owners)}, not {ours}", ", ".join(names), key=str(key))


@dataclass(frozen=True, slots=True)
class Null:
    """Marks a key that came later: this value of it means that all is as it was before.

    It does not enter the physics hash then, so that results of before keep their hash.
    """

    value: object


class Section(BaseModel):
    """A frozen group of config keys; unknown keys are refused with the closest match."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def key_names(cls) -> list[str]:
        """Return the keys of the section as a config file spells them."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: object) -> object:
        data = cls._mapping(data)
        if not isinstance(data, dict):
            raise problem("must be a mapping of keys to values", got=data)
        data = cls._nested(data)
        for key in data:
            if key not in cls.key_names():
                raise cls._unknown_key(key)
        return data

    @classmethod
    def _mapping(cls, data: object) -> object:
        """Return the keys of what may be spelled shorter."""
        return data

    @classmethod
    def _nested(cls, data: dict[str, object]) -> dict[str, object]:
        """Return the keys as the fields have them; a section may spell them otherwise in files."""
        return data

    def content(self, dumped: dict[str, object]) -> dict[str, object]:
        """Return what counts for results of a dump of the section by its keys."""
        return dumped

    @classmethod
    def nulls(cls) -> dict[str, object]:
        """Return the keys that may be `Null`, each with the value that is."""
        return {
            (field.alias or name).removeprefix(MARK): item.value
            for name, field in cls.model_fields.items()
            for item in field.metadata
            if isinstance(item, Null)
        }

    @classmethod
    def without_nulls(cls, content: dict[str, object]) -> dict[str, object]:
        """Return keys and values without those that are `Null`."""
        null = cls.nulls()
        return {k: v for k, v in content.items() if k not in null or v != null[k]}

    @classmethod
    def _unknown_key(cls, key: object) -> PydanticCustomError:
        names = cls.key_names()
        return problem(f"unknown key{closest(key, names)}", ", ".join(names), key=str(key))
