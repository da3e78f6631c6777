"""The cases of a sweep: which config keys take which values, and the configs that makes."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ..config.base import describe
from ..config.common import RunConfig
from ..config.load import build_config
from ..config.shipped import find_config
from ..config.yaml_file import parse_yaml, read_yaml, yaml_problem
from ..errors import InputError

Changes = dict[str, object]
"""Values by config key, as a YAML file would hold them."""

Axis = list[Changes]
"""Alternatives of which each case takes one."""

MOST_CASES = 100_000

_QUANTITY = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*")


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a sweep.

    Attributes
    ----------
    name
        Name of its run directory: a hash of everything its config says.
    changes
        What it changes in the config of the sweep.
    config
        The complete config.
    """

    name: str
    changes: Changes
    config: RunConfig


def grid(specs: Sequence[str]) -> list[Axis]:
    """Return one axis per ``key=a,b,c``; the cases are all their combinations."""
    lists = [_list("--grid", spec) for spec in specs]
    return [[{key: value} for value in values] for key, values in lists]


def zipped(specs: Sequence[str]) -> list[Axis]:
    """Return the one axis that walks through several ``key=a,b,c`` in step.

    Raises
    ------
    InputError
        If the lists differ in length.
    """
    if not specs:
        return []
    lists = [_list("--zip", spec) for spec in specs]
    for key, values in lists:
        if len(values) != len(lists[0][1]):
            allowed = f"{len(lists[0][1])} values as for {lists[0][0]}"
            text = describe(f"{key} has another length", allowed, len(values))
            raise InputError(f"--zip: {text}")
    _refuse_repeated("--zip", [key for key, _ in lists])
    keys = [key for key, _ in lists]
    rows = zip(*(values for _, values in lists), strict=True)
    return [[dict(zip(keys, row, strict=True)) for row in rows]]


def table(path: Path | None) -> list[Axis]:
    """Return the axis in a CSV file: a header of config keys, one case per row.

    An empty cell leaves the key as it is.

    Raises
    ------
    InputError
        If the file cannot be read, has no row, or a row of another length.
    """
    if path is None:
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"--csv: {path} cannot be read ({error})") from None
    if len(rows) < 2:
        raise InputError(f"--csv: {describe('too few lines', 'a header and rows', len(rows))}")
    header = [cell.strip() for cell in rows[0]]
    _refuse_repeated("--csv", header)
    axis: Axis = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            what = f"line {number} has another length"
            raise InputError(f"--csv: {describe(what, f'{len(header)} cells', len(row))}")
        cells = zip(header, row, strict=True)
        axis.append({key: _value("--csv", cell) for key, cell in cells if cell.strip()})
    return [axis]


def latin_hypercube(specs: Sequence[str], samples: int | None, seed: int) -> list[Axis]:
    """Return the axis of a Latin hypercube: each range is cut into equal parts, each met once.

    Parameters
    ----------
    specs
        Such as ``kinetics.transfer_coefficient=0.1,0.3`` or, with the logarithm spread evenly,
        ``source.compliance_current=1 uA,1 mA,log``.
    samples
        Number of cases.
    seed
        Of the random numbers; equal seeds give equal samples.

    Raises
    ------
    InputError
        If a range is no range, or only one of `specs` and `samples` is given.
    """
    if not specs and samples is None:
        return []
    if not specs or samples is None:
        raise InputError("--latin: needs --samples, and --samples needs --latin")
    from scipy.stats import qmc

    ranges = [_range(spec) for spec in specs]
    _refuse_repeated("--latin", [bounds.key for bounds in ranges])
    points = qmc.LatinHypercube(len(ranges), rng=seed).random(samples)
    return [
        [
            {bounds.key: bounds.at(float(share)) for bounds, share in zip(ranges, row, strict=True)}
            for row in points
        ]
    ]


def members(count: int | None, first_seed: int) -> list[Axis]:
    """Return the axis of members: the same case with different random numbers."""
    return [] if count is None else [[{"seed": first_seed + k} for k in range(count)]]


def build_cases(
    config: Path, sets: Sequence[str], axes: Sequence[Axis], allow_code: bool = False
) -> list[Case]:
    """Return the case of every combination of one entry per axis, all of them checked.

    Raises
    ------
    InputError
        If there is nothing to vary, a key is varied twice, two cases are the same run, or a
        config is refused; the message names the case.
    """
    if not axes:
        raise InputError("sweep: nothing to vary, allowed --grid, --zip, --csv, --latin, --members")
    _refuse_repeated("sweep", [key for axis in axes for key in dict.fromkeys(_keys(axis))])
    count = math.prod(len(axis) for axis in axes)
    if count > MOST_CASES:
        raise InputError(f"sweep: {describe('too many cases', f'<= {MOST_CASES}', count)}")
    config = find_config(config)
    raw = read_yaml(config)
    cases: dict[str, Case] = {}
    for parts in itertools.product(*axes):
        changes = {key: value for part in parts for key, value in part.items()}
        case = _case(raw, config.parent, sets, changes, allow_code)
        if case.name in cases:
            twins = f"{spelled(cases[case.name].changes)} and {spelled(changes)}"
            raise InputError(f"sweep: two cases are the same run, {twins}")
        cases[case.name] = case
    if "seed" in _keys([case.changes for case in cases.values()]):
        _refuse_idle_seed(next(iter(cases.values())).config)
    return list(cases.values())


