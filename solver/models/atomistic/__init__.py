"""Atoms of a filament: interatomic forces, quantum transport, recoil, and the bridge to the mesh.

Energies in eV, lengths in angstrom, forces in eV/angstrom, times in ps throughout the package.
"""
