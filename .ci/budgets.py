"""Hold the code to its budgets: what a class shows, what a module leans on, what types leave open.

``.ci/budgets.toml`` holds limits of single things, with those that are over them today, and sums
over the whole code. ``--tighten`` lowers all of them to what is measured, ``--grant`` enters what
is new (say why in the commit), ``--table`` prints what is measured, also of another tree.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGES = ("configs", "meshes", "postprocess", "solver")
HERE = Path(__file__).resolve().parent
BUDGETS = HERE / "budgets.toml"
MODELS = ("solver/models/", "solver/front/", "solver/core/")
MODEL_NAMES = {"filament_fem", "mesoscopic", "atomic_chain", "atomistic"}


@dataclass
class Measured:
    """What is counted, by kind and by name."""

    modules: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    fan_out: Counter[str] = field(default_factory=Counter)
    any: Counter[str] = field(default_factory=Counter)
    optional_state: Counter[str] = field(default_factory=Counter)
    assert_not_none: Counter[str] = field(default_factory=Counter)
    model_checks: Counter[str] = field(default_factory=Counter)
    keyword_bags: Counter[str] = field(default_factory=Counter)
    unformatted: Counter[str] = field(default_factory=Counter)

    def kinds(self) -> dict[str, Counter[str]]:
        """Return the counters by name."""
        return dict(vars(self))


MEANING = {
    "modules": "lines of a module",
    "functions": "lines of a function, with its docstring",
    "methods": "public methods and properties of a class",
    "fan_out": "modules of tusk that a module imports",
    "any": "uses of Any",
    "optional_state": "attributes that may be None, in models, front and core",
    "assert_not_none": "asserts that something is not None",
    "model_checks": "questions which model it is",
    "keyword_bags": "functions that take **kwargs: a misspelt option would be inert",
    "unformatted": "places that the formatter is told to skip",
}


def measure(root: Path) -> Measured:
    """Measure every module of the packages under a folder."""
    found = Measured()
    files = sorted(file for package in PACKAGES for file in (root / package).rglob("*.py"))
    names = {_module(file.relative_to(root)) for file in files}
    for file in files:
        where = str(file.relative_to(root))
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        found.modules[where] = text.count("\n")
        found.fan_out[where] = len(set(_imported(tree, _module(Path(where)), names)))
        _count(found, where, tree)
        with file.open("rb") as stream:
            comments = (
                t.string for t in tokenize.tokenize(stream.readline) if t.type == tokenize.COMMENT
            )
            found.unformatted[where] = sum("fmt: skip" in c or "fmt: off" in c for c in comments)
    return found


def _count(found: Measured, where: str, tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.functions[f"{where}:{node.name}"] = max(
                found.functions[f"{where}:{node.name}"], (node.end_lineno or 0) - node.lineno + 1
            )
            found.keyword_bags[where] += node.args.kwarg is not None
        elif isinstance(node, ast.ClassDef):
            found.methods[f"{where}:{node.name}"] = sum(_is_public(item) for item in node.body)
            if where.startswith(MODELS):
                found.optional_state[where] += len(set(_optional(node)))
        elif isinstance(node, ast.Name):
            found.any[where] += node.id == "Any"
        elif isinstance(node, ast.Assert):
            found.assert_not_none[where] += "is not None" in ast.unparse(node.test)
        found.model_checks[where] += _asks_for_model(node)


def _module(path: Path) -> str:
    parts = ("tusk", *path.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.Module, module: str, names: set[str]) -> Iterator[str]:
    """Yield the modules of the project that a module imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{source}.{alias.name}"
                if full in names or source in names:
                    yield full if full in names else source


def _is_public(item: ast.stmt) -> bool:
    return isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and not item.name.startswith(
        "_"
    )


def _optional(node: ast.ClassDef) -> Iterator[str]:
    """Yield the attributes of a class whose type admits None: fields, and those set on self."""
    for item in ast.walk(node):
        if isinstance(item, ast.AnnAssign) and "None" in ast.unparse(item.annotation).split(" | "):
            target = item.target
            if item in node.body or isinstance(target, ast.Attribute):
                yield ast.unparse(target).removeprefix("self.")


