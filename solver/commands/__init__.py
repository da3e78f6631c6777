"""Commands of ``tusk``, one module each; `tusk.solver.cli` registers them."""
