"""What Tusk needs of a machine, tried out piece by piece, with the fix for what does not work.

Each check runs in a process of its own: a library that crashes or hangs is one line of the report.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from signal import Signals

from . import jit_cache
from .errors import TuskError
from .installed import is_checkout, ways_to_install
from .studies.pool import available_cores, one_thread_environment

PATIENCE = 120
"""Seconds after which a check counts as hung."""

_PROBE_SIZE = 100_000  # bytes, about those of a compiled form

PACKAGES = (
    "tusk-fem",
    "fenics-dolfinx",
    "dolfinx-solver-real",
    "petsc4py",
    "mpi4py",
    "gmsh",
    "numpy",
    "scipy",
    "vtk",
    "pyvista",
)


class BrokenError(TuskError):
    """A check failed.

    Attributes
    ----------
    fix
        What to do about it.
    """

    exit_code = 1

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check; `fix` is empty if all is well."""

    name: str
    text: str
    fix: str = ""


def examine() -> Iterator[Finding]:
    """Run every check and yield what it finds."""
    yield Finding("versions", ", ".join(_versions()))
    yield Finding("machine", _machine())
    for name, check in CHECKS.items():
        try:
            yield Finding(name, check())
        except BrokenError as broken:
            yield Finding(name, str(broken), broken.fix)


def _versions() -> Iterator[str]:
    yield f"python {sys.version.split()[0]}"
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _machine() -> str:
    threads = os.environ.get("OMP_NUM_THREADS", "not set (1 is best)")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{available_cores()} cores, {memory:.0f} GiB, OMP_NUM_THREADS {threads}"


def check_solver() -> str:
    """Load DOLFINx and PETSc as a run does."""
    fix = ways_to_install()
    with tempfile.TemporaryDirectory(prefix="tusk-doctor-") as cache:
        return _python(_SOLVER, fix=fix, cache=cache)


def check_compiler() -> str:
    """Compile against the headers that compiled forms include."""
    command = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    compiler = shlex.split(command)
    fix = "apt install gcc libc6-dev libpython3-dev, or set CC"
    if shutil.which(compiler[0]) is None:
        raise BrokenError(f"{compiler[0]} is not on PATH", fix)
    words = [*compiler, f"-I{sysconfig.get_path('include')}", "-xc", "-c", "-o", os.devnull, "-"]
    _call(words, fix, "#include <complex.h>\n#include <Python.h>\n")
    return _call([*compiler, "--version"], fix).splitlines()[0]


def check_forms() -> str:
    """Compile a form, into a folder of its own, and write into the folder of those of runs."""
    with tempfile.TemporaryDirectory(prefix="tusk-doctor-") as cache:
        fix = "see the compiler above, and whether there is room in TMPDIR"
        _python(_FORM, cache, fix=fix, cache=cache)
    directory = jit_cache.private_directory()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(bytes(_PROBE_SIZE))
    except OSError as error:
        fix = "point XDG_CACHE_HOME to a writable folder, on a local disk if you can choose"
        raise BrokenError(f"{directory} cannot be used ({error.strerror})", fix) from None
    count = len(list(directory.glob("*.c.cached")))
    free = shutil.disk_usage(directory).free / 2**30
    return f"{count} in {directory}, {free:.0f} GiB free"


def check_mpi() -> str:
    """Exchange a message too large for shared buffers between two ranks."""
    beside = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside) if beside.exists() else shutil.which("mpiexec")
    fix = (
        "use the mpiexec of the MPI library that mpi4py was built with; in a container set "
        "MPIR_CVAR_CH4_CMA_ENABLE=0"
    )
    if launcher is None:
        raise BrokenError("mpiexec is not on PATH", fix)
    # MPICH's launcher would start its helpers by Slurm inside of a job, and hang.
    fork = ["-launcher", "fork"] if "HYDRA" in _call([launcher, "--version"], fix) else []
    with tempfile.TemporaryDirectory(prefix="tusk-doctor-") as cache:
        text = _call([launcher, *fork, "-n", "2", sys.executable, "-c", _MPI], fix, cache=cache)
    if text.split("|")[0] != "2":
        raise BrokenError(f"2 ranks were started, each is alone ({launcher})", fix)
    return f"2 ranks, {text.split('|')[1]}"


def check_gmsh() -> str:
    """Mesh a square."""
    fix = "apt install libgl1 libglu1-mesa libxrender1 libxcursor1 libxft2 libxinerama1"
    return _python(_GMSH, fix=fix)


def check_rendering() -> str:
    """Draw a sphere off-screen and look whether it is there."""
    fix = (
        "apt install libegl1 libgl1, and without a display set "
        "VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow"
    )
    with tempfile.TemporaryDirectory(prefix="tusk-doctor-") as folder:
        return _python(_RENDERING, str(Path(folder) / "sphere.png"), fix=fix)


def check_field_files() -> str:
    """Write a field series and open it in PyVista and, if it is there, in ParaView."""
    fix = "`make setup`" if is_checkout() else "`pip install --force-reinstall vtk pyvista`"
    with tempfile.TemporaryDirectory(prefix="tusk-doctor-") as folder:
        read = _python(_FIELDS, folder, fix=f"{fix} installs VTK and PyVista anew")
        paraview = shutil.which("pvpython")
        if paraview is None:
            return f"{read}; pvpython is not on PATH, ParaView not tried"
        script = Path(folder) / "read.py"
        script.write_text(_PARAVIEW)
        display = [] if os.environ.get("DISPLAY") else _virtual_display()
        fix = "ParaView 5.11 or later; without a display also: apt install xvfb xauth"
        text = _call([*display, paraview, str(script), f"{folder}/fields.pvd"], fix)
        return f"{read}; {text.splitlines()[-1]}"


