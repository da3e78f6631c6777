"""The command ``tusk``. Heavy modules are imported inside the commands that need them."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from .commands.ablate import ablate
from .commands.atoms import atoms
from .commands.certify import certify
from .commands.compare import compare
from .commands.conductance import conductance
from .commands.configs import configs
from .commands.doctor import doctor
from .commands.kinetics import kinetics
from .commands.measured import measured
from .commands.regimes import regimes
from .commands.report import report
from .commands.reproduce import reproduce
from .commands.sweep import sweep
from .errors import ConfigError, InputError, SolveError, TuskError
from .mpi import world
from .parallel import collective, launched_rank

INTERNAL_ERROR = 2
STOPPED = 3
STUDIES = ("sweep", "certify", "reproduce", "ablate", "kinetics")
"""Commands that start runs of their own: refused on ranks."""
ON_EVERY_RANK = ("run", "validate")
"""Commands that all ranks carry out; what remains is work for rank 0."""
_INTERRUPTED = 130  # what typer makes of ^C; a run that has begun catches it
_TRACEBACK_VARIABLE = "TUSK_TRACEBACK"

# Base of typer's usage errors. Older typer takes it from click, newer from a copy of its own.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="tusk",
    help="Simulate the growth of conductive filaments in ECM memory cells.",
    no_args_is_help=False,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ConfigFile = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG",
        help="YAML file of the run, or the name of a shipped one (`tusk configs`).",
    ),
]
ConfigFiles = Annotated[list[Path], typer.Argument(metavar="CONFIG", help="YAML files.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a config key; repeatable."),
]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Run the Python files that the config names.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Run directory. [default: runs/<config name>]")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the results of an older run there.")
]
Restart = Annotated[
    bool, typer.Option("--restart", help="Continue the run there from its last checkpoint.")
]
BreakLock = Annotated[
    bool,
    typer.Option("--break-lock", help="Take it from a run on another machine that is dead."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be run; write nothing.")]
MaxSteps = Annotated[
    int | None, typer.Option("--max-steps", min=1, help="Stop after so many steps.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", help="Print equations, closures and defaults as well.")
]
NoFigures = Annotated[
    bool, typer.Option("--no-figures", help="Draw nothing at the end; `tusk plot` does later.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON and nothing else.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"tusk {version('tusk-fem')}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback has dealt with it)
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Simulate the growth of conductive filaments in ECM memory cells."""
    rank, command = launched_rank(), context.invoked_subcommand
    if rank is not None and command in STUDIES:
        raise InputError(f"{command}: starts runs of its own, start it without mpiexec or srun")
    if rank and command not in ON_EVERY_RANK:
        raise typer.Exit


@app.command()
def run(
    config: ConfigFile,
    out: Out = None,
    changes: Sets = None,
    overwrite: Overwrite = False,
    restart: Restart = False,
    break_lock: BreakLock = False,
    dry_run: DryRun = False,
    max_steps: MaxSteps = None,
    allow_code: AllowCode = False,
    no_figures: NoFigures = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Run a config. Under MPI: mpiexec -n N tusk run CONFIG."""
    from .closures.loaded import load_checked
    from .rundir import check

    directory = Path("runs") / config.stem if out is None else out

    loaded = collective(world(), lambda: load_checked(config, changes or (), allow_code))
    collective(world(), lambda: check(directory, overwrite, restart, break_lock))
    if dry_run:
        from .config.summary import summary

        _print_once("" if quiet or as_json else f"{summary(loaded)}\n# output: {directory}")
        return
    from .runner import draw_nothing, run_config

    with _outcome_as_json(directory) if as_json else nullcontext():
        code = run_config(
            loaded, out=directory, overwrite=overwrite, max_steps=max_steps, restart=restart,
            quiet=quiet or as_json, verbose=verbose, config_path=config, break_lock=break_lock,
            draw=draw_nothing if no_figures else _draw,
        )  # fmt: skip
        raise typer.Exit(code)


@contextmanager
def _outcome_as_json(directory: Path) -> Iterator[None]:
    """Print ``run.json`` with the exit code when a run ends, well or not."""
    from .rundir import read_summary

    try:
        yield
    except (typer.Exit, SolveError) as end:
        record = read_summary(directory)
        _print_json({"directory": str(directory), "exit_code": end.exit_code, **record})
        raise


def _draw(directory: Path, quiet: bool) -> None:
    """Draw the figures of a run; what draws is imported when the run is over."""
    from tusk.postprocess import make_figures

    make_figures(directory, quiet=quiet)


@app.command()
def validate(
    files: ConfigFiles,
    changes: Sets = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Check configs without running them."""
    from .closures.loaded import load_checked

    found: dict[str, InputError | None] = {}
    for path in files:
        try:
            load_checked(path, changes or (), allow_code)
        except InputError as error:
            found[str(path)] = error
        else:
            found[str(path)] = None
        if not as_json:
            _tell_verdict(path, found[str(path)], quiet)
    if as_json:
        _print_json([_verdict(Path(name), error) for name, error in found.items()])
    raise typer.Exit(1 if any(found.values()) else 0)


def _verdict(path: Path, error: InputError | None) -> dict[str, object]:
    """Return what ``validate --json`` says of a file."""
    from .closures.loaded import problems

    text = None if error is None else _one_line(str(error).removeprefix(f"{path}: "))
    return {"file": str(path), "ok": error is None, "error": text, "errors": problems(path, error)}


def _tell_verdict(path: Path, error: InputError | None, quiet: bool) -> None:
    """Say what is wrong in a config, a line for each; or that it is right."""
    from .closures.loaded import problems

    for each in problems(path, error):
        place = "" if each["line"] is None else f" (line {each['line']})"
        _complain(f"{path}: {each['key']}: {each['message']}{place}")
    if error is not None and not isinstance(error, ConfigError):
        _complain(f"{path}: {_one_line(str(error).removeprefix(f'{path}: '))}")
    elif error is None and not quiet:
        _print_once(f"{path}: ok")


@app.command()
def schema() -> None:
    """Print the JSON schema of config files, for editors."""
    from .config.schema import schema_text

    _print_once(schema_text())


@app.command()
def parameters(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Parameter set or material.")
    ] = None,
) -> None:
    """Print parameter sets and materials with their sources."""
    from .parameters.tables import print_tables

    print_tables(name)


