"""One HTML file about one or many runs that refers to nothing outside itself."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

import pandas as pd

from tusk.postprocess.citations import bibtex
from tusk.postprocess.compare import config_differences, labels_of
from tusk.postprocess.figures import figures_of, make_figures
from tusk.postprocess.run import Run, open_run
from tusk.solver.certificate import HEADLINES, with_error
from tusk.solver.errors import OutputError

PAGE = "report_page.html"
"""Template of the page, beside this module."""

MARKS = {
    "growth_start_s": ("growth start", "s", 1.0),
    "gamma_s": ("Γ, sideways faster than upwards", "s", 1.0),
    "upsilon_s": ("Y, compliance reached", "s", 1.0),
    "lambda_s": ("Λ, growth at rest", "s", 1.0),
    "temperature_max_K": ("greatest temperature", "K", 1.0),
    "gap_min_m": ("smallest gap", "nm", 1e-9),
    "radius_max_m": ("largest radius", "nm", 1e-9),
    "lrs_ohm": ("R_LRS", "Ω", 1.0),
    "filament_resistance_3p5uA_ohm": ("R of the filament at 3.5 µA", "Ω", 1.0),
    "set_energy_J": ("SET energy", "µJ", 1e-6),
}
"""Words, unit and its size in SI of the marks that every filament run has."""

CAPTIONS = {
    "current_voltage": "Current against voltage, logarithmic and linear, and in time at the SET.",
    "regime_shares": "What makes the current rise: shares of gap, area, temperature and voltage.",
    "evolution": "Gap, filament size and temperature, over the run and around the SET.",
    "filament_outlines": "Outlines of the filament through the run, and its tip enlarged.",
    "temperature_maps": "Temperature at chosen currents.",
    "elephant": "Shape of the filament against time, coloured by the current.",
}


def write_report(run_dirs: Sequence[Path], target: Path) -> Path:
    """Write the report of some run directories.

    Parameters
    ----------
    run_dirs
        One or more; figures that are missing there are drawn.
    target
        The HTML file.

    Raises
    ------
    InputError
        If one is no run directory.
    OutputError
        If the file cannot be written.
    """
    text = report([open_run(path) for path in run_dirs], labels_of(list(run_dirs)))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror})") from error
    return target


def report(runs: Sequence[Run], labels: Sequence[str]) -> str:
    """Return the page about some runs."""
    named = dict(zip(labels, runs, strict=True))
    sections = [("Runs", _runs(named)), ("Marks", _marks(named))]
    if len(runs) > 1:
        differences = config_differences(named)
        sections.insert(1, ("Config differences", _table(differences.astype(object))))
    sections += [(f"Figures of {label}", _figures(run)) for label, run in named.items()]
    sections += [
        ("Balance errors", _numbers(named, "ledgers")),
        ("Timings (s)", _numbers(named, "timings_s")),
        ("Work", _numbers(named, "counters")),
        ("Equations", _equations(runs[0])),
        ("Citations", f"<pre>{escape(bibtex(runs))}</pre>"),
    ]
    body = "\n".join(
        f'<section id="s{k}"><h2>{escape(title)}</h2>\n{content}\n</section>'
        for k, (title, content) in enumerate(sections)
    )
    links = " ".join(
        f'<a href="#s{k}">{escape(title)}</a>' for k, (title, _) in enumerate(sections)
    )
    page = Template((Path(__file__).parent / PAGE).read_text(encoding="utf-8"))
    return page.substitute(title=escape(", ".join(labels)), links=links, body=body)


def _table(rows: pd.DataFrame, head: str = "") -> str:
    """Return a table of texts that scrolls sideways where it is too wide."""
    if rows.empty:
        return "<p>none</p>"
    cells = "".join(f"<th>{escape(str(name))}</th>" for name in rows.columns)
    lines = [f"<tr><th>{escape(head)}</th>{cells}</tr>"]
    for name, row in rows.iterrows():
        cells = "".join(f"<td>{escape(str(value))}</td>" for value in row)
        lines.append(f"<tr><th>{escape(str(name))}</th>{cells}</tr>")
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _runs(runs: Mapping[str, Run]) -> str:
    """Return what was run, and how it ended."""
    return _table(
        pd.DataFrame(
            {
                label: {
                    "status": f"{run.status} ({run.reason})" if run.reason else run.status,
                    "config": run.summary.get("config") or "–",
                    "parameter set": run.config.get("parameters", "–"),
                    "steps": len(run.timeseries),
                    "started": run.summary.get("started", "–"),
                    "version": (run.summary.get("versions") or {}).get("tusk-fem", "–"),
                    "ranks": run.summary.get("ranks", "–"),
                    "error bars": "certified" if run.certificate is not None else "none",
                }
                for label, run in runs.items()
            }
        )
    )


def _marks(runs: Mapping[str, Run]) -> str:
    """Return the marks with the errors that a certificate states."""
    keys = dict.fromkeys(key for run in runs.values() for key in run.marks)
    rows = {
        " ".join(filter(None, _words(key))): [_mark(run, key) for run in runs.values()]
        for key in keys
    }
    note = "<p>± is the certified error of mesh and steps; without it none is known.</p>"
    return _table(pd.DataFrame.from_dict(rows, orient="index", columns=list(runs))) + note


def _words(key: str) -> tuple[str, str]:
    words, unit, _ = MARKS.get(key, (key, "", 1.0))
    return words, f"({unit})" if unit else ""


def _mark(run: Run, key: str) -> str:
    """Return one mark in its unit."""
    if key not in run.marks:
        return "–"
    value = run.marks[key]
    if value is None:
        return "not reached"
    scale = MARKS[key][2] if key in MARKS else 1.0
    certificate = run.certificate
    error = certificate.error_of(key, value) if certificate and key in HEADLINES else None
    return f"{value / scale:.6g}" if error is None else with_error(value / scale, error / scale)


def _numbers(runs: Mapping[str, Run], section: str) -> str:
    """Return one section of run.json as a table."""
    rows = pd.DataFrame({label: pd.Series(run.summary.get(section)) for label, run in runs.items()})
    return _table(
        rows.map(lambda value: "–" if value is None or value != value else f"{value:.4g}")
    )


def _figures(run: Run) -> str:
    """Return the figures of a run inside the page; those that are missing are drawn first."""
    folder = run.path / "figures"
    wanted = list(figures_of(run))
    if not all((folder / f"{name}.png").is_file() for name in wanted):
        make_figures(run.path, quiet=True)
    # Those of other commands, such as histograms, follow.
    names = dict.fromkeys([*wanted, *sorted(path.stem for path in folder.glob("*.png"))])
    pictures = [(name, folder / f"{name}.png") for name in names]
    captions = {
        name: CAPTIONS.get(name, f"{name.replace('_', ' ').capitalize()}.") for name in names
    }
    shown = [_picture(path, captions[name]) for name, path in pictures if path.is_file()]
    return f'<div class="figures">{"".join(shown)}</div>' if shown else "<p>none</p>"


def _picture(path: Path, caption: str) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _equations(run: Run) -> str:
    """Return what was solved, in formulas."""
    laws: Iterable[tuple[str, str]] = (run.summary.get("equations") or {}).items()
    return _table(pd.DataFrame({"law": pd.Series(dict(laws), dtype=object)}))
