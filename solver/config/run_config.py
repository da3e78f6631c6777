"""What the configs of all models have in common, and of those that are driven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ..units import format_quantity
from .base import Section, problem
from .drive import DriveStep, Pulse, Ramp, Repeat, Table, walked
from .source import Source


class RunConfig(Section):
    """Config of one run; each model has its own subclass, see `tusk.solver.config.models`.

    Attributes
    ----------
    model, parameters
        Name of the model and of its parameter set.
    physics_sections
        Sections whose values have an origin that is reported.
    """

    physics_sections: ClassVar[tuple[str, ...]]
    if TYPE_CHECKING:
        model: str
        parameters: str

    @property
    def drive_dimension(self) -> Literal["voltage", "current"]:
        """What the drive prescribes."""
        return "voltage"

    @property
    def step_limit(self) -> int | None:
        """Accepted steps after which the run stops, None without a limit."""
        return None

    def used_names(self) -> dict[str, Any]:
        """Return the entries of a config file that choose what the defaults are."""
        return {"model": self.model, "parameters": self.parameters}

    def resolved(self) -> dict[str, Any]:
        """Return the config as a file would spell it, complete and with units.

        A file that holds it loads to an identical config.
        """
        from .resolved import as_mapping

        return as_mapping(self)

    def to_yaml(self) -> str:
        """Return `resolved` as YAML text."""
        from .resolved import as_yaml

        return as_yaml(self)

    def physics_hash(self) -> str:
        """Return the SHA-256 (hex) of all that changes physics, geometry, drive or accuracy."""
        from .resolved import physics_hash

        return physics_hash(self)

    @classmethod
    def _unknown_key(cls, key: object) -> PydanticCustomError:
        from .models import CONFIGS

        owners = [name for name, kind in CONFIGS.items() if key in kind.key_names()]
        if not owners:
            return super()._unknown_key(key)
        ours = next(name for name, kind in CONFIGS.items() if kind is cls)
        what = f"belongs to model {' or '.join(owners)}, not {ours}"
        return problem(what, ", ".join(cls.key_names()), key=str(key))


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
