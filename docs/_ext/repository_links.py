"""Links of the documents that lead out of docs/ lead to their pages of the site."""

from __future__ import annotations

from sphinx.application import Sphinx

PAGES = {
    "](../CONTRIBUTING.md": "](contributing.md",
    "](../CHANGELOG.md": "](changelog.md",
    "](docs/": "](",
}
"""What stands in the documents, which are also read in the repository, and what it becomes."""


def lead(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Change the links of a page as it is read."""
    for outside, inside in PAGES.items():
        source[0] = source[0].replace(outside, inside)


def included(_app: Sphinx, _path: str, _parent: str, source: list[str]) -> None:
    """Change the links of a text that a page includes."""
    lead(_app, "", source)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register."""
    app.connect("source-read", lead)
    app.connect("include-read", included)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
