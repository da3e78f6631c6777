"""The contact of a run as atoms: carved from its curves, compared with its own conductance."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tusk.postprocess.recess import electrode_surface
from tusk.postprocess.run import CONFIG_NAME, Run, open_run
from tusk.postprocess.tables import read_table
from tusk.solver.errors import InputError
from tusk.solver.output import disk_errors, write_atomically, write_json
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM
from tusk.solver.units import QuantityError, format_quantity, parse_quantity

if TYPE_CHECKING:
    from tusk.solver.models.atomistic.bridge import Cut, Member
    from tusk.solver.models.atomistic.carve import Shape

ANGSTROM = 1e-10
CONTACT_NAME = "contact.csv"
COLUMNS = (
    "member",
    "atoms",
    "gap_layers",
    "bridging_atoms",
    "narrowest_atoms",
    "transmission",
    "open_channels",
    "resistance_ohm",
    "largest_displacement_m",
)
_OWN = ("atoms.json", "members.csv", "channels.csv", "sites.csv")


@dataclass(frozen=True)
class Continuum:
    """What the run says of its contact at one time.

    Attributes
    ----------
    time
        Of the stored curve, s.
    sites, conducting
        Sites of the patch and those that conduct; 0 without a patch.
    conductance
        Of the whole gap in G0, None where the run has none.
    shape
        Filament and electrode.
    """

    time: float
    sites: float
    conducting: float
    conductance: float | None
    shape: Shape


def time_of(run: Run, at: str) -> float:
    """Return the time (s) of a mark, of the first conducting site, of the end, or given.

    Raises
    ------
    InputError
        If the run has no such mark or did not reach it.
    """
    reached = {
        name.removesuffix("_s"): value
        for name, value in run.marks.items()
        if name.endswith("_s") and value is not None
    }
    times = run.filament.times
    if at == "end":
        return float(times[-1])
    if at == "contact":
        rows = _contact_rows(run)
        if rows is None or not (rows["sites_conducting"] > 0.0).any():
            raise InputError(
                f"--at: no site of {run.path} ever conducts, allowed {', '.join(reached)}"
            )
        return float(rows["time_s"][np.argmax(rows["sites_conducting"] > 0.0)])
    if at in reached:
        return reached[at]
    try:
        time = parse_quantity(at, "time")
    except QuantityError:
        allowed = ", ".join([*reached, "contact", "end"])
        raise InputError(f"--at: allowed {allowed} or a time, got {at}") from None
    if not times[0] <= time <= times[-1]:
        span = " to ".join(format_quantity(float(t), "time") for t in (times[0], times[-1]))
        raise InputError(f"--at: allowed {span}, got {at}")
    return time


def continuum(run: Run, time: float) -> Continuum:
    """Return the contact of the curve stored nearest to a time (s)."""
    from tusk.solver.models.atomistic.carve import Shape

    index = int(np.abs(run.filament.times - time).argmin())
    moment = float(run.filament.times[index])
    curve = run.filament.points[index] / ANGSTROM
    reach = 10.0 * float(curve[:, 0].max())
    surface = electrode_surface(run, index, reach * ANGSTROM * 1e9)
    surface = surface[surface[:, 0] >= 0.0] * 1e-9 / ANGSTROM
    rows = _contact_rows(run)
    sites = conducting = 0.0
    conductance = None
    if rows is not None:
        row = int(np.abs(rows["time_s"] - moment).argmin())
        sites, conducting = float(rows["sites"][row]), float(rows["sites_conducting"][row])
        value = float(rows["gap_conductance_G0"][row])
        conductance = value if np.isfinite(value) else None
    area = conducting * site_area(run) / ANGSTROM**2
    return Continuum(moment, sites, conducting, conductance, Shape(curve, surface, area))


def site_area(run: Run) -> float:
    """Return a0 = (m/rho)^(2/3) of the active electrode's metal, m2."""
    name = active_electrode(run)
    materials = run.config["materials"]
    body = materials.get(name) if isinstance(materials, dict) else None
    if not isinstance(body, dict):
        raise InputError(f"{run.path / CONFIG_NAME}: materials.{name}: is wanted, got nothing")
    mass = parse_quantity(str(body["atomic_mass"]), "mass")
    density = parse_quantity(str(body["density"]), "density")
    return float((mass / density) ** (2.0 / 3.0))


def active_electrode(run: Run) -> str:
    """Return the name of the active electrode's metal."""
    return str(run.config["stack"]["active_electrode"])


