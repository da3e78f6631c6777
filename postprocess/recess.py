"""The lower surface of the active electrode, which mirrors the filament [physics: AE dissolution].

It follows from the filament curve and the configuration alone, so that it is known at every
stored curve and not only where a field file was written.
"""

import numpy as np

from tusk.meshes.cell import ElectrodeSurface
from tusk.meshes.curve import envelope_end, envelope_height
from tusk.postprocess.curves import mirrored
from tusk.postprocess.run import CONFIG_NAME, NANOMETRE, Run
from tusk.solver.errors import InputError


def electrode_surface(run: Run, index: int, reach: float) -> np.ndarray:
    """Return the surface of the active electrode above one filament curve, both sides, nm.

    Parameters
    ----------
    run
        The run; without a section ``void`` the electrode does not dissolve.
    index
        Which of the filament curves.
    reach
        Largest radius to cover, nm.

    Returns
    -------
    numpy.ndarray
        (r, z), shape (points, 2), from the left to the right.

    Raises
    ------
    InputError
        If the configuration lacks the oxide thickness or its void is damaged.
    """
    thickness = NANOMETRE * run.quantity("stack", "oxide_thickness", "length")
    electrode = _electrode(run, index)
    last = NANOMETRE * run.filament.points[index][::-1]
    radius = np.maximum.accumulate(last[: envelope_end(last) + 1, 0])
    radius = np.union1d(radius, electrode.memory_radius)
    depth = electrode.recess(envelope_height(last, radius), radius)
    edge = [[radius[-1], thickness], [max(reach, radius[-1]), thickness]]
    half = np.vstack([np.column_stack([radius, thickness + depth]), edge])
    return mirrored(half[::-1])


def _electrode(run: Run, index: int) -> ElectrodeSurface:
    """Build the electrode that the section ``void`` describes, at one filament curve."""
    void = run.config.get("void")
    if not isinstance(void, dict):
        return ElectrodeSurface(0.0)
    try:
        ratio = float(void.get("dissolution_ratio", 0.0))
    except (TypeError, ValueError) as error:
        where = f"{run.path / CONFIG_NAME}: void.dissolution_ratio"
        raise InputError(f"{where}: a number is wanted, got {void['dissolution_ratio']}") from error
    capped = void.get("max_depth") is not None
    depth = NANOMETRE * run.quantity("void", "max_depth", "length") if capped else np.inf
    electrode = ElectrodeSurface(ratio, depth)
    if void.get("healing") == "keep":
        for curve in run.filament.points[: index + 1]:
            electrode = electrode.remember(NANOMETRE * curve[::-1])
    return electrode
