"""Which runs a sweep is made of."""

from pathlib import Path

import numpy as np
import pytest

from tusk.solver.config import load_config
from tusk.solver.errors import InputError
from tusk.solver.studies.cases import (
    Axis,
    build_cases,
    grid,
    latin_hypercube,
    members,
    spelled,
    table,
    zipped,
)

CURRENT = "source.compliance_current"
RADIUS = "stress.radius"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "cell.yaml"
    path.write_text("mesh: {preset: draft}\n")
    return path


def changes(config: Path, axes: list[Axis]) -> list[str]:
    return [spelled(case.changes) for case in build_cases(config, (), axes)]


def test_grid_is_every_combination(config: Path) -> None:
    axes = grid([f"{CURRENT}=1 uA,1 mA", "kinetics.transfer_coefficient=0.1,0.2"])
    assert changes(config, axes) == [
        f"{CURRENT}={current}, kinetics.transfer_coefficient={alpha}"
        for current in ("1 uA", "1 mA")
        for alpha in (0.1, 0.2)
    ]


def test_values_may_be_whole_sections(config: Path) -> None:
    axes = grid(["source={kind: none},{kind: resistor, resistance: 1e3 ohm}"])
    kinds = [case.config.source.kind for case in build_cases(config, (), axes)]
    assert kinds == ["none", "resistor"]


def test_zip_walks_in_step_and_combines_with_a_grid(config: Path) -> None:
    axes = [*grid(["seed=1"]), *zipped([f"{CURRENT}=1 uA,1 mA", f"{RADIUS}=1 nm,2 nm"])]
    axes[0] = [{"stepping.tolerance": 1e-3}, {"stepping.tolerance": 1e-2}]
    assert changes(config, axes) == [
        f"stepping.tolerance={tolerance}, {CURRENT}={current}, {RADIUS}={radius}"
        for tolerance in (0.001, 0.01)
        for current, radius in (("1 uA", "1 nm"), ("1 mA", "2 nm"))
    ]


def test_table_leaves_keys_of_empty_cells(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"{CURRENT},mesh.preset\n1 uA,fine\n\n,reference\n")
    first, second = build_cases(config, (), table(path))
    assert (first.config.source.compliance_current, first.config.mesh.preset) == (1e-6, "fine")
    assert second.changes == {"mesh.preset": "reference"}
    assert second.config == load_config(config, ["mesh.preset=reference"])


def test_hypercube_meets_each_part_of_each_range_once() -> None:
    spec = [f"{RADIUS}=500 pm,1.5 nm", "source.limiter_voltage=1 mV,1 V,log"]
    (axis,) = latin_hypercube([spec[0].replace("500 pm", "5 Å"), spec[1]], 8, seed=3)
    radii = np.array([float(str(c[RADIUS]).removesuffix(" nm")) for c in axis])
    volts = np.array([float(str(c["source.limiter_voltage"]).removesuffix(" V")) for c in axis])
    assert sorted(np.floor((radii - 0.5) * 8)) == list(range(8))
    assert sorted(np.floor((np.log10(volts) + 3.0) / 3.0 * 8)) == list(range(8))
    assert latin_hypercube(spec[1:], 8, seed=3) == latin_hypercube(spec[1:], 8, seed=3)
    assert latin_hypercube(spec[1:], 8, seed=3) != latin_hypercube(spec[1:], 8, seed=4)


def test_bare_numbers_stay_bare() -> None:
    ((one,),) = latin_hypercube(["kinetics.transfer_coefficient=0.1,0.2"], 1, seed=1)
    assert 0.1 < one["kinetics.transfer_coefficient"] < 0.2


def test_members_differ_in_their_seed() -> None:
    assert members(3, 5) == [[{"seed": 5}, {"seed": 6}, {"seed": 7}]]


