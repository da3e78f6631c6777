"""Build a filament simulation from its configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from mpi4py import MPI

from tusk.meshes.cell import ElectrodeSurface, Stack
from tusk.meshes.curve import hemisphere
from tusk.meshes.sizes import PRESETS, Sizes
from tusk.solver.checkpoint import Tree
from tusk.solver.config import FilamentConfig
from tusk.solver.front.capillarity import SurfaceForces
from tusk.solver.front.contact import Contact, OpenGap
from tusk.solver.front.faraday import FaradayGrowth
from tusk.solver.front.nucleation import Nucleation, NucleationLaw
from tusk.solver.front.nucleus import Nucleus
from tusk.solver.front.process import Processes
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.closures import FilamentPhysics, build_physics
from tusk.solver.models.filament.compiled import CompiledEquations
from tusk.solver.models.filament.contact import build_contact
from tusk.solver.models.filament.domain import Tools
from tusk.solver.models.filament.equations import Equations
from tusk.solver.models.filament.given_laws import Laws, with_laws
from tusk.solver.models.filament.problem import NewtonOptions
from tusk.solver.models.filament.simulation import Setting, Simulation
from tusk.solver.models.filament.state import Control
from tusk.solver.physics.capillarity import Capillarity
from tusk.solver.physics.constants import NM
from tusk.solver.physics.waveform import Drive
from tusk.solver.timing import Timer


def build_simulation(
    config: FilamentConfig,
    comm: MPI.Comm,
    timer: Timer | None = None,
    saved: Tree | None = None,
    member: int = 0,
    laws: Laws | None = None,
) -> Simulation:
    """Return a simulation at its initial state, the nucleus at zero drive, or at a saved one.

    Parameters
    ----------
    config, comm, timer
        What to simulate, on which ranks, and who collects the seconds.
    saved
        What `Simulation.snapshot` returned, on any number of ranks; the configuration may differ
        from the one it was made with where the geometry so far does not depend on it.
    member
        Which member of an ensemble: its random numbers are its own.
    laws
        Closures by their names in `FilamentPhysics`, in place of those of the configuration.
    """
    timer, nucleation = timer or Timer(), build_nucleation(config, member)
    with timer("compilation"):
        physics = with_laws(build_physics(config), laws or {})
        physics = replace(physics, holds_growth=nucleation is not None)
        compiled = CompiledEquations(comm, Equations(physics))
    tools = build_tools(config, comm, compiled, physics, timer)
    radius = config.stack.nucleus_radius / NM
    deepest = np.inf if config.void.max_depth is None else config.void.max_depth / NM
    setting = build_setting(
        tools,
        Drive(config.drive),
        Shape(hemisphere(radius, 41), ElectrodeSurface(config.void.dissolution_ratio, deepest)),
        build_control(config),
        build_contact(config, tools, member),
        keep_recess=config.void.healing == "keep",
        nucleation=nucleation,
    )
    return Simulation(setting, saved)


def fork_simulation(
    config: FilamentConfig, simulation: Simulation, saved: Tree, member: int
) -> Simulation:
    """Return another member of an ensemble at a saved state, on what the first one shares."""
    former = simulation.setting
    contact = build_contact(config, former.tools, member)
    setting = build_setting(
        former.tools,
        former.drive,
        former.shape,
        former.control,
        contact,
        former.keep_recess,
        build_nucleation(config, member),
    )
    return Simulation(setting, saved)


def build_setting(
    tools: Tools,
    drive: Drive,
    shape: Shape,
    control: Control,
    contact: Contact[Any] | None = None,
    keep_recess: bool = False,
    nucleation: NucleationLaw | None = None,
) -> Setting:
    """Return what a simulation is made of, with the list of mechanisms that move its surface."""
    contact = contact or OpenGap()
    growth, law = FaradayGrowth(tools.physics.growth), tools.physics.capillarity
    tension = (SurfaceForces(law, growth),) if isinstance(law, Capillarity) else ()
    nucleus = Nucleus(tools.nucleus_radius, growth, still=tools.physics.rests_still)
    wait = (Nucleation(nucleation, tools.nucleus_radius),) if nucleation is not None else ()
    processes = Processes((growth, nucleus, contact, *tension, *wait))
    return Setting(tools, drive, shape, control, processes, contact, keep_recess)


def build_nucleation(config: FilamentConfig, member: int) -> NucleationLaw | None:
    """Return the rate at which a nucleus comes, None where it is there from the start."""
    given = config.nucleation
    if given.mode == "none":
        return None
    return NucleationLaw(
        given.time,
        given.energy,
        given.critical_atoms,
        given.transfer_coefficient,
        config.kinetics.charge_number,
        given.mode == "stochastic",
        config.seed,
        member,
    )


def build_tools(
    config: FilamentConfig,
    comm: MPI.Comm,
    compiled: CompiledEquations,
    physics: FilamentPhysics,
    timer: Timer,
) -> Tools:
    """Return what every mesh of the run shares."""
    stack, solver, metal = config.stack, config.solver, config.active_electrode
    return Tools(
        comm=comm,
        compiled=compiled,
        physics=physics,
        stack=Stack(
            stack.oxide_thickness / NM,
            stack.active_electrode_thickness / NM,
            stack.counter_electrode_thickness / NM,
            stack.domain_radius / NM,
        ),
        sizes=build_sizes(config),
        newton=NewtonOptions(
            solver.tolerance_potential,
            solver.tolerance_temperature,
            solver.max_iterations,
            solver.linear,
        ),
        timer=timer,
        nucleus_radius=stack.nucleus_radius / NM,
        atom_size=(metal.atomic_mass / metal.density) ** (1 / 3) / NM,
        side_ambient=config.thermal.side == "ambient",
    )


def build_sizes(config: FilamentConfig) -> Sizes:
    """Return the mesh sizes of the preset with the overrides of the configuration."""
    mesh = config.mesh
    sizes = PRESETS[mesh.preset].scaled(mesh.size_factor)
    named: dict[str, Any] = {
        "elements_across_gap": mesh.elements_across_gap,
        "gap_ratio": mesh.gap_size_ratio,
        "flank_ratio": mesh.flank_size_ratio,
        "far": None if mesh.far_size is None else mesh.far_size / NM,
        "column_gap_limit": None if mesh.strip_gap is None else mesh.strip_gap / NM,
    }
    return replace(sizes, **{key: value for key, value in named.items() if value is not None})


def build_control(config: FilamentConfig) -> Control:
    """Return the step control of the configuration."""
    stepping = config.stepping
    return Control(
        stepping.tolerance,
        stepping.max_displacement / NM,
        stepping.gap_fraction,
        stepping.first_step,
        stepping.minimum_step,
        config.mesh.minimum_gap / NM,
        np.inf if stepping.voltage_step is None else stepping.voltage_step,
        stepping.fastest_growth,
    )
