"""Closures: small frozen objects, one formula each, for NumPy and UFL."""
