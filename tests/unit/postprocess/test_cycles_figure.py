"""The figure of cycles."""

import pandas as pd
import pytest

from tusk.postprocess import open_run
from tusk.postprocess.cycles_figure import cycles
from tusk.postprocess.figures import figures_of
from tusk.solver.errors import InputError


def table(**columns):
    blank = dict.fromkeys(("lrs_ohm", "hrs_ohm", "set_voltage_V", "reset_voltage_V"), float("nan"))
    return pd.DataFrame(
        {"cycle": [1, 2, 3], "current_max_A": [1e-5, 2e-5, 3e-5], **blank, **columns}
    )


def drawn(folder, rows):
    rows.to_csv(folder / "cycles.csv", index=False)
    return cycles(open_run(folder)).axes


def test_resistances_and_voltages_stand_over_their_cycles(make_run):
    folder = make_run(rows=20, field_times=())
    assert "cycles" not in figures_of(open_run(folder))
    upper, lower = drawn(folder, table(lrs_ohm=[1e3, 2e3, 3e3], hrs_ohm=[1e6, None, 3e6],
                                       set_voltage_V=[1.6, 1.3, 1.2]))  # fmt: skip
    assert "cycles" in figures_of(open_run(folder))
    by_label = {line.get_label(): line for line in upper.lines}
    assert list(by_label["HRS"].get_xdata()) == [1, 3]
    assert list(by_label["LRS"].get_ydata()) == [1e3, 2e3, 3e3]
    assert list(lower.lines[0].get_ydata()) == [1.6, 1.3, 1.2]


def test_without_reads_the_current_is_shown(make_run):
    upper, _ = drawn(make_run(rows=20, field_times=()), table())
    assert list(upper.lines[0].get_ydata()) == [1e-5, 2e-5, 3e-5]


def test_no_cycle_is_said_so(make_run):
    with pytest.raises(InputError, match="at least one cycle is wanted"):
        drawn(make_run(rows=20, field_times=()), table()[:0])
