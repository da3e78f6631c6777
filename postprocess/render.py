"""Render one saved scene off-screen: ``python -m tusk.postprocess.render scene.npz body.png``.

A process of its own, because VTK without a usable OpenGL library ends it without an exception.
"""

import sys

import numpy as np
import pyvista


def render(source: str, target: str) -> None:
    """Draw the scene in ``source`` with a transparent background to the PNG file ``target``."""
    with np.load(source) as data:
        scene = dict(data)
    quads = scene["quads"]
    body = pyvista.PolyData(
        scene["points"], faces=np.column_stack([np.full(len(quads), 4), quads]).ravel()
    )
    body.point_data["colour"] = (255.0 * scene["colours"]).astype(np.uint8)
    width, height = (int(pixels) for pixels in scene["size"])
    plotter = pyvista.Plotter(off_screen=True, window_size=[width, height], lighting="none")
    # One lamp at the eye and a weaker one above it: slopes show, no side falls into the dark.
    eye, up = scene["towards"], scene["up"]
    for direction, intensity in ((eye, 0.75), (eye + 1.5 * up, 0.35)):
        lamp = pyvista.Light(position=tuple(direction), focal_point=(0.0, 0.0, 0.0))
        lamp.intensity = intensity
        plotter.add_light(lamp)
    plotter.add_mesh(
        body,
        scalars="colour",
        rgb=True,
        smooth_shading=True,
        split_sharp_edges=True,
        feature_angle=60.0,
        ambient=0.3,
        diffuse=0.75,
        specular=0.0,
    )
    for ring in scene["rings"]:
        # Lifted towards the eye by a hair, so that the surface does not swallow the line.
        line = pyvista.lines_from_points(ring + 0.02 * scene["towards"])
        plotter.add_mesh(line, color="black", line_width=6, lighting=False)
    camera = plotter.camera
    camera.parallel_projection = True
    camera.focal_point = tuple(scene["focus"])
    camera.position = tuple(scene["focus"] + 200.0 * scene["towards"])
    camera.up = tuple(scene["up"])
    camera.parallel_scale = float(scene["half_height"])
    plotter.reset_camera_clipping_range()
    plotter.enable_anti_aliasing("msaa")
    plotter.screenshot(target, transparent_background=True)
    plotter.close()


if __name__ == "__main__":
    render(sys.argv[1], sys.argv[2])
