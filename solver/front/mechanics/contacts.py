"""Join metal that meets: bodies with each other, with an electrode, with themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tusk.meshes.curve import Points, arc_length, pit_depth
from tusk.solver.front.mechanics.curves import LEAST_NODES, Curve, End, Front
from tusk.solver.front.mechanics.events import Change, Event, EventKind, Limits

FOLDED = 3.0
"""Two places of one curve face each other if the way along it is this much longer than between."""


def merged(front: Front, limits: Limits) -> tuple[Front, Event] | None:
    """Return the front with the first two bodies that meet made one, None if none do.

    They are joined where they are within reach farthest from the axis, at least by a waist that
    is not severed again; what they enclose is filled.
    """
    for index, (upper, lower) in enumerate(zip(front.curves, front.curves[1:], strict=False)):
        if upper.last is not End.AXIS or lower.first is not End.AXIS:
            continue
        near = _distances(upper.points, lower.points) <= limits.reach
        if not near.any():
            continue
        i = int(near.any(axis=1).argmax())
        j = int(np.flatnonzero(near[i])[-1])
        i = min(i, _last_wide(upper.points, limits.waist))
        j = max(j, _first_wide(lower.points, limits.waist))
        points = np.vstack((upper.points[: i + 1], lower.points[j:]))
        whole = Curve(points, upper.first, lower.last)
        curves = (*front.curves[:index], whole, *front.curves[index + 2 :])
        lost = upper.volume + lower.volume - whole.volume
        r, z = 0.5 * (upper.points[i] + lower.points[j])
        return Front(curves), Event(EventKind.MERGED, float(r), float(z), lost)
    return None


def _distances(first: Points, second: Points) -> np.ndarray:
    """Return the distance of every node of one curve to every node of the other (n, m)."""
    return np.asarray(np.hypot(*(first[:, None] - second[None]).transpose(2, 0, 1)))


def _last_wide(points: Points, radius: float) -> int:
    """Return the node nearest to the lower pole that is as wide as ``radius``, at least node 1."""
    wide = np.flatnonzero(points[:, 0] >= min(radius, 0.9 * points[:, 0].max()))
    return max(1, int(wide[-1]))


def _first_wide(points: Points, radius: float) -> int:
    """Return the node nearest to the upper pole that is as wide as ``radius``."""
    return len(points) - 1 - _last_wide(points[::-1], radius)


def landed(curve: Curve, limits: Limits) -> Change | None:
    """Return the curve standing on an electrode that one of its poles has reached, or None.

    Likewise a surface that comes to an electrode beside its contact line: what is between them is
    filled, or cut off where the metal lies on the other side.
    """
    for flip, level, electrode in (
        (False, limits.floor, End.COUNTER),
        (True, -limits.ceiling, End.ACTIVE),
    ):
        points = curve.points[::-1] * (1.0, -1.0) if flip else curve.points
        end = curve.first if flip else curve.last
        cut = _landing(points, end, electrode, level, limits)
        if cut is None:
            continue
        foot = np.array((points[cut, 0], level))
        keep = cut if points[cut, 1] - level <= 1e-9 * limits.reach else cut + 1
        new = np.vstack((points[:keep], foot))
        if len(new) < LEAST_NODES:
            continue
        stands = (
            replace(curve, points=new[::-1] * (1.0, -1.0), first=electrode)
            if flip
            else replace(curve, points=new, last=electrode)
        )
        lost = curve.volume - stands.volume
        place = float(-level if flip else level)
        return (stands,), Event(EventKind.LANDED, float(foot[0]), place, lost)
    return None


def _landing(points: Points, end: End, electrode: End, level: float, limits: Limits) -> int | None:
    """Return the node that becomes the contact line on the floor, None if nothing touches it."""
    r, z = points.T
    low = z <= level + limits.reach
    if end is End.AXIS:
        if not low[-1]:
            return None
        touching = np.flatnonzero(low & (r >= limits.waist))
        return int(touching[0]) if len(touching) else _last_wide(points, limits.waist)
    if end is not electrode:
        return None
    inner = np.arange(1, len(z) - 1)
    dips = inner[low[inner] & (z[inner] <= z[inner - 1]) & (z[inner] < z[inner + 1])]
    return int(dips[0]) if len(dips) else None


def unfolded(curve: Curve, limits: Limits) -> Change | None:
    """Return the curve without a fold whose sides meet, None if there is none.

    A pocket of oxide is filled, a sheet of metal cut off; so is the mouth of a pit on the axis.
    """
    points = curve.points
    pit = _closing_pit(curve, limits.reach)
    if pit is not None:
        rest = points[pit:]
        if len(rest) >= LEAST_NODES:
            new = replace(curve, points=np.vstack(((0.0, rest[0, 1]), rest)), first=End.AXIS)
            return (new,), _fold_event(curve, new, points[pit])
    filled = _without_pit(curve, limits.reach)
    if filled is not None:
        return filled
    s = arc_length(points)
    distance = _distances(points, points)
    facing = np.triu(s[None] - s[:, None] > FOLDED * np.maximum(distance, limits.reach), 2)
    facing &= distance <= limits.reach
    if not facing.any():
        return None
    i, j = np.unravel_index(np.where(facing, distance, np.inf).argmin(), facing.shape)
    kept = np.vstack((points[: i + 1], points[j:]))
    if len(kept) < LEAST_NODES:
        return None
    new = replace(curve, points=kept)
    return (new,), _fold_event(curve, new, 0.5 * (points[i] + points[j]))


def _closing_pit(curve: Curve, reach: float) -> int | None:
    """Return the node of the mouth of a pit on the axis that closes, at either pole."""
    if curve.first is not End.AXIS:
        return None
    r, z = curve.points.T
    inner = np.arange(2, len(r) - 1)
    mouth = (r[inner] <= r[inner - 1]) & (r[inner] < r[inner + 1]) & (z[inner + 1] > z[inner - 1])
    closing = inner[mouth & (2.0 * r[inner] <= reach)]
    return int(closing[-1]) if len(closing) else None


def _without_pit(curve: Curve, width: float) -> Change | None:
    """Return the curve without a pit from above that is deeper than ``width`` and narrower.

    It is filled to its lower rim; None if there is none.
    """
    points = curve.points
    depth = pit_depth(points, width)
    deepest = int(depth.argmax())
    if depth[deepest] <= width:
        return None
    r, z = points.T
    near, order = np.abs(r - r[deepest]) <= width, np.arange(len(r))
    level = z[deepest] + depth[deepest] * (1.0 - 1e-9)
    outer = np.flatnonzero(near & (order > deepest) & (z >= level))
    inner = np.flatnonzero(near & (order < deepest) & (z >= level))
    rest = points[outer[0] :]
    rim = points[: inner[-1] + 1] if len(inner) else np.array([(0.0, rest[0, 1])])
    new = replace(curve, points=np.vstack((rim, rest)))
    return (new,), _fold_event(curve, new, points[deepest])


def _fold_event(old: Curve, new: Curve, place: Points) -> Event:
    lost = old.volume - new.volume
    kind = EventKind.CUT if lost >= 0.0 else EventKind.FILLED
    return Event(kind, float(place[0]), float(place[1]), lost)
