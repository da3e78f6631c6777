"""Hold the code to its size budgets; prints what exceeds them and exits with 1 if anything does."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("configs", "meshes", "postprocess", "solver")
MODULE_LINES = 500
FUNCTION_LINES = 45  # with its docstring


def excesses(path: Path) -> Iterator[str]:
    """Yield what a module does beyond the budget."""
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    if lines > MODULE_LINES:
        yield f"{path}:1: {lines} lines, {MODULE_LINES} allowed in a module"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        where = f"{path}:{node.lineno}: {node.name}"
        if lines > FUNCTION_LINES:
            yield f"{where}: {lines} lines, {FUNCTION_LINES} allowed in a function"
        if node.args.kwarg is not None:
            yield f"{where}: takes **{node.args.kwarg.arg}, a misspelt option would be inert"


def main() -> int:
    """Check every module of the packages."""
    files = sorted(file for package in PACKAGES for file in Path(package).rglob("*.py"))
    found = [line for file in files for line in excesses(file)]
    print("\n".join(found) if found else f"{len(files)} modules within their size budgets")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
