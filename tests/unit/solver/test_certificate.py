"""Certificates as files: written, found by the physics hash, not believed beyond their value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tusk.solver.certificate import (
    CERTIFICATE_NAME,
    HEADLINES,
    Certificate,
    Quantity,
    Rung,
    find_certificate,
    read_certificate,
    shipped_certificates,
    with_error,
)
from tusk.solver.config import load_config
from tusk.solver.errors import InputError
from tusk.solver.output import write_json
from tusk.solver.richardson import Estimate


def certificate(physics_hash: str = "abc") -> Certificate:
    regular, irregular = Estimate(0.002, 1.9, 1.673), Estimate(0.001, None, None)
    return Certificate(
        config="a.yaml",
        physics_hash=physics_hash,
        code="def",
        versions={"tusk-fem": "0.1.0"},
        quantities={
            "gamma_s": Quantity(1.675, regular, irregular),
            "temperature_max_K": Quantity(900.0, regular, regular, sampling=0.5),
        },
        missing=("upsilon_s",),
        ledgers={"charge_error_max": 1e-9},
        rungs=(Rung("base", 1.0, 1.0, physics_hash, {"gamma_s": 1.675}, 2000, 100, 3.0),),
    )


def saved(folder: Path, physics_hash: str = "abc") -> Path:
    path = folder / CERTIFICATE_NAME
    write_json(path, certificate(physics_hash).to_mapping())
    return path


def test_a_certificate_survives_the_file(tmp_path: Path) -> None:
    assert read_certificate(saved(tmp_path)) == certificate()


def test_the_file_states_errors_and_irregular_ladders(tmp_path: Path) -> None:
    shown = json.loads(saved(tmp_path).read_text())["quantities"]
    assert shown["gamma_s"]["error"] == pytest.approx(0.003)
    assert shown["gamma_s"]["relative_error"] == pytest.approx(0.003 / 1.675)
    assert shown["gamma_s"]["regular"] is False
    assert shown["temperature_max_K"]["error"] == pytest.approx(0.504)
    assert shown["temperature_max_K"]["regular"] is True


@pytest.mark.parametrize(
    ("mesh", "step", "error"),
    [
        (Estimate(0.3, 2.0, 10.3), Estimate(0.1, 2.0, 10.1), 0.4),  # the same side
        (Estimate(0.3, 2.0, 10.3), Estimate(0.1, 2.0, 9.9), 0.3),  # they cancel in part
        (Estimate(0.1, 2.0, 9.9), Estimate(0.3, 2.0, 10.3), 0.3),
        (Estimate(0.3, 2.0, 10.3), Estimate(0.1, None, None), 0.4),  # the side is not known
        (Estimate(0.3, 2.0, 10.3), Estimate(0.0, None, 10.0), 0.3),
    ],
)
def test_errors_that_cancel_never_count_less_than_the_larger(
    mesh: Estimate, step: Estimate, error: float
) -> None:
    assert Quantity(10.0, mesh, step).error == pytest.approx(error)
    assert Quantity(9.5, mesh, step, sampling=0.5).error == pytest.approx(error + 0.5)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 99}', '{"format": 1}'])
def test_what_is_no_certificate_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / CERTIFICATE_NAME
    path.write_text(content)
    with pytest.raises(InputError, match="no certificate") as raised:
        read_certificate(path)
    assert "\n" not in str(raised.value)
    assert find_certificate(tmp_path, "abc") is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_certificate(tmp_path / "nowhere")


def test_a_certificate_belongs_to_its_physics_alone(tmp_path: Path) -> None:
    saved(tmp_path)
    assert find_certificate(tmp_path, "abc") == certificate()
    assert find_certificate(tmp_path, "abd") is None
    assert find_certificate(tmp_path / "elsewhere", "abc") is None


def test_a_value_outside_of_the_error_bar_is_not_certified() -> None:
    known = certificate()
    assert known.error_of("gamma_s", 1.675) == pytest.approx(0.003)
    assert known.error_of("gamma_s", 1.6779) == pytest.approx(0.003)
    assert known.error_of("gamma_s", 1.679) is None
    assert known.error_of("gamma_s", None) is None
    assert known.error_of("upsilon_s", 1.7) is None


@pytest.mark.parametrize("path", shipped_certificates(), ids=lambda path: path.stem)
def test_shipped_certificates_are_those_of_the_shipped_configs(path: Path) -> None:
    """After a change of a config or of its defaults: `make certify`."""
    known = read_certificate(path)
    assert known.physics_hash == load_config(path.parents[1] / known.config).physics_hash()
    assert known.rungs[0].physics_hash == known.physics_hash
    assert set(known.quantities) | set(known.missing) == set(HEADLINES)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.77769, 0.00119, "1.7777 ± 0.0012"),
        (916.56, 7.9, "916.6 ± 7.9"),
        (852.97, 12.0, "853 ± 12"),
        (100.0, 0.0, "100 ± 0"),
        (300.0000001, 4.3e-9, "300 ± 4.3e-09"),
        (1.2268e-9, 4.2e-11, "1.2268e-09 ± 4.2e-11"),
    ],
)
def test_numbers_end_at_the_second_digit_of_their_error(
    value: float, error: float, text: str
) -> None:
    assert with_error(value, error) == text