def _virtual_display() -> list[str]:
    command = shutil.which("xvfb-run")
    return [command, "-a"] if command else []


CHECKS: dict[str, Callable[[], str]] = {
    "solver": check_solver,
    "compiler": check_compiler,
    "compiled forms": check_forms,
    "MPI": check_mpi,
    "gmsh": check_gmsh,
    "rendering": check_rendering,
    "field files": check_field_files,
}


def _python(code: str, *words: str, fix: str, cache: str = "") -> str:
    """Run Python code and return the last line it prints."""
    lines = _call([sys.executable, "-c", code, *words], fix, cache=cache).splitlines()
    return lines[-1] if lines else ""


def _call(command: Sequence[str], fix: str, text: str = "", cache: str = "") -> str:
    """Run a command, with caches in a folder of its own if named, and return what it prints.

    Raises
    ------
    BrokenError
        If it fails, crashes or hangs.
    """
    try:
        done = subprocess.run(
            command,
            input=text,
            env=one_thread_environment() | ({"XDG_CACHE_HOME": cache} if cache else {}),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise BrokenError(f"no answer in {PATIENCE} s", fix) from None
    except OSError as error:
        raise BrokenError(f"{command[0]} does not start ({error.strerror})", fix) from None
    if done.returncode < 0:
        raise BrokenError(f"ended by {Signals(-done.returncode).name}", fix)
    if done.returncode > 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise BrokenError(lines[-1] if lines else f"exit code {done.returncode}", fix)
    return done.stdout.strip()


_SOLVER = """
from tusk.solver.backend import require_backend
from tusk.solver.errors import TuskError
try:
    require_backend()
except TuskError as error:
    raise SystemExit(str(error))
import dolfinx
from petsc4py import PETSc
numbers = ".".join(map(str, PETSc.Sys.getVersion()))
print(f"DOLFINx {dolfinx.__version__}, PETSc {numbers} with real scalars and MUMPS")
"""

_FORM = """
import sys
from tusk.solver.backend import require_backend
require_backend()
import ufl
from dolfinx import fem, mesh
from mpi4py import MPI
interval = mesh.create_unit_interval(MPI.COMM_SELF, 4)
x = ufl.SpatialCoordinate(interval)[0]
form = fem.form(x * x * ufl.dx, jit_options={"cache_dir": sys.argv[1]})
value = fem.assemble_scalar(form)
assert abs(value - 1 / 3) < 1e-12, f"the integral of x^2 is {value}"
"""

_MPI = """
from tusk.solver.backend import require_backend
require_backend()
import numpy as np
from mpi4py import MPI
comm = MPI.COMM_WORLD
total = comm.allreduce(np.ones(1_000_000))
assert (total == comm.size).all()
if comm.size > 1:
    comm.sendrecv(total, 1 - comm.rank, source=1 - comm.rank)
if comm.rank == 0:
    print(comm.size, MPI.Get_library_version().splitlines()[0].replace("\\t", " "), sep="|")
"""

_GMSH = """
import gmsh
gmsh.initialize(interruptible=False)
gmsh.option.setNumber("General.Terminal", 0)
gmsh.model.occ.addRectangle(0, 0, 0, 1, 1)
gmsh.model.occ.synchronize()
gmsh.model.mesh.generate(2)
triangles = len(gmsh.model.mesh.getElementsByType(2)[0])
assert triangles > 0
print(f"{gmsh.option.getString('General.Version')}, {triangles} triangles")
gmsh.finalize()
"""

_RENDERING = """
import sys
import pyvista
plotter = pyvista.Plotter(off_screen=True, window_size=[64, 64])
plotter.add_mesh(pyvista.Sphere(), color="red")
image = plotter.screenshot(sys.argv[1])
window = type(plotter.render_window).__name__
plotter.close()
assert image.std() > 1.0, "the picture is empty"
print(f"off-screen by {window}")
"""

_FIELDS = """
import sys
from pathlib import Path
import numpy as np
import pyvista
from tusk.solver.output import FieldSeries
series = FieldSeries(Path(sys.argv[1]))
points, cells = np.eye(3, 2), np.array([[0, 1, 2]])
for time in (0.0, 1.0):
    series.write(time, points, cells, {"T": np.full(3, 300.0 + time)}, {"sigma": np.ones(1)})
reader = pyvista.PVDReader(f"{sys.argv[1]}/fields.pvd")
reader.set_active_time_value(1.0)
block = reader.read()[0]
assert list(reader.time_values) == [0.0, 1.0] and (block["T"] == 301.0).all()
print(f"read by PyVista {pyvista.__version__}")
"""

_PARAVIEW = """
import sys
from paraview.simple import GetParaViewVersion, PVDReader
reader = PVDReader(FileName=sys.argv[1])
reader.UpdatePipeline(1.0)
assert list(reader.TimestepValues) == [0.0, 1.0]
assert reader.PointData["T"].GetRange() == (301.0, 301.0)
found = GetParaViewVersion()
print(f"read by ParaView {found.major}.{found.minor}")
"""
