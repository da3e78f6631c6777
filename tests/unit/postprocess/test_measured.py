"""Measured files as laboratories write them: small ones of our own, in each form."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat

from tusk.postprocess.measured import Columns, cycle_table, read_measured
from tusk.postprocess.measured.numbers import number
from tusk.solver.cli import main
from tusk.solver.config.load import build_config
from tusk.solver.config.mesoscopic import MesoscopicConfig
from tusk.solver.errors import InputError

VOLTAGE = np.linspace(0.0, 1.0, 21)
CURRENT = 1e-9 * np.exp(8.0 * VOLTAGE) - 2e-10


def lines(separator=",", pattern="{v:.3f}{s}{i:.6e}", header="V,I"):
    """The rows of the curve above, under a header."""
    rows = [pattern.format(v=v, i=i, s=separator) for v, i in zip(VOLTAGE, CURRENT, strict=True)]
    return [header, *rows] if header else rows


def written(path: Path, rows: list[str], encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes((end.join(rows) + end).encode(encoding))
    return path


def check(found, scale=1.0):
    assert found.voltage == pytest.approx(VOLTAGE, abs=1e-9)
    assert found.current == pytest.approx(CURRENT * scale, rel=1e-5)


def comma(rows):
    return [row.replace(".", ",") for row in rows]


SWAPPED = "{i:.6e}{s}{v:.3f}"
FORMS = {
    "plain": (lines(), "utf-8"),
    "byte order mark": (lines(), "utf-8-sig"),
    "utf-16": (lines("\t", header="Voltage\tCurrent"), "utf-16"),
    "utf-16 without a mark": (lines("\t", header="Voltage\tCurrent"), "utf-16-le"),
    "no header": (lines(header=""), "utf-8"),
    "trailing separators": ([row + "," for row in lines()], "utf-8"),
    "spaces": (lines("   ", header="V   I"), "utf-8"),
    "decimal comma": (comma(lines(";", header="Spannung / V;Strom / A")), "latin-1"),
    "remarks and blank lines": (["# probe 3", "", *lines(), "", "end of data"], "utf-8"),
    "preamble": (["Device;X12", "Date;1.2.2026", "", *lines(";", header="U (V);I (A)")], "utf-8"),
    "units below": (["Potential\tCurrent", "V\tA", *lines("\t", header="")], "utf-8"),
    "tagged": (
        ["SetupTitle, Sweep", "DataName, V1, I1", *(f"DataValue, {r}" for r in lines(", ")[1:])],
        "utf-8",
    ),
    "swapped names": (lines(pattern=SWAPPED, header="Current (A),Voltage (V)"), "utf-8"),
    "swapped, no names": (lines(pattern=SWAPPED, header=""), "utf-8"),
    "rows counted": (
        ["Item,Voltage (V),Current (A)", *(f"{k},{r}" for k, r in enumerate(lines()[1:], 1))],
        "utf-8",
    ),
    "channel beside computed": (
        lines(pattern="{v:.3f}{s}3.0{s}{i:.6e}", header="AV,I,AI"),
        "utf-8",
    ),
    "potentiostat": (
        lines(";", header="WE(1).Potential (V);WE(1).Current (A)"),
        "utf-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_text_hold_the_same_curve(form: str, tmp_path: Path) -> None:
    rows, encoding = FORMS[form]
    found = read_measured(written(tmp_path / "curve.csv", rows, encoding))
    check(found)
    assert not found.left_out


@pytest.mark.parametrize(
    ("header", "scale"), [("V,I (µA)", 1e-6), ("V,I [nA]", 1e-9), ("V,current_mA", 1e-3)]
)
def test_units_of_the_header_count(header: str, scale: float, tmp_path: Path) -> None:
    rows = [header, *lines()[1:]]
    check(read_measured(written(tmp_path / "curve.csv", rows, "cp1252")), scale)


def test_an_option_overrides_the_unit_of_the_header(tmp_path: Path) -> None:
    path = written(tmp_path / "curve.csv", ["V,I (µA)", *lines()[1:]])
    check(read_measured(path, Columns(current_unit="pA")), 1e-12)


def test_thousands_are_grouped_in_either_way(tmp_path: Path) -> None:
    point = [f'"{1000 + 250 * k:,}","{10000.5 + k:,.1f}"' for k in range(8)]
    found = read_measured(written(tmp_path / "a.csv", ["V (mV),I (nA)", *point]))
    assert found.voltage == pytest.approx(1.0 + 0.25 * np.arange(8))
    assert found.current == pytest.approx(1e-9 * (10000.5 + np.arange(8)))
    other = [f"{1 + k}.950,0;{9 - k}.00{k},125" for k in range(8)]
    found = read_measured(written(tmp_path / "c.csv", ["Spannung [mV];Strom [nA]", *other]))
    assert found.voltage == pytest.approx(1.95 + np.arange(8))
    other = [f"{1 + k};1.000.00{k},5" for k in range(8)]
    found = read_measured(written(tmp_path / "b.csv", ["U (V);I (pA)", *other]))
    assert found.current == pytest.approx(1e-12 * (1_000_000.5 + np.arange(8)))


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = lines()
    rows[3] = "0.1,9.91E+37"
    rows[5] = "0.2,#REF"
    rows[7] = "0.3"
    found = read_measured(written(tmp_path / "curve.csv", rows))
    assert dict(found.left_out) == {"an overflow of the instrument": 1, "without two numbers": 2}
    assert len(found.voltage) + sum(found.left_out.values()) == 21
    said = "\n".join(found.report())
    assert "rows: 18 taken" in said
    assert "rows left out: 1, an overflow of the instrument" in said


@pytest.mark.parametrize("hole", ["NaN", "#REF", "OVLD"])
def test_a_first_point_without_a_number_is_no_header(hole: str, tmp_path: Path) -> None:
    """Taken for one, the unit of the true header was lost."""
    rows = ["Date;1.2.2026", "V;I (mA)", f"0.00;{hole}", *lines(";")[2:]]
    found = read_measured(written(tmp_path / "curve.csv", rows))
    assert found.current == pytest.approx(1e-3 * CURRENT[1:], rel=1e-5)
    assert dict(found.left_out) == {"without two numbers": 1}
    assert found.settings == (("Date", "1.2.2026"),)


def test_columns_that_are_not_taken_are_said(tmp_path: Path) -> None:
    rows = ["V1,I1,V2,I2,", *(f"{r},{r}," for r in lines()[1:])]
    found = read_measured(written(tmp_path / "curve.csv", rows))
    check(found)
    assert found.unused == ("V2", "I2")
    assert "columns not taken: 2, V2, I2" in found.report()


def test_a_rate_is_that_of_an_even_sweep(tmp_path: Path) -> None:
    def rate(times):
        rows = ["t (s),V,I", *(f"{t},{r}" for t, r in zip(times, lines()[1:], strict=True))]
        return read_measured(written(tmp_path / "curve.csv", rows)).rate

    assert rate(0.1 * np.arange(21)) == pytest.approx(0.5)
    assert rate(np.cumsum(1.3 ** np.arange(21))) is None


def test_blocks_of_one_header_are_cycles(tmp_path: Path) -> None:
    found = read_measured(written(tmp_path / "curve.csv", [*lines(), "", *lines(), *lines()]))
    assert found.cycle is not None
    assert [int((found.cycle == k).sum()) for k in range(3)] == [21, 21, 21]
    assert found.around["header"] == 3


def test_workbooks_and_matlab(tmp_path: Path) -> None:
    savemat(tmp_path / "curve.mat", {"voltage": VOLTAGE, "current": CURRENT, "gain": 3.0})
    check(read_measured(tmp_path / "curve.mat"))


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Write the least workbook that a spreadsheet opens."""

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value!r}</v></c>"

    kind = "http://schemas.openxmlformats.org"
    links = f"{kind}/officeDocument/2006/relationships"
    main_space = f'xmlns="{kind}/spreadsheetml/2006/main" xmlns:r="{links}"'
    names = "".join(
        f'<sheet name="{n}" sheetId="{k}" r:id="r{k}"/>' for k, n in enumerate(sheets, 1)
    )
    targets = "".join(
        f'<Relationship Id="r{k}" Type="{links}/worksheet" Target="worksheets/sheet{k}.xml"/>'
        for k in range(1, len(sheets) + 1)
    )
    package = f'<Relationships xmlns="{kind}/package/2006/relationships">'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{kind}/package/2006/content-types"/>')
        top = f'<Relationship Id="a" Type="{links}/officeDocument" Target="xl/workbook.xml"/>'
        book.writestr("_rels/.rels", f"{package}{top}</Relationships>")
        book.writestr(
            "xl/workbook.xml", f"<workbook {main_space}><sheets>{names}</sheets></workbook>"
        )
        book.writestr("xl/_rels/workbook.xml.rels", f"{package}{targets}</Relationships>")
        for k, rows in enumerate(sheets.values(), 1):
            body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
            text = f"<worksheet {main_space}><sheetData>{body}</sheetData></worksheet>"
            book.writestr(f"xl/worksheets/sheet{k}.xml", text)
    return path


