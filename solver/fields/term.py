"""A mechanism in the weak form, and what the ledgers and files report of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tusk.solver.fields.symbols import Symbols

type Form = Any  # UFL ships without types


class Term(Protocol):
    """One mechanism of the coupled system.

    The residual of the system is the sum of its terms: currents in A, powers in W.  What a term
    reports is made of the same expressions, so that no ledger can disagree with the solve.
    """

    def form(self, at: Symbols) -> Form:
        """Return the contribution to the residual, tested in every field that it touches."""
        ...

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return integrals by name, A and W; those of one name add up over the terms."""
        ...
