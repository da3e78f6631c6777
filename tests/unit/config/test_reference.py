"""The generated references are up to date, complete, and agree with the loader."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tusk.solver.config import FilamentConfig, build_config
from tusk.solver.config.base import MARK, Section
from tusk.solver.config.drive import STEPS
from tusk.solver.config.families import Law, LawSection
from tusk.solver.config.materials import Metal, Oxide
from tusk.solver.config.quantities import PATTERN
from tusk.solver.config.reference import reference_text
from tusk.solver.config.schema import schema, schema_text
from tusk.solver.config.source import SOURCES

REGENERATE = "run `python -m tusk.solver.config.reference`"


def test_reference_is_up_to_date(repository: Path) -> None:
    assert (repository / "docs/config.md").read_text() == reference_text(), REGENERATE


def test_schema_is_up_to_date(repository: Path) -> None:
    assert (repository / "docs/schema.json").read_text() == schema_text() + "\n", REGENERATE


def sections() -> list[type[Section]]:
    annotations = [field.annotation for field in FilamentConfig.model_fields.values()]
    found = [a for a in annotations if isinstance(a, type) and issubclass(a, Section)]
    return [*found, *SOURCES.values(), *STEPS.values(), Metal, Oxide]


def laws() -> list[type[LawSection]]:
    return [section for _, section in FilamentConfig.law_sections()]


@pytest.mark.parametrize("model", sections(), ids=lambda model: model.__name__)
def test_every_key_is_explained(model: type[Section]) -> None:
    text = reference_text()
    for name, field in model.model_fields.items():
        key = field.alias or name
        assert field.description, f"{model.__name__}.{name}"
        assert f"| `{key.removeprefix(MARK)}` |" in text or name in ("until", "own")


@pytest.mark.parametrize(
    "law",
    # In the order of the sections: a set's order differs between the workers of a parallel run.
    dict.fromkeys(law for s in laws() for c in s.choices() for law in c.members.values()),
    ids=str,
)
def test_every_law_and_its_keys_are_explained(law: type[Law]) -> None:
    text = reference_text()
    assert law.__doc__
    assert law.__doc__ in text
    for key in law.own_keys():
        assert law.model_fields[key].description
        assert f"| `{key}` |" in text


def test_the_schema_tells_members_apart_by_a_discriminator() -> None:
    root = schema()
    assert root["discriminator"]["propertyName"] == "model"
    tunnel = root["$defs"]["Tunnel"]["allOf"]
    assert [each["discriminator"] for each in tunnel if "oneOf" in each] == [
        {"propertyName": "model"},
        {"propertyName": "heating"},
    ]


def test_no_cell_of_the_reference_is_empty() -> None:
    rows = [line for line in reference_text().splitlines() if line.startswith("| `")]
    assert len(rows) > 90
    for row in rows:
        key, allowed, default, meaning = (cell.strip() for cell in row.strip("|").split(" | "))
        assert key
        assert allowed
        assert default or key == "`period`"
        assert meaning


def combined(value: Any, node: dict[str, Any], root: dict[str, Any]) -> bool:
    """Check the words of JSON schema that hold other schemas of the same value."""
    holds = {"anyOf": any, "oneOf": lambda found: sum(found) == 1, "allOf": all}
    for word, decide in holds.items():
        options = node.get(word, [])
        if options and not decide([validate(value, option, root) for option in options]):
            return False
    if "if" in node:
        follows = "then" if validate(value, node["if"], root) else "else"
        if not validate(value, node.get(follows, {}), root):
            return False
    return "propertyNames" not in node or set(value) <= set(node["propertyNames"]["enum"])


def validate(value: Any, node: Any, root: dict[str, Any]) -> bool:
    """Check the part of JSON schema that our schema uses."""
    if node is False:
        return False
    if "$ref" in node:
        beside = {key: each for key, each in node.items() if key != "$ref"}
        target = root["$defs"][node["$ref"].rpartition("/")[2]]
        return validate(value, target, root) and validate(value, beside, root)
    if not combined(value, node, root):
        return False
    if "const" in node and value != node["const"]:
        return False
    if "enum" in node and value not in node["enum"]:
        return False
    if "pattern" in node and not (isinstance(value, str) and re.search(node["pattern"], value)):
        return False
    kinds: dict[str, Any] = {
        "string": str,
        "number": int | float,
        "integer": int,
        "boolean": bool,
        "null": type(None),
        "array": list,
        "object": dict,
    }
    if "type" in node and not isinstance(value, kinds[node["type"]]):
        return False
    if isinstance(value, dict):
        known = node.get("properties", {})
        extra = node.get("additionalProperties", True)
        return all(name in value for name in node.get("required", [])) and all(
            validate(child, known[name], root)
            if name in known
            else (isinstance(extra, dict) and validate(child, extra, root)) or extra is True
            for name, child in value.items()
        )
    if isinstance(value, list):
        items = [*node.get("prefixItems", [])]
        items += [node.get("items", {})] * (len(value) - len(items))
        return all(
            validate(child, item, root)
            for child, item in zip(value, items, strict=True)
            if isinstance(item, dict)
        )
    return True


def test_schema_accepts_what_loads(repository: Path) -> None:
    root = schema()
    configs = [yaml.safe_load(p.read_text()) for p in (repository / "configs").glob("*.yaml")]
    configs += [
        build_config({}).resolved(),
        {"tunnel": {"model": "none", "heating": "langevin"}, "filament": {"conductivity": "bulk"}},
        {"tunnel": {"heating": "law.py:Mine", "depth": "1 nm", "collector_share": 0.2}},
        {"model": "mesoscopic", "source": {"kind": "none"}},
        {"materials": {"Cu": {"density": "1 kg/m^3"}}, "source": {"compliance_current": "1 A"}},
        {"drive": [{"table": {"file": "w.csv"}}, {"table": {"points": [["0 s", "1 V"]]}}]},
        {"drive": [{"hold": {"for": "1 s"}, "until": {"quantity": "time_s", "above": "1 s"}}]},
    ]
    for config in configs:
        assert validate(config, root, root), json.dumps(config)


@pytest.mark.parametrize(
    "config",
    [
        {"stak": {}},
        {"stack": {"oxide_thickness": 10}},
        {"stack": {"oxide_thickness": "10"}},
        {"mesh": {"preset": "coarse"}},
        {"source": {"kind": "resistor", "compliance_current": "1 mA"}},
        {"tunnel": {"model": "simmons_full", "prefactor": 1.0}},
        {"tunnel": {"heating": "none", "collector_share": 0.2}},
        {"tunnel": {"model": "quantum"}},
        {"tunnel": {"modle": "none"}},
        {"filament": {"conductivity": "bulk", "specularity": 0.1}},
        {"model": "quantum"},
        {"source": {"resistance": "1 ohm"}},
        {"drive": [{"rampp": {}}]},
        {"drive": [{"ramp": {"to": "1 V"}}]},
        {"drive": [{"table": {}}]},
        {"members": "two"},
        {"materials": {"Cu": {"colour": "red"}}},
    ],
    ids=str,
)
def test_schema_refuses_what_does_not_load(config: dict[str, Any]) -> None:
    root = schema()
    assert not validate(config, root, root)


def test_schema_defaults_have_the_type_they_ask_for() -> None:
    root = schema()

    def walk(node: Any) -> None:
        for child in node.values() if isinstance(node, dict) else node:
            if isinstance(child, dict | list):
                walk(child)
        if (
            isinstance(node, dict)
            and "default" in node
            and isinstance(node["default"], str | float)
        ):
            assert validate(node["default"], node, root), node

    walk(root)


@pytest.mark.parametrize("text", ["10 nm", "1e26 m^-3", "3.9e-3 /K", "3.9e-3 1/K", "-1V", "100 µA"])
def test_pattern_takes_quantities(text: str) -> None:
    assert re.search(PATTERN, text)