def _asks_for_model(node: ast.AST) -> bool:
    """Whether a node asks which model a config or a run is of."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
        kinds = {word for argument in node.args[1:] for word in ast.unparse(argument).split(" | ")}
        models = (
            "FilamentConfig",
            "MesoscopicConfig",
            "ChainConfig",
            "DrivenConfig",
            "FilamentRun",
        )
        return bool(kinds & set(models))
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
        sides = (node.left, *node.comparators)
        return any(isinstance(side, ast.Constant) and side.value in MODEL_NAMES for side in sides)
    return False


# --- limits ---------------------------------------------------------------------------------------

type Budgets = dict[str, dict[str, int]]


def complaints(found: Measured, budgets: Budgets) -> Iterator[str]:
    """Yield what is over its limit and over what is granted to it."""
    for kind, limit in budgets["limits"].items():
        for name, count in sorted(found.kinds()[kind].items()):
            allowed = max(limit, budgets.get(kind, {}).get(name, 0))
            if count > allowed:
                yield f"{name}: {count} {MEANING[kind]}, {allowed} allowed"
    for kind, limit in budgets["sums"].items():
        counted = found.kinds()[kind]
        if counted.total() > limit:
            where = ", ".join(f"{name} {count}" for name, count in counted.most_common(5))
            yield f"{counted.total()} {MEANING[kind]}, {limit} allowed; most in {where}"


def renewed(found: Measured, budgets: Budgets, grant: bool) -> str:
    """Return the text of the budgets with all entries lowered to what is measured."""
    lines = ["# Budgets of the code, see budgets.py. Lowered by `python .ci/budgets.py --tighten`."]
    lines += ["", "# Of single things."]
    lines += ["[limits]", *(_entry(kind, limit) for kind, limit in budgets["limits"].items())]
    lines += ["", "# Of the whole code.", "[sums]"]
    for kind, limit in budgets["sums"].items():
        total = found.kinds()[kind].total()
        lines.append(_entry(kind, total if grant else min(total, limit)))
    for kind, limit in budgets["limits"].items():
        granted = budgets.get(kind, {})
        present = {name: n for name, n in sorted(found.kinds()[kind].items()) if n > limit}
        kept = {
            name: count if grant else min(count, granted[name])
            for name, count in present.items()
            if grant or name in granted
        }
        if kept:
            lines += ["", f"[{kind}]", *(f'"{name}" = {count}' for name, count in kept.items())]
    return "\n".join(lines) + "\n"


def _entry(kind: str, limit: int) -> str:
    return f"{kind} = {limit}  # {MEANING[kind]}"


def table(found: Measured, budgets: Budgets) -> str:
    """Return number, largest value and sum of every kind."""
    lines = [
        f"{'':<16} {'limit':>6} {'over it':>8} {'largest':>8} {'sum':>7}  where the largest is"
    ]
    for kind, counted in found.kinds().items():
        limit = budgets["limits"].get(kind, 0)
        name, largest = max(counted.items(), key=lambda item: item[1], default=("", 0))
        number = sum(count > limit for count in counted.values())
        total = f"{counted.total():>7}" if kind in budgets["sums"] else " " * 7
        where = name if largest else ""
        lines.append(f"{kind:<16} {limit or '':>6} {number:>8} {largest:>8} {total}  {where}")
    return "\n".join(lines)


def main() -> int:
    """Check every module of the packages, or tighten or tabulate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=HERE.parent)
    for action in ("table", "tighten", "grant"):
        parser.add_argument(f"--{action}", action="store_true")
    options = parser.parse_args()
    budgets = tomllib.loads(BUDGETS.read_text(encoding="utf-8"))
    found = measure(options.root)
    if options.table:
        print(table(found, budgets))
        return 0
    if options.tighten or options.grant:
        BUDGETS.write_text(renewed(found, budgets, options.grant), encoding="utf-8")
        budgets = tomllib.loads(BUDGETS.read_text(encoding="utf-8"))
    lines = list(complaints(found, budgets))
    print("\n".join(lines) if lines else f"{len(found.modules)} modules within their budgets")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
