"""Which column of a table is the voltage, which the current, which the time and the cycle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.postprocess.measured.tables import Block
from tusk.solver.errors import InputError
from tusk.solver.units import QuantityError, parse_quantity

Array = NDArray[np.float64]

COUNTED_VOLTAGE = 20.0
"""Voltages 1, 2, 3 … beyond it are row numbers, unless an option says otherwise."""

LARGEST_VOLTAGE, LARGEST_CURRENT = 1000.0, 1.0
"""Beyond them (V, A) numbers are no axis of a cell's measurement."""

_SPLIT = (
    re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]\s*$"),
    re.compile(r"^(?P<name>.*?)\s*[/,]\s*(?P<unit>[^\s/,]+)\s*$"),
    re.compile(r"^(?P<name>.*?)_(?P<unit>[pnuµμmk]?(?:V|A|s))$"),
    re.compile(r"^(?P<name>.*?)\s+in\s+(?P<unit>\S+)$"),
)

# Most telling first; a name is matched whole, in lower case, without its unit.
_ROLES = {
    "voltage": (
        r"applied[_ ]voltage",
        r"v(oltage)?[_ ]?(applied|force|source|cell|dut)?",
        r"(u|spannung)",
        r"(potential|bias|tension|voltaje|volts?|napi.*)",
        r"(potential applied|bias[_ ]voltage)",
        r"we\(1\)\.potential",
        r"(av|bv|v1|v2|ch1 ?v|vd|va|vin|vsource|vforce|smu1[_ ]?v\w*)",
        r".*(voltage|potential|spannung).*",
    ),
    "current": (
        r"current",
        r"i(_?cell|_?dut|_?meas)?",
        r"(strom|courant|corriente|amps?)",
        r"we\(1\)\.current",
        r"(ai|bi|i1|i2|ch1 ?i|id|ia|imeas|isense|smu1[_ ]?i\w*)",
        r".*(current|strom).*",
        r"(\|i\w*\||\|current\||abs\(?(i|current)\w*\)?|abs[_ ]?(i|current)|i[_ ]?abs)",
    ),
    "time": (r"time", r"t", r"(zeit|temps|tiempo|timestamp|elapsed)", r".*\btime\b.*"),
    "cycle": (r"(cycle|trace|sweep|loop|zyklus|repeat|iteration|run)( ?(no\.?|number|index|#))?",),
    "index": (r"(item|index|no\.?|nr\.?|#|point|row|record|id|sample|unnamed: 0)",),
}
_PAIRED = 100
"""Rank of names that are not one of a pair of a channel."""