def test_a_workbook_with_its_settings(tmp_path: Path) -> None:
    pairs = zip(VOLTAGE.tolist(), CURRENT.tolist(), strict=True)
    rows = [["Time", "AI", "AV", "I"], *([0.1 * k, i, v, abs(i)] for k, (v, i) in enumerate(pairs))]
    notes = [["Mode", "Sweeping"], ["Compliance", 5e-4]]
    path = workbook(tmp_path / "run.xlsx", {"Notes": [["a"]], "Run1": rows, "Settings": notes})
    found = read_measured(path)
    check(found)
    assert found.settings == (("Mode", "Sweeping"), ("Compliance", "0.0005"))
    assert found.rate == pytest.approx(0.5)
    with pytest.raises(InputError, match=r"--sheet: not in .*allowed Notes, Run1, Settings, got X"):
        read_measured(path, sheet="X")


REFUSED = {
    "nothing": ([""], "empty"),
    "words": (["alpha beta", "gamma delta"], "columns of numbers are wanted"),
    "microamperes unsaid": (["V,I", *(f"{v},{40 + v}" for v in VOLTAGE)], "--current-unit"),
    "three columns": (["0.1,2.5,3e-3", "0.35,2.1,4e-3", "0.41,2.2,7e-3"] * 4, "--voltage-column"),
    "row numbers": ([f"{k},1e-6" for k in range(1, 30)], "--voltage-column"),
    "row numbers under a name": (["V,I", *(f"{k},1e-6" for k in range(1, 60))], "counts rows"),
    "a current density": (lines(header="V (V),J (A/cm2)"), "--current-column"),
    "a logarithm": (["V,log10(I)", *(f"{v},{-9 + v}" for v in VOLTAGE)], "--current-column"),
    "columns without numbers": (["V,I,R", *(f",,{k}" for k in range(9))], "wanted|hold no numbers"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_is_refused(kind: str, tmp_path: Path) -> None:
    rows, message = REFUSED[kind]
    with pytest.raises(InputError, match=message):
        read_measured(written(tmp_path / "curve.csv", rows))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (Columns(voltage="Q"), "--voltage-column: not in .* allowed V, I, got Q"),
        (Columns(current_unit="V"), "--current-unit: a unit of current, got V"),
        (Columns(voltage="1", current="1"), "allowed two columns"),
    ],
)
def test_wrong_options_are_named(columns: Columns, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_measured(written(tmp_path / "curve.csv", lines()), columns)


def test_tdms_names_its_package(tmp_path: Path) -> None:
    (tmp_path / "curve.tdms").write_bytes(b"TDSm" + bytes(40))
    try:
        import nptdms  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match=r"tusk-fem\[tdms\]"):
            read_measured(tmp_path / "curve.tdms")


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1.5", ".", 1.5), ("1,5", ",", 1.5), ("−3e-9", ".", -3e-9), ("1,234.5", ".", 1234.5),
        ("1.234,5", ",", 1234.5), ("1 234,5", ",", 1234.5), ("125.8467E-6", ".", 125.8467e-6),
        ("0,123", ".", None), ("#REF", ".", None), ("", ".", None), ("1.2.3", ".", None),
        (" 7 ", ".", 7.0), ("nan", ".", None), ("1D-3", ".", 1e-3),
    ],
)  # fmt: skip
def test_numbers(text: str, decimal: str, value: float | None) -> None:
    assert number(text, decimal) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_it_was_written(value: float) -> None:
    assert number(repr(value)) == value
    assert number(repr(value).replace(".", ","), ",") == value


