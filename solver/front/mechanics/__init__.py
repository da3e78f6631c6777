"""Mechanics of metal surfaces as curves: capillarity and changes of topology, without a mesh."""
