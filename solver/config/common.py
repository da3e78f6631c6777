"""What the configs of all models have in common, and of those that are driven."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import yaml
from pydantic import model_validator

from ..parameters import PARAMETER_SETS, Cited
from ..units import format_quantity
from .base import Section, problem
from .drive import DriveStep, Pulse, Ramp, Repeat, Step, Table, walked
from .extensions import is_spec
from .families import LawSection
from .resolved import as_mapping
from .source import Source
from .until import Until


class RunConfig(Section):
    """Config of one run; each model has its own subclass, see `tusk.solver.config.models`.

    Attributes
    ----------
    model, parameters
        Name of the model and of its parameter set.
    physics_sections
        Sections whose values have an origin that is reported.
    has_finite_elements
        Whether the model is solved on a mesh, by compiled forms.
    """

    physics_sections: ClassVar[tuple[str, ...]]
    has_finite_elements: ClassVar[bool] = False
    if TYPE_CHECKING:
        model: str
        parameters: str

    @property
    def drive_dimension(self) -> Literal["voltage", "current"]:
        """What the drive prescribes."""
        return "voltage"

    @classmethod
    def law_sections(cls) -> Iterator[tuple[str, type[LawSection]]]:
        """Yield the sections in which laws are chosen."""
        for name, field in cls.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, LawSection):
                yield name, field.annotation

    def code(self) -> dict[str, str]:
        """Return the classes from Python files, ``/path/file.py:Class``, by the key of each."""
        return {
            f"{name}.{key}": law.name
            for name, _ in self.law_sections()
            for key, law in getattr(self, name).laws()
            if is_spec(law.name)
        }

    @property
    def step_limit(self) -> int | None:
        """Accepted steps after which the run stops, None without a limit."""
        return None

    @property
    def draws_random_numbers(self) -> bool:
        """Whether runs of different seeds differ."""
        return False

    def without_unused(self) -> Self:
        """Return the config without what the libraries filled in and the run does not use."""
        return self

    def cited(self) -> dict[str, Cited]:
        """Return what the parameter set and the libraries give, by key."""
        return dict(PARAMETER_SETS[self.parameters].values)

    def used_names(self) -> dict[str, object]:
        """Return the entries of a config file that choose what the defaults are."""
        return {"model": self.model, "parameters": self.parameters}

    def resolved(self) -> dict[str, Any]:
        """Return the config as a file would spell it, complete and with units.

        A file that holds it loads to an identical config.
        """
        return as_mapping(self, self.drive_dimension)

    def to_yaml(self) -> str:
        """Return `resolved` as YAML text."""
        return yaml.safe_dump(self.resolved(), sort_keys=False, allow_unicode=True, width=100)

    def physics_hash(self) -> str:
        """Return the SHA-256 (hex) of all that changes physics, geometry, drive or accuracy."""
        text = json.dumps(self._hashed(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def _hashed(self) -> dict[str, Any]:
        """Return what enters the hash.

        Left out: what is written and when, the name of the parameter set (its values count), and
        keys with their null value: what came later than a result does not change its hash.
        """
        mapping = self.model_dump(mode="json", by_alias=True)
        for key in ("output", "checkpoint", "parameters"):
            mapping.pop(key, None)
        for name in type(self).model_fields:
            section = getattr(self, name)
            if name in mapping and isinstance(section, Section):
                mapping[name] = section.without_nulls(section.content(mapping[name]))
        return {key: value for key, value in self.without_nulls(mapping).items() if value != {}}


class DrivenConfig(RunConfig):
    """Config of a cell that a source drives through the steps of a waveform."""

    until_quantities: ClassVar[Mapping[str, str]]
    if TYPE_CHECKING:
        drive: tuple[DriveStep, ...]
        source: Source

    @property
    def drive_dimension(self) -> Literal["voltage", "current"]:
        """What the drive prescribes."""
        return "current" if self.source.kind == "current" else "voltage"

    def _hashed(self) -> dict[str, Any]:
        """Return what enters the hash; of a waveform file the points, not the name."""
        mapping = super()._hashed()
        _name_steps(self.drive, mapping["drive"])
        return mapping

    @model_validator(mode="after")
    def _drive_is_continuous(self) -> DrivenConfig:
        if not self.drive:
            raise problem("no steps", "at least one step", got=[], key="drive")
        self._check_levels(self.drive, 0.0, "drive")
        return self

    def _check_levels(
        self, steps: Sequence[DriveStep], level: float | None, key: str
    ) -> float | None:
        """Refuse steps that go nowhere or jump; return the value at their end, None if unknown."""
        for number, step in enumerate(steps):
            path = f"{key}[{number}].{step.name}"
            if isinstance(step, Repeat):
                # The first turn may start elsewhere than all the others.
                for _ in range(min(step.count, 2)):
                    level = self._check_levels(step.steps, level, f"{path}.steps")
            elif level is not None:
                self._check_start(step, level, path)
            level = None if step.until else step.end_level(level)
        return level

    def _check_start(self, step: DriveStep, level: float, key: str) -> None:
        """Refuse a ramp or a pulse that goes nowhere and a table that would jump."""
        present = format_quantity(level, self.drive_dimension)
        goal = {Ramp: "to", Pulse: "amplitude"}.get(type(step))
        if goal is not None and getattr(step, goal) == level:
            what = "equals the present value, nothing would change"
            raise problem(what, got=present, key=f"{key}.{goal}")
        if isinstance(step, Table) and step.times[0] == 0.0 and step.values[0] != level:
            got = format_quantity(step.values[0], self.drive_dimension)
            raise problem("must start at the present value", present, got, key=f"{key}.points")

    @model_validator(mode="after")
    def _until_watches_columns_of_the_model(self) -> DrivenConfig:
        for key, step in walked(self.drive):
            if step.until is not None and step.until.quantity not in self.until_quantities:
                what = f"not a column of model {self.model}"
                allowed = ", ".join(self.until_quantities)
                raise problem(what, allowed, step.until.quantity, key=f"{key}.until.quantity")
        return self

    @model_validator(mode="after")
    def _until_leaves_a_repeat_that_is_there(self) -> DrivenConfig:
        for number, step in enumerate(self.drive):
            if step.until is not None and step.until.leaves == "repeat":
                key = f"drive[{number}].{step.name}.until.leaves"
                raise problem("stands in no repeat", "step", "repeat", key=key)
        return self


def _name_steps(steps: Sequence[Step], dumped: list[dict[str, Any]]) -> None:
    """Say in what was dumped of steps which they are; a file counts by its points."""
    for step, body in zip(steps, dumped, strict=True):
        body["name"] = step.name
        body.pop("file", None)
        if step.until is not None:
            body["until"] = Until.without_nulls(body["until"])
        if isinstance(step, Repeat):
            _name_steps(step.steps, body["steps"])
