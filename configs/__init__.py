"""Run configurations shipped with Tusk."""
