"""Checkpoint files: every bit comes back, whatever is damaged is noticed, the last two are kept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tusk.solver import checkpoint
from tusk.solver.checkpoint import CheckpointError, load, pack, save, unpack
from tusk.solver.errors import OutputError
from tusk.solver.models.filament.marks import RegimeTracker
from tusk.solver.models.filament.observables import Channel
from tusk.solver.physics.tunnelling import SimmonsLinear

CONTENT: dict[str, Any] = {
    "a": np.array([[0.1, np.nan], [-0.0, 5e-324]]),
    "empty": np.empty((0, 3), dtype=int),
    "flags": np.array([True, False]),
    "group": {"number": 1 / 3, "count": 2**62, "text": "Å µ\n", "yes": True, "inner": {}},
    "infinite": np.inf,
}


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return type(one) is type(other) and bool(one == other)


def test_content_comes_back_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "state.h5"
    save(path, CONTENT | {"nothing": None})
    assert same(CONTENT, load(path))
    assert [file.name for file in tmp_path.iterdir()] == ["state.h5"]


def test_other_programs_can_read_it(tmp_path: Path) -> None:
    save(tmp_path / "state.h5", CONTENT)
    with h5py.File(tmp_path / "state.h5") as file:
        assert file["group/number"][()] == 1 / 3


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "state.h5"
    save(path, CONTENT)
    whole = path.read_bytes()
    places = {0, 16, 20, 90, 511, 512, len(whole) // 2, len(whole) - 1, *range(600, len(whole), 97)}
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match=r"state\.h5"):
            load(path)


@pytest.mark.parametrize("length", [0, 1, 300, 512, 513, 4000])
def test_a_cut_off_file_is_noticed(length: int, tmp_path: Path) -> None:
    path = tmp_path / "state.h5"
    save(path, CONTENT)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(CheckpointError, match="damaged"):
        load(path)


def test_a_missing_file_and_another_format_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.h5"
    with pytest.raises(CheckpointError, match="No such file"):
        load(path)
    h5py.File(path, "w").close()
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        load(path)
    monkeypatch.setattr(checkpoint._header, "__defaults__", ("1",))
    save(path, CONTENT)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="has format 1, this version continues 4"):
        load(path)


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for number in range(4):
        assert checkpoint.write(tmp_path, {"number": number}) == tmp_path / "checkpoint/state.h5"
    newest, former = checkpoint.candidates(tmp_path)
    assert load(newest) == {"number": 3}
    assert load(former) == {"number": 2}
    assert len(list((tmp_path / "checkpoint").iterdir())) == 2


@pytest.mark.parametrize("moment", range(5))
def test_a_write_that_is_killed_leaves_a_good_one(
    moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each change of a name: before it, and with a half-written new file."""
    for number in range(3):
        checkpoint.write(tmp_path, {"number": number})
    calls = 0
    replace = Path.replace

    class KilledError(Exception):
        pass

    def dying(path: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls - 1 == moment:
            raise KilledError
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dying)
        try:
            checkpoint.write(tmp_path, {"number": 3})
        except KilledError:
            assert moment < 3
        else:
            assert moment >= 3
    good = [load(path)["number"] for path in checkpoint.candidates(tmp_path) if path.exists()]
    assert good[0] in ((2,) if moment < 3 else (3,))
    checkpoint.write(tmp_path, {"number": 4})
    assert load(checkpoint.candidates(tmp_path)[0]) == {"number": 4}


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text("a file")
    with pytest.raises(OutputError, match="checkpoint"):
        checkpoint.write(tmp_path, {"number": 1})


@dataclass(frozen=True, slots=True)
class Inner:
    values: np.ndarray
    step: float


@dataclass(frozen=True, slots=True)
class Outer:
    name: str
    inner: Inner
    maybe: Inner | None = None
    number: float | None = field(default=None)


def test_dataclasses_make_the_journey(tmp_path: Path) -> None:
    inner = Inner(np.arange(3.0), 0.1)
    for value in (Outer("x", inner), Outer("y", inner, inner, 2.0)):
        save(tmp_path / "state.h5", pack(value))
        back = unpack(Outer, load(tmp_path / "state.h5"))
        assert same(pack(back), pack(value))


def test_a_regime_tracker_names_on_as_before(tmp_path: Path) -> None:
    law = SimmonsLinear(0.42, 3.7 * 1.602176634e-19, 0.5)
    rng = np.random.default_rng(1)
    gaps = 1e-9 * np.exp(-np.linspace(0.0, 1.5, 60)) * (1 + 0.02 * rng.random(60))
    channels = [
        Channel(float(g), 1.0, 300.0, float(law.conductance_per_area(g, 1.0, 300.0)), 1e-9 * k**3)
        for k, g in enumerate(gaps, start=1)
    ]
    one = RegimeTracker(law)
    deque((one(channel) for channel in channels[:30]), maxlen=0)
    save(tmp_path / "state.h5", one.state())
    other = RegimeTracker(law)
    other.restore(load(tmp_path / "state.h5"))
    later = [one(channel) for channel in channels[30:]]
    assert [other(channel) for channel in channels[30:]] == later
    assert {name for name, _ in later} - {""}
