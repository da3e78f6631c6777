"""Seeded faults: small wrong changes to the source, each with the test that has to fail by it."""

from __future__ import annotations

from dataclasses import dataclass

CHARGE_TRANSFER = "tests/unit/physics/test_charge_transfer.py"
EXACT_CELLS = "tests/verification/test_exact_cells.py"
FROZEN_CELLS = "tests/verification/test_frozen_cells.py"
JACOBIAN = "tests/verification/test_jacobian.py"
MEASURES = "tests/verification/test_measures.py"
PLACED = "tests/verification/test_closures_in_place.py"
STEPPING = "tests/unit/solver/test_stepping.py"
TRANSIENT = "tests/verification/test_transient_heat.py"


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong change.

    Attributes
    ----------
    name
        What is wrong, in words.
    file
        Source file, relative to the repository.
    old, new
        Text that stands there exactly once, and what replaces it.
    test
        Test id, or file, that has to fail.
    ranks
        Ranks the test needs; more than one runs under ``mpiexec``, as ``make mpi-test`` does.
    """

    name: str
    file: str
    old: str
    new: str
    test: str
    ranks: int = 1


FAULTS = (
    Fault(
        "overpotential with the wrong sign",
        "solver/physics/charge_transfer.py",
        "        return electronic_potential - ionic_potential - self.equilibrium_offset",
        "        return ionic_potential - electronic_potential - self.equilibrium_offset",
        CHARGE_TRANSFER,
    ),
    Fault(
        "anodic and cathodic transfer coefficients swapped",
        "solver/physics/charge_transfer.py",
        "alpha = self.transfer_coefficient\n        growth_barrier",
        "alpha = 1.0 - self.transfer_coefficient\n        growth_barrier",
        CHARGE_TRANSFER,
    ),
    Fault(
        "atomic mass off by Avogadro's number",
        "solver/physics/growth.py",
        "        return self.atomic_mass / self.density",
        "        return 6.02214076e23 * self.atomic_mass / self.density",
        "tests/unit/physics/test_growth.py",
    ),
    Fault(
        "growth where metal is oxidised",
        "solver/physics/growth.py",
        "        return -self.volume_per_charge * current_density",
        "        return self.volume_per_charge * current_density",
        "tests/unit/physics/test_growth.py",
    ),
    Fault(
        "Mott-Gurney field doubled",
        "solver/physics/hopping.py",
        "field_squared * (0.5 * step / energy) ** 2",
        "field_squared * (step / energy) ** 2",
        "tests/unit/physics/test_hopping.py",
    ),
    Fault(
        "tunnel prefactor twice its value",
        "solver/physics/tunnelling.py",
        "        scale = self.prefactor * momentum",
        "        scale = 2.0 * self.prefactor * momentum",
        "tests/unit/physics/test_tunnelling.py",
    ),
    Fault(
        "resistance falls as the metal heats up",
        "solver/physics/conductivity.py",
        "        rise = temperature - self.reference_temperature",
        "        rise = self.reference_temperature - temperature",
        "tests/unit/physics/test_conductivity.py",
    ),
    Fault(
        "limiter with the printed sign of the exponent",
        "solver/physics/source.py",
        "        current = -self.compliance_current * math.expm1(-drop)",
        "        current = -self.compliance_current * math.expm1(drop)",
        "tests/unit/physics/test_source.py",
    ),
    Fault(
        "emitter and collector share swapped",
        "solver/fields/gap.py",
        "filament if self.surface is Surface.FILAMENT else electrode",
        "electrode if self.surface is Surface.FILAMENT else filament",
        f"{EXACT_CELLS}::test_heat_spreads_as_in_plane_layers",
    ),
    Fault(
        "Joule heat cools",
        "solver/fields/ohm.py",
        "        return current - (self._joule(at) * at.tested(HEAT)) * dV",
        "        return current + (self._joule(at) * at.tested(HEAT)) * dV",
        f"{EXACT_CELLS}::test_heat_spreads_as_in_plane_layers",
    ),
    Fault(
        "ions leave the oxide where they should enter",
        "solver/fields/ions.py",
        "crossing = at.tested(ELECTRON) - at.tested(ION)",
        "crossing = at.tested(ELECTRON) + at.tested(ION)",
        f"{EXACT_CELLS}::test_the_ionic_current_passes_two_interfaces_and_the_oxide",
    ),
    Fault(
        "electrons of the growth reaction not drawn from the filament",
        "solver/fields/ions.py",
        "crossing = at.tested(ELECTRON) - at.tested(ION)",
        "crossing = 0.0 * at.tested(ELECTRON) - at.tested(ION)",
        f"{EXACT_CELLS}::test_the_ionic_current_enters_and_leaves_through_the_contacts",
    ),
    Fault(
        "void barrier measured from the counter-electrode",
        "solver/fields/surface_kinetics.py",
        "self.void.energy_barrier(z - self.oxide_thickness)",
        "self.void.energy_barrier(z)",
        PLACED,
    ),
    Fault(
        "size effect of the radius instead of the diameter",
        "solver/models/filament/domain.py",
        "np.maximum(2 * radius,",
        "np.maximum(radius,",
        PLACED,
    ),
    Fault(
        "mesh velocity with the wrong sign in the stored heat",
        "solver/fields/heat.py",
        "        rate -= ufl.dot(at.mesh_velocity",
        "        rate += ufl.dot(at.mesh_velocity",
        TRANSIENT,
    ),
    Fault(
        "second-order time difference with a wrong weight",
        "solver/models/filament/heat_history.py",
        "    former = ratio**2 / (1 + ratio)",
        "    former = ratio / (1 + ratio)",
        "tests/unit/solver/test_small_parts.py",
    ),
    Fault(
        "weight 2 pi r missing",
        "solver/axisymmetry.py",
        "        return 2 * np.pi * self.scale * self.radius * integrand * self.measure",
        "        return self.scale * integrand * self.measure",
        MEASURES,
    ),
    Fault(
        "weight 2 pi r applied twice",
        "solver/axisymmetry.py",
        "        return 2 * np.pi * self.scale * self.radius * integrand * self.measure",
        "        return (2 * np.pi * self.radius) ** 2 * self.scale * integrand * self.measure",
        MEASURES,
    ),
    Fault(
        "area of annuli with the radius of the inner edge",
        "solver/axisymmetry.py",
        "    moments = (r1 - r0) * (q0 * (2 * r0 + r1) + q1 * (r0 + 2 * r1)) / 6",
        "    moments = (r1 - r0) * r0 * (q0 + q1) / 2",
        MEASURES,
    ),
    Fault(
        "residual and Jacobian with quadrature of their own",
        "solver/axisymmetry.py",
        'metadata={"quadrature_degree": QUADRATURE_DEGREE}',
        "metadata={}",
        JACOBIAN,
    ),
    Fault(
        "barriers left out of the growth velocity",
        "solver/front/kinetics.py",
        "            Surface.FILAMENT, (r, z), (electron, ion), temperature, void, tension\n",
        "            Surface.FILAMENT, (0 * r, z), (electron, ion), temperature, False, tension\n",
        f"{FROZEN_CELLS}::test_growth_is_the_ionic_current",
    ),
    Fault(
        "heat of the barrier not scaled to the dissipation in the gap",
        "solver/models/filament/problem.py",
        "        scale.value = min(max(ratio,",
        "        scale.value = 1.1 * min(max(ratio,",
        f"{FROZEN_CELLS}::test_charge_and_energy_are_conserved",
    ),
    Fault(
        "held nodes of the nucleus dissolve",
        "solver/fields/ions.py",
        "return at.dissolvable * anodic - cathodic",
        "return 1.0 * anodic - cathodic",
        f"{FROZEN_CELLS}::test_nodes_held_at_the_nucleus_do_not_dissolve",
    ),
    Fault(
        "gap of the lower branch of an overhanging filament",
        "meshes/curve.py",
        "    return int(np.argmax(points[:, 0]))",
        "    return len(points) - 1",
        "tests/unit/meshes/test_envelope.py",
    ),
    Fault(
        "recess of the electrode with the wrong sign",
        "meshes/cell.py",
        "stack.oxide_thickness + electrode.recess(height, curve[:, 0]) - height",
        "stack.oxide_thickness - electrode.recess(height, curve[:, 0]) - height",
        "tests/unit/meshes/test_envelope.py",
    ),
    Fault(
        "nodes moved by their speed instead of their deposit",
        "meshes/curve.py",
        "    factor = nodal_areas(points) / square",
        "    factor = 1.0 / np.sqrt(square)",
        "tests/unit/meshes/test_curve_growth.py",
    ),
    Fault(
        "potentials transferred across materials",
        "solver/models/filament/domain.py",
        "search.within(np.isin(old.regions, group), nodes)",
        "search.within(np.ones(len(old.regions), dtype=bool), nodes)",
        PLACED,
    ),
    Fault(
        "Euler's method in place of the trapezoidal rule",
        "solver/models/filament/front_step.py",
        "        moved = 0.5 * step * (predicted.velocity + predicted.next_velocity)",
        "        moved = step * predicted.velocity",
        f"{STEPPING}::test_steps_converge_with_second_order",
    ),
    Fault(
        "time of a rejected step lost",
        "solver/core/stepper.py",
        "                step *= cut\n",
        "                step *= cut\n                state = attempt.state\n",
        f"{STEPPING}::test_a_step_with_too_large_an_error_is_taken_again_shorter",
    ),
    Fault(
        "mesh left where a rejected step put it",
        "solver/core/stepper.py",
        "            if cut is not None:\n                system.restore(state)\n",
        "            if cut is not None:\n",
        f"{STEPPING}::test_a_step_with_too_large_an_error_is_taken_again_shorter",
    ),
    Fault(
        "Faraday's ledger counts the first stage alone",
        "solver/models/filament/front_step.py",
        "0.5 * step * came + kept",
        "0.5 * step * state.deposition_rate + kept",
        f"{STEPPING}::test_volume_grows_by_the_charge_that_arrives",
    ),
    Fault(
        "ghost nodes counted twice",
        "solver/models/filament/discrete.py",
        "        out[self.dof_nodes[: self.owned]] = local.reshape(-1, 3)[: self.owned]",
        "        out[self.dof_nodes] = local.reshape(-1, 3)",
        "tests/mpi/test_frozen_geometry.py",
        ranks=2,
    ),
)
"""All faults; every one has to be caught."""
