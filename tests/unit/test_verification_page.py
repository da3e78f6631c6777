"""docs/verification.md is what its data give; renewing the data takes `make verification-page`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.faults.catalogue import FAULTS
from tests.verification.page import MEASURED, PAGE, certificate_section, page, recorded
from tusk.solver.certificate import Certificate, Quantity, Rung
from tusk.solver.richardson import Estimate


def test_the_page_is_up_to_date() -> None:
    measured = json.loads(MEASURED.read_text())
    assert PAGE.read_text() == page(measured), "python -m tests.verification.page"


def test_every_fault_is_known_to_be_caught() -> None:
    caught = json.loads(MEASURED.read_text())["faults"]
    assert {fault.name for fault in FAULTS if not caught.get(fault.name)} == set()
    for fault in FAULTS:
        assert caught[fault.name].startswith(fault.test), fault.name


def test_what_tests_recorded_is_read_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="tests.verification.test_b" name="test_x[1]">'
        '<properties><property name="rate" value="2.01"/></properties></testcase>'
        '<testcase classname="tests.verification.test_a" name="test_y"/></testsuite></testsuites>'
    )
    assert recorded(report) == {"test_b.py::test_x[1]": {"rate": "2.01"}}


def test_a_certificate_is_told_with_error_bars() -> None:
    gap = Quantity(6.48e-11, Estimate(1e-13, 1.8, 6.49e-11), Estimate(2e-13, -1.0, None))
    certificate = Certificate(
        "a.yaml", "f" * 64, "0" * 64, {"tusk-fem": "1"},
        {"gap_min_m": gap},
        ("lrs_ohm",), {"charge_error_max": 1e-10, "atom_imbalance": -0.9},
        (Rung("base", 1.0, 1.0, "f" * 64, {}, 2000, 359, 50.4),),
    )  # fmt: skip
    text = certificate_section(certificate)
    assert "| g_min | 0.06480 ± 0.00030 nm | 0.46 % | 0.15 % (1.8) | 0.31 % * |" in text
    assert "| R_LRS | not reached | – | – | – |" in text
    assert "Largest ledger errors: charge 1.0e-10." in text
    assert "base 2000 nodes, 359 steps, 50 s" in text
