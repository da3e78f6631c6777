"""Families of laws in a section: one member is chosen by name, and it brings keys of its own.

A file spells a section flat, ``tunnel: {model: simmons_linear, prefactor: 0.5, gap: column}``.
Here the law is an object of its own, `Law`, whose class knows which keys belong to it; a key of
another member is refused. A law from a Python file takes whatever keys are left: which ones its
class wants is only known once the file may be run, see `tusk.solver.laws`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from ..units import normalised
from .base import MARK, Section, belongs_to, closest, context_of, problem
from .extensions import content_of, is_spec, located
from .quantities import unit_of

FROM_FILE = "file.py:ClassName"
OWN = "@own"

type Raw = str | bool | int | float
"""A value as it stands in a file."""


class Law(Section):
    """A member of a family, with the keys that belong to it alone."""

    name: str

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names it is chosen by."""
        return get_args(cls.model_fields["name"].annotation) or (FROM_FILE,)

    @classmethod
    def own_keys(cls) -> tuple[str, ...]:
        """Return the keys that belong to it."""
        return tuple(key for key in cls.key_names() if key != "name")


def _located(value: str, info: ValidationInfo) -> str:
    context = context_of(info)
    if not context.allow_code:
        raise problem("runs Python code from outside, which needs --allow-code", got=value)
    return located(value, context.base_dir)


class FromFile(Law):
    """A class in a Python file of the user's own."""

    name: Annotated[str, AfterValidator(_located)] = Field(
        description="file, relative to the config, and class"
    )


