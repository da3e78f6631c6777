"""Reading results with pandas. `python docs/tutorials/reading_results.py RUN_DIR`."""

# %% open_run needs neither DOLFINx nor a finished run: it also opens one that is still going.
import sys

import numpy as np

from tusk.postprocess import open_run

run = open_run(sys.argv[1])

# %% The time series is a pandas DataFrame; every header carries its unit, all of them SI.
table = run.timeseries
print(table[["time_s", "applied_voltage_V", "current_A", "gap_min_m"]].tail())

# %% Balance errors come with every row: what a result is worth can be looked up.
resolved = table[table["current_A"].abs() > 1e-10]
print("worst energy balance above 0.1 nA:", resolved["energy_error"].max())

# %% Interpolate between steps, and read the configuration as numbers.
middle = 0.5 * (table["time_s"].iloc[0] + table["time_s"].iloc[-1])
print("gap half way:", 1e9 * run.value_at("gap_min_m", middle), "nm")
print("oxide:", 1e9 * run.quantity("stack", "oxide_thickness", "length"), "nm")

# %% The filament's surface at any stored time: (r, z) in m, from the contact line to the axis.
curve = run.filament.at(middle)
height, radius = curve[:, 1].max(), curve[:, 0].max()
print(f"filament: {1e9 * height:.2f} nm high, {1e9 * radius:.2f} nm wide at most")

# %% Fields on the mesh, as PyVista meshes in nm: the hottest place of the last file.
fields = run.fields(table["time_s"].iloc[-1])
place = fields.points[int(np.argmax(fields["temperature_K"]))]
print(
    f"hottest: {fields['temperature_K'].max():.1f} K at r = {place[0]:.2f}, z = {place[1]:.2f} nm"
)

# %% What the run itself says of the regimes, and with what error bars its marks are certified.
for interval in run.summary["regimes"]:
    print(interval["regime"], f"{interval['start_s']:.4f} s to {interval['end_s']:.4f} s")
print("certified" if run.certificate is not None else "no certificate for this config")
