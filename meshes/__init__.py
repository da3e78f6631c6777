"""Mesh generation for Tusk."""
