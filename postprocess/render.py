"""Render one saved scene off-screen: ``python -m tusk.postprocess.render scene.npz body.npy``.

A process of its own, because VTK without a usable OpenGL library ends it without an exception.
"""

import sys

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  (brings the classes that draw)
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkLight,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkRenderWindow,
    vtkWindowToImageFilter,
)

SAMPLES = 4
"""Samples per pixel that smooth the edges."""


def poly_data(points: np.ndarray) -> vtkPolyData:
    """Return a data set of points, shape (points, 3), without cells."""
    place = vtkPoints()
    place.SetData(numpy_to_vtk(np.ascontiguousarray(points, dtype=np.float32), deep=True))
    data = vtkPolyData()
    data.SetPoints(place)
    return data


def cell_array(cells: np.ndarray) -> vtkCellArray:
    """Return cells of one size, shape (cells, corners)."""
    padded = np.column_stack([np.full(len(cells), cells.shape[1]), cells]).astype(np.int64)
    array = vtkCellArray()
    array.ImportLegacyFormat(numpy_to_vtkIdTypeArray(padded.ravel(), deep=True))
    return array


def body_actor(points: np.ndarray, quads: np.ndarray, colours: np.ndarray) -> vtkActor:
    """Return the shaded body: smooth but for edges sharper than 60 degrees."""
    body = poly_data(points)
    body.SetPolys(cell_array(quads))
    body.GetPointData().SetScalars(numpy_to_vtk((255.0 * colours).astype(np.uint8), deep=True))
    normals = vtkPolyDataNormals()
    normals.SetInputData(body)
    normals.SetFeatureAngle(60.0)
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(normals.GetOutputPort())
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetInterpolationToPhong()
    look.SetAmbient(0.3)
    look.SetDiffuse(0.75)
    look.SetSpecular(0.0)
    return actor


def line_actor(points: np.ndarray) -> vtkActor:
    """Return a black line through points, shape (points, 3)."""
    line = poly_data(points)
    line.SetLines(cell_array(np.arange(len(points))[None]))
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(line)
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetColor(0.0, 0.0, 0.0)
    look.SetLineWidth(4.0)
    look.SetLighting(False)
    return actor


def view_of(scene: dict[str, np.ndarray]) -> vtkRenderer:
    """Return body, rings, lamps and camera of a scene."""
    renderer = vtkRenderer()
    renderer.AutomaticLightCreationOff()
    renderer.SetBackground(1.0, 1.0, 1.0)  # seen through, but mixed in at the edges
    renderer.AddActor(body_actor(scene["points"], scene["quads"], scene["colours"]))
    eye, up, focus = scene["towards"], scene["up"], scene["focus"]
    for ring in scene["rings"]:
        # Lifted towards the eye by a hair, so that the surface does not swallow the line.
        renderer.AddActor(line_actor(ring + 0.02 * eye))
    # One lamp at the eye and a weaker one above it: slopes show, no side falls into the dark.
    for direction, intensity in ((eye, 0.75), (eye + 1.5 * up, 0.35)):
        lamp = vtkLight()
        lamp.SetPosition(*direction)
        lamp.SetFocalPoint(0.0, 0.0, 0.0)
        lamp.SetIntensity(intensity)
        renderer.AddLight(lamp)
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    camera.SetFocalPoint(*focus)
    camera.SetPosition(*(focus + 200.0 * eye))
    camera.SetViewUp(*up)
    camera.SetParallelScale(float(scene["half_height"]))
    renderer.ResetCameraClippingRange()
    return renderer


def render(source: str, target: str) -> None:
    """Draw the scene in ``source`` to the array file ``target``: RGBA bytes, top row first."""
    with np.load(source) as data:
        scene = dict(data)
    window = vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetAlphaBitPlanes(True)  # the background is transparent
    window.SetMultiSamples(SAMPLES)
    window.SetSize(*(int(pixels) for pixels in scene["size"]))
    window.AddRenderer(view_of(scene))
    window.Render()
    shot = vtkWindowToImageFilter()
    shot.SetInput(window)
    shot.SetInputBufferTypeToRGBA()
    shot.ReadFrontBufferOff()
    shot.ShouldRerenderOff()
    shot.Update()
    image = shot.GetOutput()
    width, height, _ = image.GetDimensions()
    pixels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)
    np.save(target, pixels[::-1])


if __name__ == "__main__":
    render(sys.argv[1], sys.argv[2])
