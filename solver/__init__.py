"""Configuration, physics and solvers of Tusk."""
