"""Which effect does what. `python ablation.py [FOLDER] [KEY=VALUE]…`."""

# %% Every effect has a null member. On the command line all of this is `tusk ablate CONFIG`.
import sys
from pathlib import Path

from tusk.postprocess import open_run
from tusk.postprocess.ablation import ablation_table, tornado
from tusk.postprocess.style import save_figure
from tusk.solver.config import load_config
from tusk.solver.runner import run

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/tutorial")
changes = sys.argv[2:]
folder.mkdir(parents=True, exist_ok=True)
config_file = folder / "ablated.yaml"
config_file.write_text("""\
drive: [{triangle: {amplitude: 2 V, rate: 1 V/s}}]
source: {kind: limiter, compliance_current: 1 mA}
mesh: {preset: draft}
""")

# %% The run with everything first, then without one effect each.
off = {
    "all effects": [],
    "barrier heat": ["tunnel.heating=none"],
    "mechanical stress": ["stress.model=none"],
}
runs = {}
for name, change in off.items():
    config = load_config(config_file, [*changes, *change])
    out = folder / f"without_{name.replace(' ', '_')}"
    runs[name] = open_run(run(config, out, overwrite=True))

# %% Numbers, and how far each is taken when an effect is missing.
table = ablation_table(runs)
print(table)
save_figure(tornado(table), folder / "tornado.png")
