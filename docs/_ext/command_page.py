"""The page of the command line, made of what each command says of itself."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from typer.main import get_command

PAGE = "commands.md"


def write(app: Sphinx) -> None:
    """Write the page beside the others; it is not kept in the repository."""
    from tusk.solver.cli import app as commands

    group = get_command(commands)
    lines = ["# Commands", ""]
    lines += [
        "Every command takes `--help`; exit codes are in [when it fails](when-it-fails.md).",
        "",
    ]
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        context = command.make_context(name, [], resilient_parsing=True)
        context.info_name = f"tusk {name}"
        context.max_content_width = context.terminal_width = 96
        lines += [f"## `tusk {name}`", "", "```text", command.get_help(context), "```", ""]
    page = Path(app.srcdir) / PAGE
    text = "\n".join(lines)
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