def spelled(changes: Mapping[str, object]) -> str:
    """Return changes as one would type them: ``a.b=1 nm, c=2``."""
    return ", ".join(f"{key}={word(value)}" for key, value in changes.items()) or "no change"


def word(value: object) -> str:
    """Return a value as a table shows it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _case(
    raw: Mapping[str, object], base: Path, sets: Sequence[str], changes: Changes, allow_code: bool
) -> Case:
    overrides = [f"{key}={json.dumps(value)}" for key, value in changes.items()]
    try:
        config = build_config(raw, base, [*sets, *overrides], allow_code)
    except InputError as error:
        raise InputError(f"{error} (in the case {spelled(changes)})") from None
    content = [config.physics_hash(), config.resolved()]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Case(digest[:12], changes, config)


def _keys(axis: Axis) -> list[str]:
    return [key for changes in axis for key in changes]


def _refuse_repeated(option: str, keys: Sequence[str]) -> None:
    for key in keys:
        if not key or keys.count(key) > 1:
            raise InputError(f"{option}: {describe('key is empty or varied twice', got=key)}")


def _refuse_idle_seed(config: RunConfig) -> None:
    """Refuse to repeat runs that draw no random numbers: they would all be the same."""
    if not config.draws_random_numbers:
        raise InputError("seed: these runs draw no random numbers, all members would be the same")


def _list(option: str, spec: str) -> tuple[str, list[object]]:
    """Parse ``key=a,b,c``; the values are those of a YAML list."""
    key, sign, text = spec.partition("=")
    values = _value(option, f"[{text}]") if sign else []
    if not key.strip() or not isinstance(values, list) or not values:
        raise InputError(f"{option}: {describe('not a list of values', 'key=a,b,c', spec)}")
    return key.strip(), values


def _value(option: str, text: str) -> object:
    try:
        return parse_yaml(text)
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{option}: {text} is not YAML ({yaml_problem(error)})") from None


@dataclass(frozen=True, slots=True)
class _Range:
    """Bounds of one key, numbers in front of a common unit (empty for a bare number)."""

    key: str
    low: float
    high: float
    unit: str
    logarithmic: bool

    def at(self, share: float) -> str | float:
        """Return the value at a share of the range between 0 and 1."""
        if self.logarithmic:
            number = self.low * (self.high / self.low) ** share
        else:
            number = self.low + (self.high - self.low) * share
        number = float(f"{number:.9g}")  # nobody wants to read or repeat 17 digits
        return f"{number!r} {self.unit}" if self.unit else number


def _range(spec: str) -> _Range:
    """Parse ``key=low,high`` or ``key=low,high,log``."""
    key, values = _list("--latin", spec)
    is_log = len(values) == 3 and values[2] == "log"
    if len(values) != 2 and not is_log:
        what = describe("not a range", "key=low,high or key=low,high,log", spec)
        raise InputError(f"--latin: {what}")
    (low, low_unit), (high, high_unit) = (_number(value, spec) for value in values[:2])
    if low_unit != high_unit:
        low *= _ratio(low_unit, high_unit, spec)
    if not low < high or (is_log and low <= 0.0):
        allowed = "0 < low < high" if is_log else "low < high"
        raise InputError(f"--latin: {describe('not a range', allowed, spec)}")
    return _Range(key, low, high, high_unit, is_log)


def _number(value: object, spec: str) -> tuple[float, str]:
    match = _QUANTITY.fullmatch(word(value))
    if match is not None:
        with contextlib.suppress(ValueError):
            return float(match.group(1)), match.group(2)
    raise InputError(f"--latin: {describe('bounds are no numbers', 'numbers, quantities', spec)}")


def _ratio(unit: str, other: str, spec: str) -> float:
    """Return how many of the other unit one unit is."""
    from ..units import DIMENSIONS, QuantityError, parse_quantity

    for dimension in DIMENSIONS:
        try:
            return parse_quantity(f"1 {unit}", dimension) / parse_quantity(f"1 {other}", dimension)
        except QuantityError:
            continue
    raise InputError(f"--latin: {describe('units differ', 'one kind of quantity', spec)}")
