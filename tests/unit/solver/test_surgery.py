"""Metal thinner than an atom: severed, booked, written down, and what is left lives on."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import frozen_cells
import numpy as np
import pandas as pd
import pytest
from mpi4py import MPI

from tusk.meshes.cell import ElectrodeSurface
from tusk.meshes.curve import revolved_volume
from tusk.solver.checkpoint import load
from tusk.solver.core.saved_run import End, SavedRun
from tusk.solver.errors import SolveError
from tusk.solver.front.closing_gap import Beyond
from tusk.solver.front.nucleus import Held
from tusk.solver.front.process import Memories, Nothing
from tusk.solver.front.sites import Sites
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.physical_end import physical_end
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import build_control, build_setting
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.models.filament.surgery import due, operated
from tusk.solver.physics.waveform import Drive, Table
from tusk.solver.restart import fork

ATOM = 0.22771
"""Diameter of an atom of copper, nm."""

NUCLEUS = 0.256

Array = np.ndarray


def stump(height: float = 1.2) -> Array:
    return frozen_cells.spike(height, 0.5, 0.9, 20)


def with_needle(radius: float = 0.08, length: float = 0.9) -> Array:
    """Return a stump with a needle on it."""
    body = stump()
    rest = body[body[:, 0] > radius]
    top = rest[0, 1] + length
    z = np.linspace(top, rest[0, 1], 15)[1:-1]
    shaft = np.column_stack((np.full(len(z), radius), z))
    return np.vstack(((0.0, top + 0.02), shaft, rest))


def with_waist(radius: float) -> Array:
    body = frozen_cells.spike(3.0, 0.6, 0.9)
    z = body[:, 1]
    body[:, 0] *= 1.0 - (1.0 - radius / 0.75) * np.exp(-(((z - 1.2) / 0.3) ** 2))
    return body


def test_a_sound_filament_needs_no_surgery() -> None:
    for shape in (frozen_cells.early(), frozen_cells.narrow()):
        assert due(shape.curve, ATOM, NUCLEUS) is None
    assert due(with_waist(0.2), ATOM, NUCLEUS) is None


def test_a_needle_goes_and_the_stump_stays() -> None:
    surgery = due(with_needle(), ATOM, NUCLEUS)
    assert surgery is not None
    assert surgery.filament is not None
    assert [event.kind.value for event in surgery.events] == ["whisker removed"]
    left = revolved_volume(surgery.filament.points)
    assert surgery.events[0].lost == pytest.approx(revolved_volume(with_needle()) - left, rel=1e-9)
    assert surgery.filament.points[0, 1] == pytest.approx(1.2, abs=0.1)


def test_a_thin_waist_leaves_an_island() -> None:
    surgery = due(with_waist(0.1), ATOM, NUCLEUS)
    assert surgery is not None
    assert surgery.filament is None
    assert surgery.pieces == "an island, the metal on the counter-electrode"
    assert surgery.events[0].height == pytest.approx(1.2, abs=0.1)


def test_a_body_that_stands_on_its_nucleus_alone_is_cut_off() -> None:
    body = frozen_cells.spike(3.0, 0.6, 1.6)[:-1]
    body = body[body[:, 1] > 0.15]
    crack = np.array([(1.4, 0.1), (0.8, 0.03), (NUCLEUS, 0.0)])
    surgery = due(np.vstack((body, crack)), ATOM, NUCLEUS)
    assert surgery is not None
    assert surgery.pieces == "an island"
    (event,) = surgery.events
    assert (event.kind.value, event.radius, event.height) == ("severed", NUCLEUS, 0.0)
    assert abs(event.lost) < 0.01 * revolved_volume(body)
    crack[-1, 0] = 0.5
    assert due(np.vstack((body, crack)), ATOM, NUCLEUS) is None


def started(
    curve: Array, directory: Path, applied: float = 0.5, saved: SavedRun | None = None
) -> FilamentRun:
    config = frozen_cells.configure("output.fields_every=1000")
    tools = frozen_cells.tools(config, MPI.COMM_SELF)
    drive = Drive([Table((0.0, 10.0), (applied, applied))])
    shape = Shape(curve, ElectrodeSurface(0.05))
    setting = build_setting(tools, drive, shape, build_control(config))
    state = None if saved is None else saved.state["simulation"]
    return FilamentRun(config, Simulation(setting, state), directory, saved)


def test_what_is_left_lives_on_with_every_nanometre_booked(tmp_path: Path) -> None:
    """The run begins with a needle; a restart from there does what the run did."""
    (tmp_path / "whole").mkdir()
    run = started(with_needle(), tmp_path / "whole")
    simulation = run.simulation
    before, curve = simulation.faraday_error(), simulation.state.shape.curve
    run.save(tmp_path / "state.h5")
    surgery = due(curve, simulation.tools.atom_size, NUCLEUS)
    assert surgery is not None
    assert surgery.filament is not None
    for _ in range(3):
        assert run.step() is None
    run.close()
    assert simulation.previous.shape.curve[0, 1] < 1.4
    assert before == 0.0
    lost = revolved_volume(curve) - revolved_volume(surgery.filament.points)
    assert lost > 5 * ATOM**3 / 10
    assert simulation.state.deposited == pytest.approx(-lost, abs=0.05 * lost)
    assert simulation.faraday_error() < 2e-2  # of a few steps, and a redistribution of nodes
    events = pd.read_csv(tmp_path / "whole" / "events.csv")
    assert events.event.tolist() == ["whisker removed"]
    assert events.time_s[0] == 0.0
    assert events.lost_m3[0] == pytest.approx(lost * 1e-27, rel=1e-9)
    assert run.summary()["counters"]["topology_events"] == 1

    fork(tmp_path / "whole", tmp_path / "state.h5", tmp_path / "again")
    saved = SavedRun.of(load(tmp_path / "state.h5"))
    again = started(with_needle(), tmp_path / "again", saved=saved)
    for _ in range(3):
        again.step()
    again.close()
    for name in ("timeseries.csv", "filament.csv", "events.csv"):
        whole, other = ((tmp_path / part / name).read_bytes() for part in ("whole", "again"))
        assert whole == other, name


def test_an_island_ends_the_run_and_is_written_down(tmp_path: Path) -> None:
    run = started(with_waist(0.1), tmp_path, 0.01)
    assert physical_end(run.simulation, 5.0) == End("finished", "severed")
    events = pd.read_csv(tmp_path / "events.csv")
    assert events.event.tolist() == ["severed"]
    with pytest.raises(SolveError, match=r"severed at r = .* left are an island, the metal on the"):
        run.step()


def test_memories_follow_the_nodes_that_are_left() -> None:
    config = frozen_cells.configure()
    simulation = frozen_cells.moving(config, Shape(with_needle(), ElectrodeSurface(0.05)), 0.5)
    state = simulation.state
    held = np.zeros(len(state.shape.curve), dtype=bool)
    held[-3:] = True
    memories: Memories = {
        **state.memories, "nucleus": type(state.memories["nucleus"])(held)
    }  # fmt: skip
    object.__setattr__(state, "memories", memories)
    new = operated(state, state.shape.curve[5:])
    assert new.memories["nucleus"].nodes.tolist() == held[5:].tolist()
    assert np.array_equal(new.normal_velocity, state.normal_velocity[5:])
    assert new.former.step == 0.0


def test_only_what_belongs_to_nodes_is_picked() -> None:
    """P(n) of as many sites as the curve has nodes, less one, stays whole."""
    state = frozen_cells.frozen(frozen_cells.configure(), frozen_cells.narrow(), 0.1).state
    count = len(state.shape.curve)
    nodal = np.linspace(0.0, 1.0, count)
    chances = np.full(count, 1.0 / count)
    numbers = dict.fromkeys(
        ("area", "set_rate", "reset_rate", "voltage", "temperature", "conducting", "hazard"), 0.0
    )
    sites = Sites(
        **dict.fromkeys(Sites.nodal, nodal), **numbers, transmissions=nodal, event=0,
        probabilities=chances,
    )  # fmt: skip
    memories: Memories = {**state.memories, "contact": sites}
    picked = operated(replace(state, memories=memories), state.shape.curve[2:]).memories["contact"]
    assert isinstance(picked, Sites)
    assert picked.probabilities is chances
    assert picked.transmissions is nodal
    assert np.array_equal(picked.frozen, nodal[2:])


@pytest.mark.parametrize("memory", [Nothing, Held, Beyond, Sites])
def test_every_memory_names_its_nodal_arrays(memory: type) -> None:
    names = {field.name for field in fields(memory)}
    assert set(memory.nodal) <= names
    assert bool(memory.nodal) == ("(n,)" in (memory.__doc__ or ""))
