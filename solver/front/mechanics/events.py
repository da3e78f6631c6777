"""What can happen to the topology of a front, and from which lengths on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tusk.solver.errors import InputError
from tusk.solver.front.mechanics.curves import Curve


class EventKind(StrEnum):
    """What happened."""

    SEVERED = "severed"
    TRIMMED = "whisker removed"
    REMOVED = "speck removed"
    MERGED = "merged"
    LANDED = "touched an electrode"
    FILLED = "pocket filled"
    CUT = "sheet cut off"


@dataclass(frozen=True, slots=True)
class Event:
    """A change of topology.

    Attributes
    ----------
    kind
        What happened.
    radius, height
        Where.
    lost
        Metal that is gone afterwards; negative: metal added.  To be booked beside what charge
        transfer moved, for it crossed no interface.
    """

    kind: EventKind
    radius: float
    height: float
    lost: float

    def __str__(self) -> str:
        return (
            f"{self.kind} at r = {self.radius:.4g}, z = {self.height:.4g}; "
            f"{abs(self.lost):.3g} of volume {'lost' if self.lost >= 0 else 'gained'}"
        )


type Change = tuple[tuple[Curve, ...], Event]
"""What became of a curve, and why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths below which continuous metal or oxide makes no sense.

    Parameters
    ----------
    smallest_radius
        Necks and whiskers thinner than this are cut: half an atom's diameter.
    smallest_volume
        Bodies smaller than this are removed: an atom.
    reach
        Metal surfaces nearer than this to each other or to an electrode join.
    floor, ceiling
        Heights of counter-electrode and active electrode.

    Raises
    ------
    InputError
        If a length is not positive or the electrodes are exchanged.
    """

    smallest_radius: float
    smallest_volume: float
    reach: float
    floor: float = 0.0
    ceiling: float = float("inf")

    def __post_init__(self) -> None:
        for name in ("smallest_radius", "smallest_volume", "reach"):
            if not getattr(self, name) > 0.0:
                raise InputError(f"{name}: must be above 0, got {getattr(self, name):g}")
        if not self.ceiling > self.floor + self.reach:
            raise InputError(
                f"ceiling: must lie above {self.floor + self.reach:g}, got {self.ceiling:g}"
            )

    @property
    def waist(self) -> float:
        """Radius of metal that joins: thick enough not to be cut again at once."""
        return 1.5 * self.smallest_radius
