"""Cited parameter sets and the material library."""