# --- cycles ---------------------------------------------------------------------------------------


def loop(polarity: int, before: float, after: float, switch: float, back: float = 0.0):
    """Out to 1 V and back over resistances that change at ``switch``, and again at ``back``."""
    v = np.concatenate((np.linspace(0.01, 1.0, 100), np.linspace(0.99, 0.01, 99)))
    late = np.arange(len(v)) >= 100
    on = np.where(late, v > back, v >= switch)
    return polarity * v, polarity * v / np.where(on, after, before)


def measured_loops(path: Path, *loops, cap=1.0):
    v = np.concatenate([part[0] for part in loops])
    i = np.clip(np.concatenate([part[1] for part in loops]), -cap, cap)
    pd.DataFrame({"V": v, "I": i}).to_csv(path, index=False)
    return read_measured(path)


def test_a_bipolar_cycle_sets_and_resets(tmp_path: Path) -> None:
    curve = measured_loops(
        tmp_path / "c.csv", loop(1, 1e8, 1e4, 0.6), loop(-1, 1e4, 1e8, 0.4), cap=5e-5
    )
    table = cycle_table(curve)
    assert list(table["kind"]) == ["set", "reset"]
    assert table["v_set_V"][0] == pytest.approx(0.6)
    assert table["v_reset_V"][1] == pytest.approx(-0.39)
    assert table["hrs_ohm"].to_list() == pytest.approx([1e8, 1e8])
    assert table["lrs_ohm"].to_list() == pytest.approx([1e4, 1e4])
    assert table["compliance_A"][0] == pytest.approx(5e-5)
    assert np.isnan(table["compliance_A"][1])


