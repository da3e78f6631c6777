"""``tusk atoms``: the contact of a run as atoms, and what they conduct."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tusk.solver.errors import InputError
from tusk.solver.units import QuantityError, parse_quantity

RunDirectory = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Directory of a run.")]
At = Annotated[
    str,
    typer.Option("--at", metavar="MARK", help="Mark, such as upsilon, contact or end; or a time."),
]
Members = Annotated[
    int, typer.Option("--members", min=1, max=1000, help="Random places of the crystal.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of these places.")]
Face = Annotated[str, typer.Option("--face", help="Face of the electrodes: 001 or 111.")]
Depth = Annotated[str, typer.Option("--depth", help="Filament kept below its tip.")]
Margin = Annotated[str, typer.Option("--margin", help="Electrode kept beyond the filament.")]
Relax = Annotated[bool, typer.Option("--relax", help="Let the atoms settle, as in vacuum.")]
Temperature = Annotated[
    str | None, typer.Option("--temperature", help="Of vibrations about the places of the atoms.")
]
Pseudopotential = Annotated[
    str | None,
    typer.Option("--pseudopotential", metavar="NAME.upf", help="Write Quantum ESPRESSO inputs."),
]
Flat = Annotated[
    bool, typer.Option("--flat", help="Leave out the electrode's wall beside the filament.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="New folder. [default: RUN_DIR/atoms_MARK]")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an older result there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def atoms(
    run_dir: RunDirectory,
    at: At = "contact",
    members: Members = 5,
    seed: Seed = 1,
    face: Face = "001",
    depth: Depth = "0.8 nm",
    margin: Margin = "0.4 nm",
    relax: Relax = False,
    flat: Flat = False,
    temperature: Temperature = None,
    pseudopotential: Pseudopotential = None,
    out: Out = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Cut the atoms of a contact out of a run; write them and their conductance."""
    from tusk.solver.commands.carved_run import carve_contact
    from tusk.solver.models.atomistic.espresso import checked_name

    if pseudopotential is not None:
        checked_name("--pseudopotential", pseudopotential)
    chosen = carve_contact(
        run_dir, at, face=face, depth=depth, margin=margin, relax=relax, flat=flat
    )
    if temperature is not None:
        chosen = replace(chosen, cut=replace(chosen.cut, temperature=_kelvin(temperature)))
    paths, lines = chosen.write(members, seed, out, overwrite, pseudopotential)
    if not quiet:
        for line in (*lines, *map(str, paths)):
            typer.echo(line)


def _kelvin(text: str) -> float:
    try:
        value = parse_quantity(text, "temperature")
    except QuantityError as error:
        raise InputError(f"--temperature: {error}") from None
    if not 0.0 < value <= 2000.0:
        raise InputError(f"--temperature: allowed above 0 K to 2000 K, got {text}")
    return value