@dataclass(frozen=True, slots=True)
class Family:
    """Marks a union of laws: the member is chosen by its name."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices = {
            name: handler.generate_schema(law) for law in _laws(source) for name in law.names()
        }
        return core_schema.tagged_union_schema(choices, _tag, from_attributes=False)


def _laws(annotation: object) -> tuple[type[Law], ...]:
    """Return the members of a union, which may be one alone."""
    return get_args(annotation) or (annotation,)


def _tag(law: Any) -> str:
    name = str(law["name"] if isinstance(law, dict) else law.name)
    return FROM_FILE if is_spec(name) else name


@dataclass(frozen=True, slots=True)
class Choice:
    """One family of a section.

    Attributes
    ----------
    field
        Name of the field that holds the law.
    key
        Key by which a file chooses the member.
    members
        Classes by name.
    """

    field: str
    key: str
    members: Mapping[str, type[Law]]

    def own_keys(self, name: object) -> tuple[str, ...]:
        """Return the keys of one member; none of an unknown one."""
        law = self.members.get(str(name))
        return () if law is None else law.own_keys()

    def strange_keys(self, name: object) -> set[str]:
        """Return the keys of the other members; none where a name says nothing about keys."""
        if str(name) not in self.members:
            return set()
        return self.all_keys() - set(self.own_keys(name))

    def all_keys(self) -> set[str]:
        """Return the keys of all members."""
        return {key for law in self.members.values() for key in law.own_keys()}

    def without(self, key: str) -> list[str]:
        """Return the names of the members that do not have a key."""
        return [name for name, law in self.members.items() if key not in law.own_keys()]

    def owners(self, key: str) -> list[str]:
        """Return the names of the members that have a key."""
        return [name for name, law in self.members.items() if key in law.own_keys()]


class LawSection(Section):
    """A section in which laws are chosen; attributes can be read as a file spells them."""

    own: dict[str, Raw] = Field(
        default_factory=dict, alias="@own", description="parameters of laws from files"
    )

    @classmethod
    @cache
    def choices(cls) -> tuple[Choice, ...]:
        """Return the families of the section."""
        found = []
        for name, field in cls.model_fields.items():
            if any(isinstance(item, Family) for item in field.metadata):
                laws = {each: law for law in _laws(field.annotation) for each in law.names()}
                laws.pop(FROM_FILE)
                found.append(Choice(name, str(field.alias).removeprefix(MARK), laws))
        return tuple(found)

    @classmethod
    def plain_keys(cls) -> list[str]:
        """Return the keys that belong to no law."""
        return [key for key in super().key_names() if not key.startswith(MARK)]

    @classmethod
    def flat_keys(cls) -> list[str]:
        """Return every key that a file may hold, whatever is chosen."""
        keys = [key for choice in cls.choices() for key in (choice.key, *sorted(choice.all_keys()))]
        return [*keys, *cls.plain_keys()]

    def laws(self) -> Iterator[tuple[str, Law]]:
        """Yield the key of each family and what is chosen."""
        for choice in self.choices():
            yield choice.key, getattr(self, choice.field)

    @classmethod
    def _nested(cls, data: dict[str, object]) -> dict[str, object]:
        """Return the keys of a file with those of each law gathered in an object."""
        rest, nested = dict(data), {}
        names = {choice.key: cls._name(choice, rest) for choice in cls.choices()}
        for choice in cls.choices():
            name = names[choice.key]
            law: dict[str, object] = {"name": name}
            if name in choice.members:
                law |= {key: rest.pop(key) for key in choice.own_keys(name) if key in rest}
            elif not is_spec(name):  # an unknown name: its keys are no fault of their own
                rest = {key: value for key, value in rest.items() if key not in choice.all_keys()}
            nested[f"{MARK}{choice.key}"] = law
        strangers = [key for key in rest if key not in cls.plain_keys()]
        if any(map(is_spec, names.values())):
            own = {key: _raw(key, rest.pop(key)) for key in strangers}
            return {**rest, **nested, OWN: own}
        if strangers:
            raise cls._stranger(strangers[0], names)
        return {**rest, **nested}

    @classmethod
    def _name(cls, choice: Choice, data: dict[str, object]) -> str:
        allowed = " or ".join([*filter(None, [", ".join(choice.members)]), FROM_FILE])
        if choice.key not in data:
            raise problem("missing", allowed, key=choice.key)
        name = data.pop(choice.key)
        if not isinstance(name, str):
            raise problem("wrong kind of value", f"a word: {allowed}", name, key=choice.key)
        return name

    @classmethod
    def _stranger(cls, key: str, names: Mapping[str, str]) -> Exception:
        """Return the error of a key that has no place here."""
        allowed = [
            each
            for choice in cls.choices()
            for each in (choice.key, *choice.own_keys(names[choice.key]))
        ]
        allowed += cls.plain_keys()
        for choice in cls.choices():
            if owners := choice.owners(key):
                owners[0] = f"{choice.key}: {owners[0]}"
                return belongs_to(owners, names[choice.key], allowed, key)
        return problem(f"unknown key{closest(key, allowed)}", ", ".join(allowed), key=str(key))

    def flat(self, dumped: Mapping[str, Any]) -> dict[str, object]:
        """Return a dump of the section with its laws spelled as in a file."""
        out: dict[str, object] = {}
        for key, value in dumped.items():
            if key == OWN:
                continue
            if key.startswith(MARK):
                own = {name: each for name, each in value.items() if name != "name"}
                out |= {key.removeprefix(MARK): value["name"], **own}
            else:
                out[key] = value
        return out | dict(dumped[OWN])

    def content(self, dumped: Mapping[str, object]) -> dict[str, object]:
        """Return what counts of a dump: files by what they hold, quantities by their size."""
        own = {name: normalised(value) for name, value in self.own.items()}
        out = self.flat(dumped) | own
        for key, law in self.laws():
            if is_spec(law.name):
                out[key] = [content_of(law.name), law.name.rpartition(":")[2]]
        return out

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> object: ...
    else:

        def __getattr__(self, name: str) -> object:
            if not name.startswith("_"):
                for key, law in self.laws():
                    if name == key:
                        return law.name
                    if name in law.own_keys():
                        return getattr(law, name)
            return super().__getattr__(name)


def _raw(key: object, value: object) -> object:
    if not isinstance(value, str | int | float):
        raise problem("wrong kind of value", "a quantity, a number or a word", value, str(key))
    return value


def known_units(choice: Choice) -> dict[str, str | None]:
    """Return the units of the keys of all members: a class from a file may use the same names."""
    return {
        key: unit_of(law.model_fields[key])
        for law in choice.members.values()
        for key in law.own_keys()
    }


def without_strangers(
    section: type[LawSection],
    given: Mapping[str, object],
    chosen: Mapping[str, object],
    keep: Collection[str] = (),
) -> dict[str, object]:
    """Return the keys of a section without those that belong to members that are not chosen.

    Parameters
    ----------
    section
        The model of the section.
    given
        Keys of a lower layer: defaults under a file, or a file under ``--set``.
    chosen
        Keys from which the names of the members are taken.
    keep
        Keys that stay all the same.
    """
    strange = {
        key for choice in section.choices() for key in choice.strange_keys(chosen.get(choice.key))
    }
    return {key: value for key, value in given.items() if key in keep or key not in strange}
