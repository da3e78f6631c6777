"""One spelling for numbers, arrays and UFL; overflow guards; light imports."""

import math
import subprocess
import sys

import numpy as np
import pytest

from tusk.solver.physics import functions as f

UNARY = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "absolute": abs,
}


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("x", [0.3, 1.0, 2.7])
def test_unary_functions_agree_with_the_standard_library(name, x, symbolic):
    function = getattr(f, name)
    expected = UNARY[name](x)
    assert function(x) == pytest.approx(expected, rel=1e-15)
    assert function(np.array([x, x])) == pytest.approx([expected] * 2, rel=1e-15)
    assert symbolic.value(function, x) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (2.0, 1.0), (-1.0, -1.0)])
def test_extremes_and_conditions(a, b, symbolic):
    def select(x, y):
        return f.where(f.less(x, y), 10.0 * x, y)

    for function, expected in (
        (f.minimum, min(a, b)),
        (f.maximum, max(a, b)),
        (select, 10.0 * a if a < b else b),
    ):
        assert float(function(a, b)) == expected
        assert function(np.full(3, a), b) == pytest.approx([expected] * 3)
        assert symbolic.value(function, a, b) == expected


def test_conditions_mix_expressions_and_numbers(symbolic):
    assert symbolic.value(lambda x: f.maximum(x, 2.0), 1.0) == 2.0
    assert symbolic.value(lambda x: f.where(f.less(1.0, x), 5.0, 6.0), 2.0) == 5.0


def test_is_symbolic(symbolic):
    variables, _ = symbolic.coefficients((1.0,))
    assert f.is_symbolic(3.0, variables[0])
    assert not f.is_symbolic(3.0, np.ones(2))


def test_safe_exp_is_the_exponential_up_to_its_limit():
    x = np.linspace(-700.0, 200.0, 901)
    assert f.safe_exp(x) == pytest.approx(np.exp(x), rel=1e-15)
    assert f.safe_exp(-1e5) == 0.0


def test_safe_exp_continues_on_its_tangent(symbolic):
    x = np.array([199.0, 200.0, 201.0, 1e3, 1e12, 1e100])
    y = f.safe_exp(x)
    assert np.isfinite(y).all()
    assert (np.diff(y) > 0.0).all()
    assert f.safe_exp(5.0, limit=3.0) == pytest.approx(3.0 * math.exp(3.0), rel=1e-15)
    for point in (2.999, 3.001, 7.0):
        slope = symbolic.derivative(lambda z: f.safe_exp(z, 3.0), point)
        assert slope == pytest.approx(math.exp(min(point, 3.0)), rel=1e-12)


def test_closures_import_neither_ufl_nor_dolfinx():
    modules = (
        "barrier_heating barriers charge_transfer conductivity filament_conductivity growth "
        "hopping protocols source tunnelling waveform"
    )
    program = "import sys\n"
    program += "".join(f"import tusk.solver.physics.{name}\n" for name in modules.split())
    program += "found = {'ufl', 'dolfinx', 'petsc4py', 'mpi4py'} & set(sys.modules)\n"
    program += "sys.exit(str(found) if found else 0)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