_MAGNITUDE = re.compile(r"^(\|.*\||abs.*|.*[_ ]abs)$", re.IGNORECASE)
DIMENSIONS = ("voltage", "current", "time")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where voltage and current stand in a file, and in which units.

    Attributes
    ----------
    voltage, current
        Names in the header line, or numbers from 1; None takes what the file tells.
    voltage_unit, current_unit
        Units of the numbers; None takes those of the header, V and A without any.
    """

    voltage: str | None = None
    current: str | None = None
    voltage_unit: str | None = None
    current_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """One column with its meaning.

    Attributes
    ----------
    name
        As the file says it.
    column
        Its number in the table, from 0.
    unit, factor
        Unit of its numbers, and its SI value.
    how
        By what it was known: ``option``, ``header``, ``order`` or ``shape``.
    """

    name: str
    column: int
    unit: str
    factor: float
    how: str

    @property
    def is_magnitude(self) -> bool:
        """Whether the name says that signs were taken off."""
        return bool(_MAGNITUDE.match(split(self.name)[0]))


def split(name: str) -> tuple[str, str]:
    """Return name and unit of a header such as ``I (mA)``, ``Strom / µA`` or ``current_A``."""
    for pattern in _SPLIT:
        match = pattern.match(name.strip())
        if match and dimension_of(match["unit"]):
            return match["name"].strip(), match["unit"].strip()
    return name.strip(), ""


def dimension_of(unit: str) -> str | None:
    """Return of what a unit is: voltage, current or time; None of anything else."""
    for dimension in DIMENSIONS:
        try:
            parse_quantity(f"1 {unit}", dimension)
        except QuantityError:
            continue
        return dimension
    return None


def axis(block: Block, role: str, columns: Columns, where: str) -> Axis | None:
    """Return the column of a role, None if the file does not tell.

    Raises
    ------
    InputError
        If an option names no column, or a unit is none of the role.
    """
    wanted = getattr(columns, role, None)
    if wanted is not None:
        column = _given(block, wanted, role, where)
        return _axis(block, column, role, columns, "option", where)
    taken = None if not block.has_header else _by_name(block, role)
    return None if taken is None else _axis(block, taken, role, columns, "header", where)


def _given(block: Block, wanted: str, role: str, where: str) -> int:
    if wanted in block.names:
        return block.names.index(wanted)
    bare = [split(name)[0] for name in block.names]
    if bare.count(wanted) == 1:
        return bare.index(wanted)
    if wanted.isdigit() and 1 <= int(wanted) <= len(block.names):
        return int(wanted) - 1
    allowed = ", ".join(block.names)
    raise InputError(f"--{role}-column: not in {where}, allowed {allowed}, got {wanted}")


def _by_name(block: Block, role: str) -> int | None:
    """Return the column whose header tells most that it is of a role."""
    ranked = []
    for column, name in enumerate(block.names):
        bare, unit = split(name)
        if not np.isfinite(block.values[:, column]).any():
            continue
        if unit and role in DIMENSIONS and dimension_of(unit) != role:
            continue
        rank = next((k for k, p in enumerate(_ROLES[role]) if re.fullmatch(p, bare.lower())), None)
        if rank is None and unit and dimension_of(unit) == role and not _named_else(bare, role):
            rank = len(_ROLES[role])
        if rank is not None:
            ranked.append((_PAIRED * (not _has_partner(block, bare, role)) + rank, column))
    return min(ranked)[1] if ranked else None


def _has_partner(block: Block, bare: str, role: str) -> bool:
    """Return whether a column is one of a channel of which voltage and current are there.

    What an instrument has measured (``AV``, ``AI``) comes before what was computed of it (``I``).
    """
    word = bare.lower()
    if role not in ("voltage", "current") or not re.fullmatch(r"[ab][vi]|[vi][1-4]|[vi][ds]", word):
        return False
    other = word.translate(str.maketrans("vi", "iv"))
    return any(split(name)[0].lower() == other for name in block.names)


def _named_else(bare: str, role: str) -> bool:
    """Return whether a name is known to be of another role."""
    others = (patterns for other, patterns in _ROLES.items() if other != role)
    return any(re.fullmatch(p, bare.lower()) for patterns in others for p in patterns)


def _axis(block: Block, column: int, role: str, columns: Columns, how: str, where: str) -> Axis:
    name = block.names[column]
    own = split(name)[1]
    if role == "cycle":
        return Axis(name, column, "1", 1.0, how)
    plain = {"voltage": "V", "current": "A", "time": "s"}[role]
    unit = getattr(columns, f"{role}_unit", None) or own or plain
    try:
        factor = parse_quantity(f"1 {unit}", role)
    except QuantityError as error:
        option = f"--{role}-unit"
        raise InputError(f"{option}: a unit of {role}, got {unit} ({where}: {name})") from error
    return Axis(name, column, unit, factor, how)


# --- without headers ------------------------------------------------------------------------------


def by_shape(block: Block, columns: Columns, where: str) -> tuple[Axis, Axis]:
    """Return voltage and current of a table whose header tells neither or only one of them.

    Of two columns the one with the even steps of an instrument is the voltage if it is the only
    one, else the first.

    Raises
    ------
    InputError
        If it cannot be told.
    """
    known = {role: axis(block, role, columns, where) for role in ("voltage", "current")}
    used = {found.column for found in known.values() if found is not None}
    empty = [
        name for k, name in enumerate(block.names) if not np.isfinite(block.values[:, k]).any()
    ]
    others = [k for k in _candidates(block) if k not in used]
    if len(others) + len(used) != 2:
        what = "cannot be told which column is the voltage and which the current"
        options = "--voltage-column and --current-column with a name or a number"
        holes = f" ({', '.join(empty)} hold no numbers)" if empty else ""
        raise InputError(f"{where}: {what}, allowed: {options}, got {listed(block.names)}{holes}")
    how = "order"
    if not used and _even(block, others[1]) and not _even(block, others[0]):
        others, how = others[::-1], "shape"
    missing = [role for role, found in known.items() if found is None]
    for role, column in zip(missing, others, strict=True):
        known[role] = _axis(block, column, role, columns, how, where)
    voltage, current = (found for found in known.values() if found is not None)
    return voltage, current


def listed(names: Sequence[str]) -> str:
    """Return names in a line, not more than a dozen."""
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more


def _candidates(block: Block) -> list[int]:
    """Return the columns of numbers that are no row numbers, of no other role and no other unit."""
    out = []
    for column, name in enumerate(block.names):
        values = block.values[:, column]
        known = block.has_header and any(
            re.fullmatch(p, split(name)[0].lower())
            for role in ("time", "cycle", "index")
            for p in _ROLES[role]
        )
        other = block.has_header and _has_other_unit(name)
        if np.isfinite(values).sum() >= 3 and not known and not other and not counts(values):
            out.append(column)
    return out


def _has_other_unit(name: str) -> bool:
    """Return whether a header ends with brackets that hold no unit of an axis: ``J (A/cm2)``."""
    brackets = re.search(r"[\[(]([^\])]+)[\])]\s*$", name)
    return brackets is not None and dimension_of(brackets[1]) is None


def counts(values: Array) -> bool:
    """Return whether a column counts rows."""
    good = values[np.isfinite(values)]
    return len(good) > 5 and bool(np.all(np.diff(good) == 1.0)) and float(good[0]) in (0.0, 1.0)


def _even(block: Block, column: int) -> bool:
    """Return whether most steps of a column are of the same size, as a sweep's are."""
    steps = np.abs(np.diff(block.values[:, column]))
    steps = steps[np.isfinite(steps) & (steps > 0.0)]
    if len(steps) < 3:
        return False
    return bool(np.mean(np.abs(steps - np.median(steps)) < 0.02 * np.median(steps)) > 0.8)


def check_axes(voltage: Array, current: Array, axes: Sequence[Axis], where: str) -> None:
    """Refuse axes that cannot be those of a measurement on a cell.

    Raises
    ------
    InputError
        With the option that settles it.
    """
    if axes[0].how != "option" and counts(voltage) and voltage.max() > COUNTED_VOLTAGE:
        raise InputError(
            f"{where}: {axes[0].name} counts rows and is hardly a voltage, allowed: another column "
            "or this one by --voltage-column"
        )
    limits = (
        ("voltage", voltage, LARGEST_VOLTAGE, "V"),
        ("current", current, LARGEST_CURRENT, "A"),
    )
    for (role, values, limit, unit), found in zip(limits, axes, strict=True):
        largest = float(np.abs(values).max())
        if largest > limit:
            raise InputError(
                f"{where}: {found.name} would reach {largest:.4g} {unit}, allowed up to {limit:g} "
                f"{unit}: say what it is with --{role}-unit or --{role}-column"
            )
    if not np.ptp(voltage) > 0.0 and not np.ptp(current) > 0.0:
        raise InputError(f"{where}: neither {axes[0].name} nor {axes[1].name} ever changes")
