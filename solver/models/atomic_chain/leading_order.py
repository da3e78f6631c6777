"""Leading orders in bias, asymmetry and on-site energy of what `Chain` gives ([K 16-19])."""

from __future__ import annotations

import math

from tusk.solver.models.atomic_chain.chain import Chain

_REST = 1.0 + 8.0 / math.pi


def total_force(chain: Chain, voltage: float) -> float:
    """Return (2/pi) e V k_F (1 - T(E_F)), eV/angstrom."""
    loss = 1.0 - float(chain.transmission(chain.fermi_energy))
    wave_number = float(chain.wave_number(chain.fermi_energy))
    return 2.0 / math.pi * abs(voltage) * wave_number * loss


def central_force(chain: Chain) -> float:
    """Return (1 + 8/pi) zeta (v_L - v_R), the force at zero bias ([K 16]), eV/angstrom."""
    return _REST * chain.decay * (chain.left_hopping - chain.right_hopping)


def force_change(chain: Chain, voltage: float, division: float) -> float:
    """Return the force that the bias V (V) adds, with beta ([K 17]), eV/angstrom."""
    bracket = (division - 0.5) * (chain.left_hopping - chain.right_hopping) - chain.onsite
    return chain.decay * voltage / (math.pi * chain.hopping) * bracket


def hessian(chain: Chain, voltage: float, division: float) -> float:
    """Return [K 18], in eV/angstrom^2."""
    t = chain.hopping
    bracket = _REST + (division - 0.5) * voltage / (math.pi * t)
    return chain.ion_stiffness - 2.0 * chain.decay**2 * t * bracket


def critical_voltage(chain: Chain, division: float) -> float | None:
    """Return the |V| (V) beyond which `hessian` is unstable ([K 19]).

    None with beta = 1/2; negative if the chain is not stable at zero bias.
    """
    if division == 0.5:
        return None
    t = abs(chain.hopping)
    bracket = -chain.ion_stiffness / (2.0 * chain.decay**2 * t) - _REST
    return math.pi * t / abs(0.5 - division) * bracket
