"""Cut metal that is thinner than an atom: poles with right angles at the axis, volume booked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tusk.meshes.curve import Points, revolved_volume
from tusk.solver.front.mechanics.curves import Curve, End
from tusk.solver.front.mechanics.events import Change, Event, EventKind, Limits
from tusk.solver.front.mechanics.necks import narrowest_neck, whisker

CLEAR = 0.75
"""Half the distance of the new poles over `Limits.reach`: they do not meet again at once."""

FARTHEST = 10.0
"""Distance from the cut, in units of its radius and half gap, within which a cap begins."""

FLATTEST = 0.3
"""Height over radius of the flattest cap."""

CAP_NODES = 6
"""Elements of a cap."""

WHISKER_CAP = 0.5
"""Height over radius of the cap where a whisker was: half of a paraboloid's quarter turn."""


def severed(curve: Curve, limits: Limits) -> Change | None:
    """Return the pieces of a curve cut at its narrowest neck and the event, None without a neck.

    Each piece ends in a paraboloid that holds the metal up to the cut, where there is room for it.
    """
    neck = narrowest_neck(curve)
    if neck is None or neck.radius >= limits.smallest_radius:
        return None
    upper = _capped(curve.points[: neck.node + 1], CLEAR * limits.reach)
    lower = _capped(_flipped(curve.points[neck.node :]), CLEAR * limits.reach)
    pieces = []
    if upper is not None:
        pieces.append(Curve(upper, curve.first, End.AXIS))
    if lower is not None:
        pieces.append(Curve(_flipped(lower), End.AXIS, curve.last))
    lost = curve.volume - sum(piece.volume for piece in pieces)
    return tuple(pieces), Event(EventKind.SEVERED, neck.radius, neck.height, lost)


def _flipped(points: Points) -> Points:
    """Return the points upside down, again from the top to the bottom."""
    return points[::-1] * (1.0, -1.0)


def _capped(points: Points, clear: float) -> Points | None:
    """Return a piece that ends with a pole at least ``clear`` above its last node, None if none.

    The cap begins at the nearest node from which it holds all metal below, else where the least is
    lost; it is no flatter than `FLATTEST` if that can be.
    """
    radius, cut = points[-1]
    chosen: tuple[int, float] | None = None
    least = (True, np.inf)
    for rim in range(len(points) - 2, 0, -1):
        room = float(points[rim, 1] - cut) - clear
        if points[rim, 1] <= points[rim + 1, 1]:
            break
        if room <= 0.0:
            continue
        volume, rim_radius = revolved_volume(points[rim:]), float(points[rim, 0])
        height = volume / _cap_volume(rim_radius)
        lost = room < FLATTEST * rim_radius, volume * max(0.0, 1.0 - room / height)
        if lost < least:
            least, chosen = lost, (rim, min(height, room))
        if height <= room or room > FARTHEST * (radius + clear):
            break
    if chosen is None:
        return None
    rim, height = chosen
    return np.vstack((points[: rim + 1], _cap(points[rim], height)))


def _cap(rim: Points, height: float) -> Points:
    """Return the nodes (k, 2) of a paraboloid that hangs from ``rim``, without it, to its pole."""
    share = np.linspace(1.0, 0.0, CAP_NODES + 1)[1:]
    return np.column_stack((rim[0] * share, rim[1] - height * (1.0 - share**2)))


def _cap_volume(radius: float) -> float:
    """Return the volume of the polygon that a cap is, per height."""
    rim = np.array((radius, 0.0))
    return revolved_volume(np.vstack((rim, _cap(rim, 1.0))))


def trimmed(curve: Curve, limits: Limits) -> Change | None:
    """Return the curve without a whisker on the axis and the event, None if it has none."""
    found = whisker(curve, limits.smallest_radius)
    if found is None:
        return None
    first, last = found
    at_top = first == 0
    rest = _flipped(curve.points[last:]) if at_top else curve.points[: first + 1]
    radius, height = rest[-1]
    capped = np.vstack((rest, _cap(rest[-1], WHISKER_CAP * float(radius))))
    new = replace(curve, points=_flipped(capped) if at_top else capped)
    place = float(-height if at_top else height)
    return (new,), Event(EventKind.TRIMMED, float(radius), place, curve.volume - new.volume)


def vanished(curve: Curve, limits: Limits) -> Change | None:
    """Return nothing and the event if a body is smaller or everywhere thinner than an atom."""
    wide = float(curve.points[:, 0].max()) >= limits.smallest_radius
    if wide and curve.volume >= limits.smallest_volume:
        return None
    r, z = curve.points.mean(axis=0)
    return (), Event(EventKind.REMOVED, float(r), float(z), curve.volume)
