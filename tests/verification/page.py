"""Write docs/verification.md: ``python -m tests.verification.page [JUNIT]``.

The page is made from what is under version control: the shipped certificates (`make certify`), the
catalogue of seeded faults, and ``measured.json``, which holds what tests measured and which test
caught each fault.  A JUnit report, and `make seeded-faults`, renew ``measured.json`` first.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from tests.faults.catalogue import FAULTS
from tests.faults.seed import CAUGHT
from tests.verification.studies import REPOSITORY
from tusk.solver.certificate import (
    HEADLINES,
    Certificate,
    read_certificate,
    shipped_certificates,
    with_error,
)

PAGE = REPOSITORY / "docs" / "verification.md"
MEASURED = Path(__file__).with_name("measured.json")

TEXT = """\
# Verification

Whether the equations are solved right; whether they are the right ones is the question of
[validation.md](validation.md). This page is written by `make verification-page` and `make certify`;
what it states is measured, and a test holds it to the data it is made from.

## Error bars of the shipped configs

`tusk certify CONFIG` runs a config on a ladder: every mesh size times 1, 0.71 and 0.5, and, on the
config's own mesh, steps shorter by the same factors (the caps of the motion in a step times 1, 0.71
and 0.5, its tolerance times the cubes of that). Quantities are extrapolated along both:

- With f0, f1, f2 at sizes 1, q, q² (q = 0.71), d1 = f1 − f0 and d2 = f2 − f1, the observed order is
  p = ln(d1/d2)/ln(1/q) and the limit f2 + d2 q^p/(1 − q^p). The error is the distance from there to
  f0, the config's own run. An order above 2, which theory does not promise, counts as 2.
- Where the differences change sign, or p lies outside 0.5 to 4, the error is 1.5 times the largest
  difference of the ladder, marked *.
- The errors of mesh and steps are added; where both are extrapolated and of opposite sign, the
  larger counts alone. T_max is read between steps, at the top of a parabola; its distance from the
  hottest step, which is what a run reports, is added.

These are errors of discretisation, not of the model: that the smallest gap is known to a fraction
of a pm says how well the equations are solved, not that a continuum holds at a quarter of an atom.
Newton's tolerances (1e-8 V, 1e-4 K) are not varied. A mark that some run of the ladder does not
reach has no error. A certificate belongs to a run by its physics hash, and to a number only within
the error bar around the certified one; figures and the report at the end of a run print it there.

{certificates}

## Seeded faults

`make seeded-faults`, which `make verify` runs, makes one small change at a time in a copy of the
source and lets the test run that has to notice. {caught} of {faults} faults are caught.

{fault_table}

## What tests measured

Of those in `tests/verification` that state numbers: fitted rates of convergence, differences over
the scale of their field.

{studies}
"""


def certificate_section(certificate: Certificate) -> str:
    """Return the part of the page on one certificate."""
    lines = [
        f"### `{certificate.config}`",
        "",
        "| quantity | value ± error | relative | of the mesh (order) | of the steps (order) |",
        "|---|---|---|---|---|",
    ]
    for key, quantity in certificate.quantities.items():
        shown = HEADLINES[key]
        number = with_error(quantity.value / shown.scale, quantity.error / shown.scale)
        cells = [shown.symbol, f"{number} {shown.unit}", f"{100 * quantity.relative_error:.2g} %"]
        for part in (quantity.mesh, quantity.step):
            share = f"{100 * part.error / abs(quantity.value):.2g} %"
            order = f" ({part.order:.1f})" if part.order is not None and part.regular else ""
            cells.append(share + order + ("" if part.regular else " *"))
        lines.append(f"| {' | '.join(cells)} |")
    lines += [f"| {HEADLINES[k].symbol} | not reached | – | – | – |" for k in certificate.missing]
    ledgers = ", ".join(
        f"{name.removesuffix('_error_max')} {value:.1e}"
        for name, value in certificate.ledgers.items()
        if name.endswith("_error_max")
    )
    ladder = ", ".join(
        f"{rung.name} {rung.vertices} nodes, {rung.steps} steps, {rung.wall_s:.0f} s"
        for rung in certificate.rungs
    )
    versions = ", ".join(f"{name} {version}" for name, version in certificate.versions.items())
    made_by = f"Physics {certificate.physics_hash[:12]}, code {certificate.code[:12]}; {versions}."
    lines += ["", f"Largest ledger errors: {ledgers}.", f"Ladder: {ladder}.", made_by]
    return "\n".join(lines)


def fault_table(caught: dict[str, str]) -> str:
    """Return the table of faults with the test that caught each."""
    lines = ["| fault | in | caught by |", "|---|---|---|"]
    for fault in FAULTS:
        test = caught.get(fault.name, "")
        told = f"`{test.removeprefix('tests/')}`" if test else "**not caught**"
        lines.append(f"| {fault.name} | `{fault.file}` | {told} |")
    return "\n".join(lines)


def study_table(studies: dict[str, dict[str, str]]) -> str:
    """Return the table of what tests measured."""
    lines = ["| test | measured |", "|---|---|"]
    for test, found in studies.items():
        told = "; ".join(f"{name} {value}" for name, value in found.items())
        lines.append(f"| `{test}` | {told} |")
    return "\n".join(lines)


def page(measured: dict[str, Any]) -> str:
    """Return the page."""
    certificates = [read_certificate(path) for path in shipped_certificates()]
    sections = [certificate_section(certificate) for certificate in certificates]
    caught = measured["faults"]
    return TEXT.format(
        certificates="\n\n".join(sections) or "No certificate is shipped yet: `make certify`.",
        caught=sum(1 for fault in FAULTS if caught.get(fault.name)),
        faults=len(FAULTS),
        fault_table=fault_table(caught),
        studies=study_table(measured["studies"]),
    )


def recorded(report: Path) -> dict[str, dict[str, str]]:
    """Return the properties that tests recorded in a JUnit report, by test."""
    found: dict[str, dict[str, str]] = {}
    for case in ET.parse(report).iter("testcase"):
        values = {p.get("name", ""): p.get("value", "") for p in case.iter("property")}
        if values:
            module = case.get("classname", "").rpartition(".")[2]
            found[f"{module}.py::{case.get('name')}"] = values
    return dict(sorted(found.items()))


def main(words: list[str]) -> int:
    """Renew what was measured where there is news, and write the page."""
    if len(words) > 1:
        print(__doc__, file=sys.stderr)
        return 1
    measured: dict[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8"))
    if words:
        measured["studies"] = recorded(Path(words[0]))
    if CAUGHT.exists():
        measured["faults"] = json.loads(CAUGHT.read_text(encoding="utf-8"))
    text = json.dumps(measured, indent=1, ensure_ascii=False)
    MEASURED.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(page(measured), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
