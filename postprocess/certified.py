"""Error bars on figures: what a certificate says of the run that is drawn."""

from matplotlib.figure import Figure

from tusk.postprocess.run import Run
from tusk.postprocess.style import GREY, figure_style
from tusk.solver.certificate import HEADLINES

NOTE_SIZE = 4.5  # printer's points
PER_LINE = 4


def error_bars(run: Run) -> dict[str, float]:
    """Return the certified errors of the run's marks by name, in their units; empty without any.

    Marks whose value is not the certified one within its error have none.
    """
    certificate = run.certificate
    if certificate is None:
        return {}
    errors = {key: certificate.error_of(key, run.marks.get(key)) for key in HEADLINES}
    return {key: error for key, error in errors.items() if error is not None}


def error_note(run: Run) -> str:
    """Return the relative errors in words, several to a line; empty without a certificate."""
    parts = [
        f"{HEADLINES[key].symbol} {100 * error / abs(run.marks[key] or 1.0):.2g} %"
        for key, error in error_bars(run).items()
    ]
    if not parts:
        return ""
    lines = [", ".join(parts[k : k + PER_LINE]) for k in range(0, len(parts), PER_LINE)]
    return "Discretisation errors: " + ",\n".join(lines)


def with_note(figure: Figure, run: Run) -> Figure:
    """Write the errors under a figure."""
    note = error_note(run)
    if note:
        with figure_style():
            figure.supxlabel(note, fontsize=NOTE_SIZE, color=GREY)
    return figure
