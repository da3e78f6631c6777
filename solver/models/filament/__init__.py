"""Axisymmetric finite-element model of a growing filament."""
