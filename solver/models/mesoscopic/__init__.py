"""The zero-dimensional mesoscopic model of a memory cell (Miranda 2024)."""
