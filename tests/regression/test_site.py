"""The documentation site: built without a warning, without dead links, to be read offline."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """Anchors of a page, what it links to, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag in ("img", "script", "iframe", "source") and "src" in found:
            self.loaded.append(found["src"])
        elif tag == "link" and found.get("rel") in ("stylesheet", "preload", "icon"):
            self.loaded.append(found["href"])


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    words = ("-q", "-W", "--keep-going", "-b", "html", "-d", str(out / "cache"))
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words, str(repository / "docs"), str(out / "html")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out / "html"


def test_no_link_inside_the_site_is_dead_and_nothing_comes_from_outside(site: Path) -> None:
    found = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in found}
    assert len(pages) > 100
    dead, outside = [], []
    for path, page in pages.items():
        outside += [f"{path.name}: {url}" for url in page.loaded if urlsplit(url).netloc]
        for url in (*page.links, *page.loaded):
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            known = pages.get(target)
            there = not (parts.fragment and known) or unquote(parts.fragment) in known.anchors
            if not (target.exists() and there):
                dead.append(f"{path.relative_to(site)}: {url}")
    assert outside == []
    assert dead == []


def test_formulas_are_drawn_without_a_script(site: Path) -> None:
    page = (site / "theory.html").read_text(encoding="utf-8")
    assert page.count("<math") > 20
    assert "MathJax" not in page
    assert not re.search(r"\$\$", Page(page).rawdata)


def public(module: Path) -> list[str]:
    """Return the public functions and classes that a module defines and explains."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [
        node.name
        for node in tree.body
        if isinstance(node, kinds) and not node.name.startswith("_") and ast.get_docstring(node)
    ]


@pytest.mark.parametrize("package", ["meshes", "postprocess", "solver"])
def test_every_public_object_is_in_the_api(package: str, site: Path, repository: Path) -> None:
    anchors: set[str] = set()
    for page in (site / "api").glob("*.html"):
        anchors |= Page(page.read_text(encoding="utf-8")).anchors
    missing = []
    for module in (repository / package).rglob("*.py"):
        if "paraview" in module.parts:  # runs in ParaView's own Python
            continue
        name = ".".join(("tusk", *module.relative_to(repository).with_suffix("").parts))
        name = name.removesuffix(".__init__")
        missing += [f"{name}.{each}" for each in public(module) if f"{name}.{each}" not in anchors]
    assert missing == []


def test_every_command_has_its_section(site: Path) -> None:
    from typer.main import get_command

    from tusk.solver.cli import app

    anchors = Page((site / "commands.html").read_text(encoding="utf-8")).anchors
    assert {f"tusk-{name}" for name in get_command(app).commands} <= anchors  # type: ignore[attr-defined]
