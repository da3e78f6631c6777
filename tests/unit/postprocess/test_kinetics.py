"""Table and figure of the time of the SET against the voltage."""

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess import open_run
from tusk.postprocess.kinetics import kinetics_figure, kinetics_table


def held(make_run, name, end, current, labels):
    """Return a run that ends at a time with a current, limited by labels of a third each."""
    folder = make_run(name=name, rows=20, field_times=())
    table = pd.read_csv(folder / "timeseries.csv")
    table["time_s"] = np.linspace(0.0, end, len(table))
    table["current_A"] = np.linspace(0.0, current, len(table))
    table.to_csv(folder / "timeseries.csv", index=False)
    times = np.linspace(0.0, end, len(labels) + 1)
    limits = pd.DataFrame({"time_s": times, "limited_by": ["", *labels]})
    limits.to_csv(folder / "overpotentials.csv", index=False)
    return open_run(folder)


def test_times_slopes_and_limits(make_run):
    """A decade for every 0.2 V: 200 mV per decade; the third cell is not set."""
    transfer, hopping = "charge_transfer", "hopping"
    runs = {
        1.2: held(make_run, "b", 1e-3 + 1e-9, 1e-6, [hopping, transfer, hopping]),
        1.0: held(make_run, "a", 1e-2 + 1e-9, 1e-6, [transfer, transfer, hopping]),
        0.2: held(make_run, "c", 1e6, 1e-9, ["", "", ""]),
    }
    table = kinetics_table(runs, 5e-7, 1e-9)
    assert list(table.voltage_V) == [0.2, 1.0, 1.2]
    assert table.set_time_s[1:].to_numpy() == pytest.approx([1e-2, 1e-3], rel=1e-6)
    assert table.slope_mV_per_decade[1:].to_numpy() == pytest.approx([200.0, 200.0], rel=1e-6)
    assert np.isnan(table.set_time_s[0])
    assert np.isnan(table.slope_mV_per_decade[0])
    assert list(table.limited_by) == ["", "charge_transfer", "hopping"]
    assert list(table.end)[1:] == ["set", "set"]
    (axes,) = kinetics_figure(table).axes
    assert axes.get_yscale() == "log"
    drawn = {line.get_label(): list(line.get_xdata()) for line in axes.lines[1:]}
    assert drawn == {"charge transfer": [1.0], "hopping": [1.2]}