@pytest.mark.parametrize(
    ("content", "change"),
    [
        ("model: atomic_chain\n", None),
        ("model: atomistic\n", "dynamics.duration=1 ps"),
    ],
)
def test_atoms_draw_random_numbers_only_where_they_move(
    content: str, change: str | None, tmp_path: Path
) -> None:
    config = tmp_path / "atoms.yaml"
    config.write_text(content)
    with pytest.raises(InputError, match="draw no random numbers"):
        build_cases(config, ["dynamics.duration=null"] if change else [], members(2, 1))
    if change:
        assert len(build_cases(config, [change], members(2, 1))) == 2


def test_members_need_random_numbers(tmp_path: Path) -> None:
    config = tmp_path / "cell.yaml"
    config.write_text("model: mesoscopic\n")
    mean, spread = ("memory.mode=mean_field", "memory.rate_spread=0.1")
    axes = members(2, 1)
    assert len(build_cases(config, ["memory.mode=stochastic"], axes)) == 2
    with pytest.raises(InputError, match="draw no random numbers"):
        build_cases(config, [mean], axes)
    assert len(build_cases(config, [mean, spread], axes)) == 2


def test_names_follow_what_a_config_says(config: Path) -> None:
    """Not how it is spelled, so that a sweep recognises its own results."""
    one = build_cases(config, (), grid([f"{CURRENT}=1 mA,1 uA"]))
    two = build_cases(config, (), grid([f"{CURRENT}=1e-6 A,2 mA"]))
    three = build_cases(config, ["output.fields_every=7"], grid([f"{CURRENT}=1 mA"]))
    assert one[1].name == two[0].name
    assert len({case.name for case in (*one, *two, *three)}) == 4


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (lambda _: [], "nothing to vary"),
        (lambda _: grid([f"{CURRENT}"]), "--grid: not a list of values, allowed key=a,b,c"),
        (lambda _: grid([f"{CURRENT}="]), "--grid: not a list of values"),
        (lambda _: grid([f"{CURRENT}=[1"]), "is not YAML"),
        (lambda _: grid([f"{CURRENT}=1 mA", f"{CURRENT}=2 mA"]), "varied twice, got 'source"),
        (lambda _: grid([f"{CURRENT}=1 mA,1000 uA"]), "two cases are the same run"),
        (lambda _: grid([f"{CURRENT}=1 mA,1 nm"]), f"wrong dimension.*in the case {CURRENT}=1 nm"),
        (lambda _: grid(["a=1,2"]), "unknown key"),
        (lambda _: zipped([f"{CURRENT}=1 mA", f"{RADIUS}=1 nm,2 nm"]), "another length"),
        (lambda _: latin_hypercube([f"{RADIUS}=1 nm,2 nm"], None, 1), "needs --samples"),
        (lambda _: latin_hypercube([], 3, 1), "needs --latin"),
        (lambda _: latin_hypercube([f"{RADIUS}=1 nm"], 3, 1), "not a range"),
        (lambda _: latin_hypercube([f"{RADIUS}=2 nm,1 nm"], 3, 1), "not a range, allowed low"),
        (lambda _: latin_hypercube([f"{RADIUS}=1 nm,2 V"], 3, 1), "units differ"),
        (lambda _: latin_hypercube([f"{RADIUS}=a,b"], 3, 1), "bounds are no numbers"),
        (lambda _: latin_hypercube(["void.energy=0 eV,1 eV,log"], 3, 1), "allowed 0 < low"),
        (lambda _: members(2, 1), "draw no random numbers"),
        (lambda folder: table(folder / "nowhere.csv"), "cannot be read"),
        (lambda folder: table(_csv(folder, f"{CURRENT}\n")), "too few lines"),
        (lambda folder: table(_csv(folder, "a,b\n1\n")), "line 2 has another length"),
        (lambda folder: table(_csv(folder, "a,a\n1,2\n")), "varied twice"),
    ],
)
def test_wrong_sweeps_are_refused(config: Path, axes, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        build_cases(config, (), axes(config.parent))


def _csv(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text)
    return path
