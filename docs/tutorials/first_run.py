"""First run: from a config to numbers. `python first_run.py [FOLDER] [KEY=VALUE]…`."""

# %% A run is a YAML file. This one is complete: what it leaves out comes from the parameter set.
import sys
from pathlib import Path

import tusk.solver
from tusk.postprocess import make_figures, open_run
from tusk.solver.config import load_config

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/tutorial")
changes = sys.argv[2:]  # as --set on the command line, such as mesh.preset=draft
folder.mkdir(parents=True, exist_ok=True)
config_file = folder / "first.yaml"
config_file.write_text("""\
model: filament_fem
parameters: buttberg2025
drive:
  - triangle: {amplitude: 2 V, rate: 1 V/s}
source: {kind: limiter, compliance_current: 10 uA}
mesh: {preset: draft}
""")

# %% A misspelt key or a wrong unit stops here, with the key, what is allowed and what it got.
config = load_config(config_file, changes)
print("thickness of the oxide:", config.stack.oxide_thickness, "m")

# %% Run it and draw its figures. On the command line: tusk run first.yaml --out first
run_dir = tusk.solver.run(config, out=folder / "first", overwrite=True, draw=make_figures)

# %% Everything it left is in one directory.
run = open_run(run_dir)
print("ended:", run.status, run.reason)
for name, value in run.marks.items():
    print(f"{name:32}", "not reached" if value is None else f"{value:.4g}")

# %% The figures; `tusk plot DIR` draws them again.
print(sorted(path.name for path in (run_dir / "figures").glob("*.png")))
