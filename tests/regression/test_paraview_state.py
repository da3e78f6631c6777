"""The ParaView script, where Debian's ParaView is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SCRIPT = Path(__file__).resolve().parents[2] / "postprocess" / "paraview" / "state.py"
TOOLS = ("xvfb-run", "pvpython")


@pytest.mark.slow
@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="needs pvpython and xvfb-run")
def test_a_run_opens_in_paraview(make_run, tmp_path: Path) -> None:
    run = make_run("draft", "1mA", "mesh.preset=draft").directory
    picture, state = tmp_path / "view.png", tmp_path / "view.pvsm"
    words = ["xvfb-run", "-a", "pvpython", str(SCRIPT), str(run)]
    words += ["--screenshot", str(picture), "--state", str(state)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    with Image.open(picture) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    warm = (pixels[..., 0] > pixels[..., 2] + 60).mean()
    assert 0.005 < warm < 0.3  # the hot filament, in the middle of grey electrodes
    assert "RotationalExtrusion" in state.read_text()
