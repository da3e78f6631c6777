"""Closures of the contact regime: quantum point contact, hand-over, contact kinetics."""
