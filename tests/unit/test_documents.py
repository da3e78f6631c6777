"""What the documents show works, and what they point to exists."""

import re
from pathlib import Path

import pytest

from tusk.solver.config.extensions import load_class
from tusk.solver.physics.protocols import Tunnelling

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/tutorials/*.md")


def documents(repository: Path) -> list[Path]:
    return sorted(file for pattern in DOCUMENTS for file in repository.glob(pattern))


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    broken = [
        f"{document.name}: {target}"
        for document in documents(repository)
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert broken == []


def test_make_targets_in_the_documents_exist(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    shown = {
        target
        for document in documents(repository)
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text(), re.MULTILINE)
    }
    assert shown <= targets


def test_the_law_shown_to_contributors_loads(repository: Path, tmp_path: Path) -> None:
    code = re.search(
        r"```python\n(.*?)```", (repository / "CONTRIBUTING.md").read_text(), re.DOTALL
    )
    assert code is not None
    (tmp_path / "my_law.py").write_text(code.group(1))
    law = load_class("my_law.py:MyLaw", "law", tmp_path)(0.42, 6e-19, prefactor=0.5)
    assert isinstance(law, Tunnelling)
    # half of G0 per 0.0518 nm2 atom, one decay length away
    expected = 0.5 * 77.48e-6 / 0.0518e-18 * 0.367879
    assert law.conductance_per_area(7.8e-11, 2.0, 300.0) == pytest.approx(expected, rel=0.01)


def test_every_page_has_its_place_on_the_site(repository: Path) -> None:
    """`make docs` takes minutes to refuse a page that no list of docs/index.md names."""
    docs = repository / "docs"
    listed = set(re.findall(r"^([a-z][\w/-]*)$", (docs / "index.md").read_text(), re.MULTILINE))
    made = {"commands"}  # when the site is built
    pages = {str(page.relative_to(docs).with_suffix("")) for page in docs.glob("*.md")}
    assert pages - listed == {"index"}
    assert listed - made - pages == {"tutorials/index"}
