"""`contact.transmissions_file`: what atoms said of the sites, read into the config."""

from pathlib import Path

import pytest

from tusk.solver.config import load_config
from tusk.solver.errors import InputError

BASE = "contact: {model: master_equation, transmissions_file: sites.csv}\n"


def config(folder: Path, text: str, *changes: str):
    (folder / "c.yaml").write_text(BASE)
    (folder / "sites.csv").write_text(text)
    return load_config(folder / "c.yaml", changes)


def test_the_numbers_count_and_not_the_name_of_the_file(tmp_path: Path) -> None:
    read = config(tmp_path, "transmission\n1\n0.25\n")
    assert read.contact.transmissions == (1.0, 0.25)
    (tmp_path / "again.yaml").write_text(read.to_yaml())
    (tmp_path / "sites.csv").unlink()
    again = load_config(tmp_path / "again.yaml")
    assert again.contact.transmissions == (1.0, 0.25)
    other = config(tmp_path, "member,transmission\n0,1\n1,0.25\n")
    assert read.physics_hash() == again.physics_hash() == other.physics_hash()
    assert config(tmp_path, "transmission\n1\n").physics_hash() != read.physics_hash()


def test_a_config_without_them_keeps_its_hash(repository: Path) -> None:
    """Their nulls do not enter it."""
    hashed = load_config(repository / "configs/buttberg2025_contact_1mA.yaml")._hashed()
    assert not [key for key in hashed["contact"] if key.startswith("transmissions")]


@pytest.mark.parametrize(
    ("text", "changes", "message"),
    [
        ("transmission\n1\n", ("contact.transmissions_file=no.csv",), "file: no such file"),
        ("T\n1\n", (), "file: wrong header, allowed transmission, got 'T'"),
        ("", (), "file: wrong header, allowed transmission"),
        ("transmission\n1\nx\n", (), "file: row 2 has no number there"),
        ("member,transmission\n1\n", (), "file: row 1 has no number there"),
        ("transmission\n1.2\n", (), "[0]: out of range"),
        ("transmission\nnan\n", (), "[0]: "),
        ("transmission\n", (), ": no sites, allowed at least one number"),
        ("transmission\n1\n", ("contact.model=handover",), ": belongs to model: master_equation"),
    ],
)
def test_refusals(tmp_path: Path, text: str, changes: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError) as refused:
        config(tmp_path, text, *changes)
    assert str(refused.value).startswith("contact.transmissions")
    assert message in str(refused.value)