def carve_contact(
    run_dir: Path, at: str, face: str, depth: str, margin: str, relax: bool, flat: bool
) -> CarvedRun:
    """Return the contact of a run, ready to be written.

    Parameters
    ----------
    run_dir
        Directory of a filament run.
    at
        See `time_of`.
    face
        Of the electrodes, 001 or 111.
    depth, margin
        Of the window, lengths with units.
    relax
        Whether the atoms settle.
    flat
        Whether the electrode ends at its height on the axis everywhere: a recess that mirrors
        the filament has a wall so near to its flank that electrons cross, which no column of the
        continuum sees.

    Raises
    ------
    InputError
        If an option or the run does not fit.
    """
    from tusk.solver.models.atomistic.bridge import Cut
    from tusk.solver.models.atomistic.leads import checked_face
    from tusk.solver.models.atomistic.potential import metal

    chosen = checked_face("--face", face)
    below, beyond = _length("--depth", depth), _length("--margin", margin)
    run = open_run(run_dir)
    if run.config.get("model", "filament_fem") != "filament_fem":
        raise InputError(f"{run_dir}: a run of model filament_fem is wanted, got another")
    found = continuum(run, time_of(run, at))
    if flat:
        level = np.array([[0.0, found.shape.roof]])
        found = replace(found, shape=replace(found.shape, electrode=level))
    element = metal(active_electrode(run))
    return CarvedRun(run, at, found, Cut(element, chosen, beyond, below, relax=relax))


@dataclass(frozen=True)
class CarvedRun:
    """The contact of a run at one time.

    Attributes
    ----------
    run, at
        The run and the mark that chose the time.
    continuum
        What the run says.
    cut
        How it is cut.
    """

    run: Run
    at: str
    continuum: Continuum
    cut: Cut

    def write(
        self,
        members: int,
        seed: int,
        out: Path | None,
        overwrite: bool,
        pseudopotential: str | None = None,
    ) -> tuple[list[Path], list[str]]:
        """Write files of all members; return their paths and lines that sum them up.

        Raises
        ------
        InputError
            If the folder holds an older result that may not be replaced.
        SolveError
            If a member cannot be solved.
        """
        from tusk.solver.models.atomistic.bridge import place, site_transmissions

        folder = self.run.path / f"atoms_{self.at.replace(' ', '')}" if out is None else out
        _check_folder(folder, overwrite)
        found = [place(self.continuum.shape, self.cut, seed, k) for k in range(members)]
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for older in folder.glob("member_*"):
                shutil.rmtree(older) if older.is_dir() else older.unlink()
        paths = [folder / name for name in _OWN]
        summary = self.summary(found, seed)
        write_json(paths[0], summary)
        write_atomically(paths[1], _csv(COLUMNS, map(_row, range(members), found)).encode())
        write_atomically(paths[2], _channels(found).encode())
        sites = site_transmissions(found, round(self.continuum.conducting))
        write_atomically(paths[3], _csv(("transmission",), sites[:, None].tolist()).encode())
        for number, member in enumerate(found):
            paths += self._structures(folder, number, member)
            if pseudopotential is not None:
                paths += self._espresso(folder / f"member_{number:04d}", member, pseudopotential)
        return paths, self._lines(summary)

    def _structures(self, folder: Path, number: int, member: Member) -> list[Path]:
        """Write one member for OVITO and for LAMMPS."""
        from tusk.solver.models.atomistic.files import lammps_data, write_xyz

        metal, window = self.cut.metal, member.window
        xyz, data = (folder / f"member_{number:04d}.{ending}" for ending in ("xyz", "data"))
        comment = {"time_s": self.continuum.time, "transmission": f"{member.transmission:.6g}"}
        atoms = np.concatenate([member.positions, window.shell])
        write_xyz(xyz, metal.symbol, atoms, comment, {"mobile": window.mobile.astype(float)})
        write_atomically(data, lammps_data(metal, atoms, window.mobile).encode())
        return [xyz, data]

    def _espresso(self, folder: Path, member: Member, pseudopotential: str) -> list[Path]:
        """Write one member for Quantum ESPRESSO."""
        from tusk.solver.models.atomistic.files import write_espresso

        leads = member.window.electrodes(self.cut.hopping, 64)
        return write_espresso(folder, self.cut.metal, member.positions, leads, pseudopotential)

    def summary(self, found: Sequence[Member], seed: int) -> dict[str, object]:
        """Return the numbers of ``atoms.json``."""
        from tusk.solver.models.atomistic.bridge import site_transmissions

        transmission = np.array([member.transmission for member in found])
        bridging = float(np.mean([member.window.bridges for member in found]))
        spread = float(transmission.std(ddof=1)) if len(found) > 1 else None
        mean = float(transmission.mean())
        conducting, conductance = self.continuum.conducting, self.continuum.conductance
        return {
            "run": str(self.run.path.name),
            "at": self.at,
            "time_s": self.continuum.time,
            "metal": self.cut.metal.symbol,
            "face": self.cut.face,
            "relaxed": self.cut.relax,
            "temperature_K": self.cut.temperature,
            "flat": len(self.continuum.shape.electrode) == 1,
            "members": len(found),
            "seed": seed,
            "gap_m": (self.continuum.shape.roof - self.continuum.shape.tip) * ANGSTROM,
            "gap_layers": float(np.mean([member.window.gap_layers for member in found])),
            "continuum_sites": self.continuum.sites,
            "continuum_sites_conducting": conducting,
            "continuum_conductance_G0": conductance,
            "continuum_resistance_ohm": _resistance(conductance or 0.0),
            "bridging_atoms": bridging,
            "narrowest_atoms": float(np.mean([member.narrowest for member in found])),
            "transmission": mean,
            "transmission_spread": spread,
            "resistance_ohm": _resistance(mean),
            "transmission_per_site": mean / conducting if conducting else None,
            "disorder": disorder(mean / conducting) if 0.0 < mean <= conducting else None,
            "site_transmission": _mean(site_transmissions(found, round(conducting))),
        }

    def _lines(self, summary: Mapping[str, object]) -> list[str]:
        spread = summary["transmission_spread"]
        plus = "" if spread is None else f" +- {spread:.2g}"
        lines = [
            f"{summary['at']}: {summary['time_s']:.6g} s, gap {1e9 * self._gap:.3g} nm, "
            f"{summary['gap_layers']:g} layers of {summary['metal']} missing",
            f"  continuum: {summary['continuum_sites_conducting']:g} sites conduct"
            + _in_quanta(self.continuum.conductance),
            f"  atoms: {summary['bridging_atoms']:g} bridge, {summary['narrowest_atoms']:g} at the "
            f"narrowest, G = {summary['transmission']:.4g}{plus} G0",
        ]
        if summary["disorder"] is not None:
            lines.append(
                f"  {summary['transmission_per_site']:.3g} G0 a site, "
                f"which is contact.disorder: {summary['disorder']:.3g}"
            )
        if not summary["transmission"]:
            lines.append("  no hopping reaches across: tunnelling is not told by it")
        return lines

    @property
    def _gap(self) -> float:
        return (self.continuum.shape.roof - self.continuum.shape.tip) * ANGSTROM


