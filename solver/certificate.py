"""Certificates: the error bars of a run's headline quantities, kept beside it as JSON.

A certificate belongs to a run by its physics hash.  It stands in the run directory, or comes with
the program for shipped configs (`tusk.configs`, folder ``certificates``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

from tusk.solver.errors import InputError
from tusk.solver.richardson import Estimate

CERTIFICATE_NAME = "certificate.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Headline:
    """A quantity that is certified: symbol, unit shown and its size in SI."""

    symbol: str
    unit: str
    scale: float = 1.0


HEADLINES: Mapping[str, Headline] = {
    "gamma_s": Headline("Γ", "s"),
    "upsilon_s": Headline("Y", "s"),
    "temperature_max_K": Headline("T_max", "K"),
    "gap_min_m": Headline("g_min", "nm", 1e-9),
    "radius_max_m": Headline("r_max", "nm", 1e-9),
    "lrs_ohm": Headline("R_LRS", "Ω"),
    "filament_resistance_3p5uA_ohm": Headline("R_CF(3.5 µA)", "Ω"),
    "set_energy_J": Headline("SET energy", "µJ", 1e-6),
}
"""Certified marks of ``run.json``, in the order of tables."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One certified number, SI.

    Attributes
    ----------
    value
        What the certified run reports.
    mesh, step
        Errors from mesh sizes and from step sizes.
    sampling
        Distance of the reported number from the peak between steps; 0 but for T_max.
    """

    value: float
    mesh: Estimate
    step: Estimate
    sampling: float = 0.0

    @property
    def error(self) -> float:
        """The sum of all parts; of extrapolated ones that cancel the larger alone."""
        both = self.mesh.error + self.step.error
        observed = self.value + self.sampling
        if self.mesh.limit is not None and self.step.limit is not None:
            opposed = (self.mesh.limit - observed) * (self.step.limit - observed) < 0.0
            both = max(self.mesh.error, self.step.error) if opposed else both
        return both + self.sampling

    @property
    def relative_error(self) -> float:
        """The error over the value."""
        return self.error / abs(self.value) if self.value else math.inf

    @property
    def regular(self) -> bool:
        """Whether both ladders converge regularly."""
        return self.mesh.regular and self.step.regular


@dataclass(frozen=True, slots=True)
class Rung:
    """One run of the ladder: factors on mesh and step sizes, what it reports, and wall time (s)."""

    name: str
    mesh: float
    step: float
    physics_hash: str
    marks: Mapping[str, float | None]
    vertices: int
    steps: int
    wall_s: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """Error bars of one run.

    Attributes
    ----------
    config
        Name of the config file.
    physics_hash
        Of the certified run.
    code
        Digest of the code that made the ladder.
    versions
        Of the program and its libraries.
    quantities
        Headline quantities that the run reaches, by their key in ``run.json``.
    missing
        Those that it does not reach.
    ledgers
        Largest balance errors of the certified run.
    rungs
        The ladder, the certified run first.
    """

    config: str
    physics_hash: str
    code: str
    versions: Mapping[str, str]
    quantities: Mapping[str, Quantity]
    missing: tuple[str, ...]
    ledgers: Mapping[str, float]
    rungs: tuple[Rung, ...]

    def error_of(self, key: str, value: float | None) -> float | None:
        """Return the error (SI) of a mark, None where it is not certified at this value.

        A value outside of the certified one's error bar was made by other code, or on a machine
        that rounds otherwise: the certificate says nothing about it.
        """
        quantity = self.quantities.get(key)
        if quantity is None or value is None or abs(value - quantity.value) > quantity.error:
            return None
        return quantity.error

    def to_mapping(self) -> dict[str, object]:
        """Return what the JSON file holds."""
        out = {"format": FORMAT, **asdict(self)}
        for key, quantity in self.quantities.items():
            out["quantities"][key] |= {
                "error": quantity.error,
                "relative_error": quantity.relative_error,
                "regular": quantity.regular,
            }
        return out


def read_certificate(path: Path) -> Certificate:
    """Return the certificate in a file.

    Raises
    ------
    InputError
        If the file cannot be read or is no certificate.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}, {FORMAT} is known")
        quantities = {
            key: Quantity(
                float(q["value"]), Estimate(**q["mesh"]), Estimate(**q["step"]), q["sampling"]
            )
            for key, q in data["quantities"].items()
        }
        return Certificate(
            data["config"],
            data["physics_hash"],
            data["code"],
            data["versions"],
            quantities,
            tuple(data["missing"]),
            data["ledgers"],
            tuple(Rung(**r) for r in data["rungs"]),
        )
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: no certificate ({type(error).__name__}: {error})") from error


def shipped_certificates() -> list[Path]:
    """Return the certificates that come with the program, by name."""
    folder = Path(str(files("tusk.configs"))) / "certificates"
    return sorted(folder.glob("*.json"))


def find_certificate(directory: Path, physics_hash: str) -> Certificate | None:
    """Return the certificate of a run: its own, or a shipped one; None if there is none.

    Parameters
    ----------
    directory
        The run directory.
    physics_hash
        As ``run.json`` states it. A certificate of another hash is none.
    """
    for path in (directory / CERTIFICATE_NAME, *shipped_certificates()):
        try:
            found = read_certificate(path)
        except InputError:  # not there, or not one: a run without an error bar
            continue
        if found.physics_hash == physics_hash:
            return found
    return None


def with_error(value: float, error: float) -> str:
    """Return a number with its error, both to the second digit of the error: 1.7777 ± 0.0012."""
    plain = 1e-3 <= abs(value) < 1e6 and math.isfinite(error)
    if not plain or error < 1e-6 * abs(value):
        return f"{value:.6g} ± {error:.2g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{digits}f} ± {error:.{digits}f}"