@app.command()
def plot(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Directory of a run.")],
    movie: Annotated[bool, typer.Option("--movie", help="Make the film as well.")] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Make the elephant plot to turn, as HTML.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for all of it. [default: the run's]")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Draw the figures of a run, finished or not."""
    from tusk.postprocess import make_figures, make_movie

    make_figures(run_dir, quiet=quiet, out=out)
    if movie:
        path = make_movie(run_dir, out)
        _print_once("" if quiet else str(path))
    if interactive:
        from tusk.postprocess import make_elephant_page

        page = make_elephant_page(run_dir, out)
        _print_once("" if quiet else str(page))


app.command()(sweep)
app.command()(measured)
app.command()(regimes)
app.command()(doctor)
app.command()(certify)
app.command()(compare)
app.command()(reproduce)
app.command()(report)
app.command()(ablate)
app.command()(conductance)
app.command()(atoms)
app.command()(configs)
app.command()(kinetics)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        Words after ``tusk``; None takes those of the process.
    """
    words = sys.argv[1:] if arguments is None else arguments
    warnings.formatwarning = _warning_line
    try:
        code = app(words or ["--help"], prog_name="tusk", standalone_mode=False)
        if arguments is None:
            gc.freeze()  # the process ends: a last walk of all modules would take half a second
    except TuskError as error:
        _complain(str(error))
        return error.exit_code
    except _UsageError as error:
        _complain(_usage_message(error))
        return 1
    except typer.Abort:
        code = _INTERRUPTED
    except Exception as error:  # noqa: BLE001  (a defect: still one line, and no rank left waiting)
        return _report_defect(error)
    if code == _INTERRUPTED:
        _complain("interrupted")
        return STOPPED
    return code if isinstance(code, int) else 0


def _warning_line(
    message: Warning | str,
    category: type[Warning],  # noqa: ARG001
    filename: str,  # noqa: ARG001
    lineno: int,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> str:
    """Return a warning as one line; where in the code it arose helps no user."""
    return f"tusk: warning: {_one_line(str(message))}\n"


def _usage_message(error: Any) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "tusk"
    return f"{error.format_message()} (see {command} --help)"


def _report_defect(error: Exception) -> int:
    """Report an error nobody foresaw; under MPI end all ranks, the others may wait for this one."""
    if os.environ.get(_TRACEBACK_VARIABLE):
        import traceback

        traceback.print_exc()
    advice = f"a defect of tusk; {_TRACEBACK_VARIABLE}=1 shows where, please report it"
    line = f"internal error, {type(error).__name__}: {error} ({advice})"
    typer.echo(_one_line(line), err=True)
    # A rank that works alone never started MPI; starting it here would wait for the others.
    comm = world() if "mpi4py.MPI" in sys.modules else None
    if comm is not None and comm.size > 1:
        comm.Abort(INTERNAL_ERROR)
    return INTERNAL_ERROR


def _complain(message: str) -> None:
    if not launched_rank():
        typer.echo(f"tusk: {_one_line(message)}", err=True)


def _print_once(text: str) -> None:
    """Print on rank 0; nothing if the text is empty."""
    if text and not launched_rank():
        typer.echo(text)


def _print_json(value: object) -> None:
    """Print on rank 0, as JSON that other programs read."""
    import json

    _print_once(json.dumps(value, indent=2, ensure_ascii=False))


def _one_line(message: str) -> str:
    return " ".join(message.split())


if __name__ == "__main__":
    sys.exit(main())