def _contact_rows(run: Run) -> dict[str, np.ndarray] | None:
    path = run.path / CONTACT_NAME
    if not path.exists():
        return None
    names = ("time_s", "sites", "sites_conducting", "gap_conductance_G0")
    table = read_table(path, names)
    return {name: table[name].to_numpy(dtype=float) for name in names}


def _check_folder(folder: Path, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: not a folder, allowed a new or an empty folder, got {folder}")
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if names and not overwrite:
        raise InputError(f"--out: folder is not empty, allowed with --overwrite, got {folder}")
    if names and _OWN[0] not in names:
        what = f"folder is not empty and has no {_OWN[0]} of ours, --overwrite leaves it alone"
        raise InputError(f"--out: {what}, got {folder}")


def _row(number: int, member: Member) -> tuple[float, ...]:
    window = member.window
    return (
        number,
        len(member.positions),
        window.gap_layers,
        window.bridges,
        member.narrowest,
        member.transmission,
        member.open_channels,
        _resistance(member.transmission) or float("nan"),
        member.moved * ANGSTROM,
    )


def _resistance(transmission: float) -> float | None:
    return 1.0 / (transmission * CONDUCTANCE_QUANTUM) if transmission > 0.0 else None


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def _in_quanta(conductance: float | None) -> str:
    return "" if conductance is None else f", G = {conductance:.4g} G0"


def _csv(columns: Sequence[str], rows: Sequence[Sequence[float]] | map[tuple[float, ...]]) -> str:
    from tusk.solver.output import format_value

    lines = [",".join(columns), *(",".join(map(format_value, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def _channels(found: Sequence[Member]) -> str:
    rows = [
        (number, channel, value)
        for number, member in enumerate(found)
        for channel, value in enumerate(member.channels.tolist())
    ]
    return _csv(("member", "channel", "transmission"), rows)


def disorder(per_site: float) -> float:
    """Return the width of x in T_i = 1 - |x|, x normal, whose mean is a transmission per site."""
    return float(np.clip((1.0 - per_site) * np.sqrt(0.5 * np.pi), 0.0, 1.0))


def _length(option: str, text: str) -> float:
    """Return an option's length in angstrom."""
    try:
        value = parse_quantity(text, "length")
    except QuantityError as error:
        raise InputError(f"{option}: {error}") from None
    if not 0.3e-9 <= value <= 3e-9:
        raise InputError(f"{option}: allowed 0.3 nm to 3 nm, got {text}")
    return value / ANGSTROM
