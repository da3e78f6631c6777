"""One HTML file about one or many runs that refers to nothing outside itself."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd

from tusk.postprocess.citations import bibtex
from tusk.postprocess.compare import config_differences, labels_of
from tusk.postprocess.figures import figures_of, make_figures
from tusk.postprocess.run import Run, open_run
from tusk.solver.certificate import HEADLINES
from tusk.solver.errors import OutputError
from tusk.solver.marks_text import ERROR_BARS, mark_text, spread_text

PAGE = "report_page.html"
"""Template of the page, beside this module."""

MARKS = {
    "growth_start_s": "growth start",
    "gamma_s": "Γ, sideways faster than upwards",
    "upsilon_s": "Y, compliance reached",
    "lambda_s": "Λ, growth at rest",
    "temperature_max_K": "greatest temperature",
    "gap_min_m": "smallest gap",
    "radius_max_m": "largest radius",
    "lrs_ohm": "R_LRS",
    "filament_resistance_3p5uA_ohm": "R of the filament at 3.5 µA",
    "set_energy_J": "SET energy",
}
"""Words for the marks that every filament run has."""

NO_ERRORS = f"{ERROR_BARS}; without it none is known."

IMBALANCE = (
    "atom_imbalance: metal that the electrode has lost less what the filament has gained, over the "
    "latter. A dissolution ratio v* below 1 takes that much less from the electrode on purpose: "
    "with v* = 0.05 it is about -0.95."
)

REGIMES = (
    "Bands A, B, C: regimes, named step by step by what makes the current rise most, gap (A, C) or "
    "area (B). Γ, Y, Λ: marks of shape and limiter; at Γ the filament begins to grow faster "
    "sideways than upwards. B and Γ need not begin together: area is what gap, voltage and "
    "temperature of the strongest column leave of the rise, and it also grows where the rest of "
    "the tip catches up with that column, before the filament widens."
)

CAPTIONS = {
    "current_voltage": "Current against voltage, logarithmic and linear, and in time at the SET. "
    + REGIMES,
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
        ("Warnings", _warnings(named)),
        ("Balance errors", _ledgers(named)),
        ("Timings (s)", _timings(named)),
        ("Work", _numbers(named, "counters")),
        *_sections("Equations", {label: _equations(run) for label, run in named.items()}),
        *_sections("Parameters", {label: _parameters(run) for label, run in named.items()}),
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
                    "rows of the time series": len(run.timeseries),
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
    rows = {MARKS.get(key, key): [_mark(run, key) for run in runs.values()] for key in keys}
    table = _table(pd.DataFrame.from_dict(rows, orient="index", columns=list(runs)))
    return f"{table}<p>{NO_ERRORS}</p>{_members(runs)}"


def _members(runs: Mapping[str, Run]) -> str:
    """Return mean and spread over the members of the ensembles among the runs."""
    found = {label: run.summary["ensemble"] for label, run in runs.items()
             if run.summary.get("ensemble")}  # fmt: skip
    if not found:
        return ""
    columns = {
        f"{label}, {ensemble['members']} members": pd.Series(spread_text(ensemble["spread"]))
        for label, ensemble in found.items()
    }
    note = "<p>Marks of an ensemble are those of member 0; mean ± standard deviation of all:</p>"
    return note + _table(pd.DataFrame(columns).fillna("–"))


def _mark(run: Run, key: str) -> str:
    """Return one mark in its unit."""
    if key not in run.marks:
        return "–"
    value = run.marks[key]
    certificate = run.certificate
    error = certificate.error_of(key, value) if certificate and key in HEADLINES else None
    return mark_text(key, value, error).told


def _numbers(runs: Mapping[str, Run], section: str) -> str:
    """Return one section of run.json as a table."""
    return _table(_rounded(_section_of(runs, section)))


def _section_of(runs: Mapping[str, Run], section: str) -> pd.DataFrame:
    """Return one section of run.json: a row per entry, a column per run."""
    columns = {label: pd.Series(run.summary.get(section)) for label, run in runs.items()}
    return pd.DataFrame(columns)


def _rounded(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.map(lambda value: "–" if value is None or value != value else f"{value:.4g}")


def _warnings(runs: Mapping[str, Run]) -> str:
    """Return where the runs left what their model is made for."""
    rows = [
        {"run": label, "since (s)": f"{found['since_s']:.6g}", "warning": found["message"]}
        for label, run in runs.items()
        for found in run.summary.get("warnings") or ()
    ]
    return _table(pd.DataFrame(rows, index=[f"{k + 1}" for k in range(len(rows))]))


def _ledgers(runs: Mapping[str, Run]) -> str:
    """Return the balance errors, and what the odd one among them means."""
    rows = _section_of(runs, "ledgers")
    note = f"<p>{IMBALANCE}</p>" if "atom_imbalance" in rows.index else ""
    return _table(_rounded(rows)) + note


def _timings(runs: Mapping[str, Run]) -> str:
    """Return the seconds of the phases, of what is in none of them, and of the whole run."""
    rows = _section_of(runs, "timings_s")
    if "wall" not in rows.index:
        return _table(_rounded(rows))
    phases, wall = rows.drop(index="wall"), rows.loc[["wall"]]
    rest = wall.to_numpy(dtype=float)[0] - phases.sum().to_numpy(dtype=float)
    rest[rest < 0.0] = np.nan  # runs of before 0.2 count a phase inside another one in both
    rows = pd.concat([phases, pd.DataFrame([rest], ["rest"], rows.columns), wall])
    return _table(_rounded(rows))


def _sections(title: str, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return a section for each different text, named after its runs; one alone after none."""
    owners: dict[str, list[str]] = {}
    for label, text in texts.items():
        owners.setdefault(text, []).append(label)
    if len(owners) == 1:
        return [(title, next(iter(owners)))]
    return [(f"{title} of {', '.join(labels)}", text) for text, labels in owners.items()]


def _parameters(run: Run) -> str:
    """Return the values of a run with their sources, and what the tags mean."""
    rows = run.summary.get("parameters") or []
    columns = ("value", "source", "tag")
    table = {row["key"]: [row[name] for name in columns] for row in rows}
    meanings = run.summary.get("tags") or {}
    tags = "; ".join(f"{tag} {meaning}" for tag, meaning in meanings.items())
    shown = _table(pd.DataFrame.from_dict(table, orient="index", columns=list(columns)))
    return f"{shown}<p>{escape(tags)}</p>" if table else shown


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