def test_a_volatile_loop_switches_on_and_off(tmp_path: Path) -> None:
    curve = measured_loops(tmp_path / "c.csv", *[loop(1, 1e9, 1e5, 0.5, 0.2)] * 3)
    table = cycle_table(curve)
    assert list(table["kind"]) == ["threshold"] * 3
    assert table["v_set_V"].to_list() == pytest.approx([0.5] * 3)
    assert table["v_hold_V"].to_list() == pytest.approx([0.21] * 3)
    early = cycle_table(curve, threshold=3e-10)
    assert early["v_set_V"].to_list() == pytest.approx([0.31] * 3)


def test_a_way_out_alone_is_a_set_where_it_jumps(tmp_path: Path) -> None:
    v, i = loop(1, 1e9, 1e5, 0.5)
    curve = measured_loops(tmp_path / "c.csv", (v[:100], i[:100]))
    (row,) = cycle_table(curve).to_dict("records")
    assert (row["kind"], row["v_set_V"]) == ("set", pytest.approx(0.5))


def test_a_resistor_does_not_switch(tmp_path: Path) -> None:
    curve = measured_loops(tmp_path / "c.csv", loop(1, 1e5, 1e5, 0.5))
    (row,) = cycle_table(curve).to_dict("records")
    assert row["kind"] == "none"
    assert np.isnan(row["v_set_V"])
    assert [row["lrs_ohm"], row["hrs_ohm"]] == pytest.approx([1e5, 1e5])


def test_the_command_says_what_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured_loops(tmp_path / "c.csv", *[loop(1, 1e9, 1e5, 0.5, 0.2)] * 2)
    assert main(["measured", str(tmp_path / "c.csv"), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    wanted = "voltage: V in V", "rows: 398 taken", "loops: 2 (2 threshold)", "V_SET, positive: 0.5"
    for part in wanted:
        assert part in said, said
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"c_curve.csv", "c_cycles.csv", "c_measured.png"}
    assert main(["measured", str(tmp_path / "c.csv"), "--out", str(tmp_path), "--json"]) == 0
    assert [row["kind"] for row in json.loads(capsys.readouterr().out)] == ["threshold"] * 2


def test_a_wrong_file_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = written(tmp_path / "a.csv", lines()), written(tmp_path / "b.csv", [""])
    assert main(["measured", str(good), str(bad), "--out", str(tmp_path / "out")]) == 1
    assert "b.csv: the file is empty" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_measured_voltage_drives_a_run(tmp_path: Path) -> None:
    times = 0.1 * np.arange(21)
    rows = ["Time (s),V,I", *(f"{t:.1f},{r}" for t, r in zip(times, lines()[2:], strict=False))]
    path = written(tmp_path / "c.csv", rows)
    assert main(["measured", str(path), "--drive", "--quiet"]) == 0
    config = build_config(
        {"model": "mesoscopic", "drive": [{"table": {"file": "c_drive.csv"}}]}, tmp_path
    )
    assert isinstance(config, MesoscopicConfig)
    (step,) = config.drive
    assert step.points[0] == (0.0, 0.0)
    assert step.points[-1] == pytest.approx((2.0, 1.0))
    assert len(step.points) == 21


@pytest.mark.parametrize(
    ("rows", "message"),
    [(lines(), "no column of times"), (["t,V,I", *["1,0.1,1e-9", "0,0.2,2e-9"] * 3], "increase")],
)
def test_a_drive_needs_times(
    rows: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "c.csv", rows)
    assert main(["measured", str(path), "--drive", "--out", str(tmp_path / "out")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
