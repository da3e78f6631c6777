"""The tabulated hazard against quadrature, and its inverse."""

import numpy as np
import pytest
from scipy.integrate import quad

from tusk.solver.config import build_config
from tusk.solver.models.mesoscopic.hazard import LOCATED, event_rates, tabulate
from tusk.solver.models.mesoscopic.launch import build_cell

SERIES = {"kind": "none", "series_resistance": "5 kohm"}
LIMITER = {"kind": "limiter", "compliance_current": "20 uA", "limiter_voltage": "50 mV"}


@pytest.mark.parametrize("source", [{"kind": "none"}, SERIES, LIMITER, {"kind": "current"}])
@pytest.mark.parametrize("conduction", ["gap", "sites"])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_events_are_located(source, conduction, sign):
    """H(x) by quadrature, then back: the drive of an event to some 1e-7 of the reach."""
    memory = {"particles": 5, "spontaneous_set_rate": "0.1 Hz"}
    raw = {"model": "mesoscopic", "source": source, "conduction": conduction, "memory": memory}
    if source["kind"] == "current":
        raw["drive"] = [{"ramp": {"to": "50 uA", "rate": "1 uA/s"}}]
    config = build_config(raw)
    cell, reach = build_cell(config), 5e-5 if source["kind"] == "current" else 1.2
    table = tabulate(cell, 2, 1.9, sign, reach)

    def rate(part):
        setting, resetting = event_rates(cell, 2, 1.9, sign * reach * part)
        return float(setting + resetting)

    done, edge = 0.0, 0.0
    for part in (0.01, 0.2, 0.5, 0.9, 1.0):
        done += quad(rate, edge, part, epsabs=0.0, epsrel=1e-10, limit=200)[0]
        edge = part
        assert abs(table.at(table.place(reach * part)) / reach - done) <= 3.0 * LOCATED * rate(part)
        assert table.size(table.where(reach * done)) == pytest.approx(
            reach * part, abs=3.0 * LOCATED * reach
        )


def test_ends_of_the_table():
    cell = build_cell(build_config({"model": "mesoscopic"}))
    table = tabulate(cell, 3, 0.0, 1.0, 1.0)
    assert table.at(0.0) == 0.0
    assert table.size(table.where(-1.0)) == 0.0
    assert table.size(table.where(2.0 * table.integral[-1])) == pytest.approx(1.0)
    assert np.all(np.diff(table.integral) >= 0.0)
