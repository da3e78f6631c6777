"""Own material: another oxide. `python own_material.py [FOLDER] [KEY=VALUE]…`.

The numbers of the film are made up: they show the way, not a material.
"""

# %% A parameter set is a starting point; a config overrides any of it.
import sys
from pathlib import Path

import tusk.solver
from tusk.postprocess import open_run
from tusk.postprocess.compare import config_differences, mark_table
from tusk.solver.config import load_config

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/tutorial")
changes = sys.argv[2:]
folder.mkdir(parents=True, exist_ok=True)

copper = folder / "copper.yaml"
copper.write_text("""\
drive: [{triangle: {amplitude: 2 V, rate: 1 V/s}}]
source: {kind: limiter, compliance_current: 1 uA}
mesh: {preset: draft}
""")

# %% An oxide of one's own: name it in the stack and give what the library does not know.
film = folder / "film.yaml"
film.write_text(
    copper.read_text()
    + """\
stack: {oxide: my_film, oxide_thickness: 8 nm}
materials:
  my_film: {kind: oxide, thermal_conductivity: 0.8 W/m/K, thermal_linear: 0 1/K,
            thermal_quadratic: 0 1/K^2, density: 5000 kg/m^3, heat_capacity: 500 J/kg/K}
tunnel: {barrier: 3.35 eV, effective_mass: 0.5}
hopping: {barrier: 0.30 eV}
"""
)

# %% `load_config` refuses what a material lacks; `tusk run --dry-run` shows every number.
runs = {}
for path in (copper, film):
    config = load_config(path, changes)
    runs[path.stem] = open_run(tusk.solver.run(config, folder / path.stem, overwrite=True))

# %% What was different, and what came of it.
print(config_differences(runs))
print(mark_table(runs))
