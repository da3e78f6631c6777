"""Open a run directory in ParaView: revolved, coloured by temperature, through time.

    pvpython postprocess/paraview/state.py RUN_DIR [--time S] [--screenshot FILE] [--state FILE]

Without a screen: ``xvfb-run -a pvpython ...``. In ParaView itself: Tools, Python Shell, Run Script
(asks for nothing, takes the current folder), or File, Load State with the file of ``--state``.
Written for ParaView 5.11 to 5.13. Needs neither Tusk nor its environment.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from paraview import simple

COUNTER_ELECTRODE, FILAMENT, OXIDE, ACTIVE_ELECTRODE = 1, 2, 3, 4
OPENING = 90.0  # degrees cut out of the turn, to look inside
SECTORS = 72
METAL, GLASS = [0.82, 0.82, 0.84], [0.55, 0.72, 0.85]
TEMPERATURE_MAP = "Inferno (matplotlib)"


def hottest(run: Path) -> tuple[float, float, float]:
    """Return the time (s) of the greatest temperature, and the lowest and greatest (K)."""
    with (run / "timeseries.csv").open(encoding="utf-8") as stream:
        rows = [(float(r["time_s"]), float(r["temperature_max_K"])) for r in csv.DictReader(stream)]
    when, most = max(rows, key=lambda row: row[1])
    return when, min(row[1] for row in rows), most


def revolved(source: object, material: int, name: str) -> object:
    """Return one material of the half plane (r, z), turned about its axis, z upright."""
    part = simple.Threshold(Input=source, Scalars=["CELLS", "material"])
    part.ThresholdMethod = "Between"
    part.LowerThreshold, part.UpperThreshold = material - 0.5, material + 0.5
    flat = simple.ExtractSurface(Input=part)
    upright = simple.Transform(Input=flat, Transform="Transform")
    upright.Transform.Rotate = [90.0, 0.0, 0.0]  # (r, z, 0) to (r, 0, z)
    solid = simple.RotationalExtrusion(Input=upright)
    solid.Resolution, solid.Angle, solid.Capping = SECTORS, 360.0 - OPENING, 1
    simple.RenameSource(name, solid)
    return solid


def show(solid: object, view: object, colour: list[float] | None, opacity: float) -> None:
    """Draw one body in a colour, or by its temperature."""
    display = simple.Show(solid, view)
    display.Representation = "Surface"
    display.Opacity, display.Specular = opacity, 0.0
    display.Ambient, display.Diffuse = 0.35, 0.75
    if colour is None:
        simple.ColorBy(display, ("POINTS", "temperature_K"))
    else:
        display.ColorArrayName = ["POINTS", ""]
        display.AmbientColor = display.DiffuseColor = colour


def colours(low: float, high: float, view: object) -> None:
    """Set the colour scale of the temperature, the same at all times."""
    lookup = simple.GetColorTransferFunction("temperature_K")
    lookup.ApplyPreset(TEMPERATURE_MAP, True)
    lookup.AutomaticRescaleRangeMode = "Never"
    lookup.RescaleTransferFunction(low, max(high, low + 1.0))
    bar = simple.GetScalarBar(lookup, view)
    bar.Title, bar.ComponentTitle = "temperature (K)", ""
    bar.TitleColor = bar.LabelColor = [0.0, 0.0, 0.0]
    bar.TitleFontSize, bar.LabelFontSize = 18, 16
    bar.WindowLocation = "Lower Right Corner"
    bar.AutomaticLabelFormat, bar.LabelFormat, bar.RangeLabelFormat = 0, "%.0f", "%.0f"
    bar.Visibility = 1


def build(run: Path, when: float | None) -> object:
    """Set up pipeline, colours, camera and time; return the view."""
    simple._DisableFirstRenderCameraReset()
    source = simple.PVDReader(FileName=str(run / "fields.pvd"))
    simple.RenameSource(run.name, source)
    view = simple.GetActiveViewOrCreate("RenderView")
    view.ViewSize = [1200, 900]
    view.UseColorPaletteForBackground = 0
    view.Background = [1.0, 1.0, 1.0]
    view.OrientationAxesVisibility = 0
    scene = simple.GetAnimationScene()
    scene.UpdateAnimationUsingDataTimeSteps()
    time, low, high = hottest(run)
    steps = list(source.TimestepValues)
    wanted = time if when is None else when
    scene.AnimationTime = min(steps, key=lambda step: abs(step - wanted))
    for material, name, colour, opacity in (
        (FILAMENT, "filament", None, 1.0),
        (COUNTER_ELECTRODE, "counter electrode", METAL, 1.0),
        (ACTIVE_ELECTRODE, "active electrode", METAL, 1.0),
        (OXIDE, "oxide", GLASS, 0.15),
    ):
        show(revolved(source, material, name), view, colour, opacity)
    colours(low, high, view)
    clock = simple.AnnotateTimeFilter(Input=source)
    clock.Format = "t = {time:.6g} s"
    text = simple.Show(clock, view)
    text.Color, text.FontSize, text.WindowLocation = [0.0, 0.0, 0.0], 18, "Upper Left Corner"
    view.CameraFocalPoint = [0.0, 0.0, 5.0]
    # The open quarter, from 270 to 360 degrees, faces the eye.
    view.CameraPosition = [75.0, -75.0, 32.0]
    view.CameraViewUp = [0.0, 0.0, 1.0]
    view.CameraParallelProjection = 1
    view.CameraParallelScale = 15.0
    return view


def main() -> None:
    """Build the view, and write what was asked for."""
    parser = argparse.ArgumentParser(description="Open a run directory of Tusk in ParaView.")
    parser.add_argument("run", nargs="?", type=Path, default=Path.cwd())
    parser.add_argument("--time", type=float, help="s; the hottest one when left out")
    parser.add_argument("--screenshot", type=Path)
    parser.add_argument("--state", type=Path, help="a .pvsm file to write")
    words = parser.parse_args()
    if not (words.run / "fields.pvd").is_file():
        parser.error(f"{words.run}: a run directory with fields.pvd is wanted")
    view = build(words.run.resolve(), words.time)
    simple.Render(view)
    if words.screenshot is not None:
        simple.SaveScreenshot(str(words.screenshot), view, ImageResolution=[1200, 900])
    if words.state is not None:
        simple.SaveState(str(words.state))


if __name__ == "__main__":
    main()
