"""Thin boundaries that resist a flux, without unknowns of their own.

Temperature and potential are continuous at the nodes of a boundary; the jump takes place across
the one row of elements beside it.  With S = 1 at the boundary's nodes and 0 at all others,
1/|grad S| is the height of an element of that row, and a boundary of conductance h adds |grad S|/h
to its resistivity along grad S: integrated across the row that is 1/h, whatever the mesh.  Along
the boundary nothing changes.  The place of the jump is off by one row, an error of first order
where the boundary is curved, none where it is flat.
"""

from __future__ import annotations

from collections.abc import Sequence

import ufl

from tusk.solver.fields.symbols import Symbol, Symbols

NO_SLOPE = 1.0
"""Slope of S (1/m) that counts as none: elements are nanometres high."""


def through(
    at: Symbols, conductivity: Symbol, slope: Symbol, faces: Sequence[tuple[Symbol, Symbol]]
) -> Symbol:
    """Return conductivity times slope, less what the boundaries beside an element keep back.

    Parameters
    ----------
    at
        The placeholders.
    conductivity
        Of the material, W/(m K) or S/m.
    slope
        Gradient of temperature or potential, per m.
    faces
        S and conductance per area, W/(m² K) or S/m², of every boundary.
    """
    if not faces:
        return conductivity * slope
    resistivity = (1.0 / conductivity) * ufl.Identity(2)
    for face, conductance in faces:
        rise = at.space.gradient(face)
        steepness = ufl.sqrt(ufl.inner(rise, rise) + NO_SLOPE**2)
        resistivity += ufl.outer(rise, rise) / (steepness * conductance)
    return ufl.inv(resistivity) * slope
