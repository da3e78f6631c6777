"""Loading a config: file, ``--set``, parameter set and material library become one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import InputError
from ..parameters import MATERIALS, PARAMETER_SETS, ParameterSet
from .base import LoadContext, closest, describe
from .messages import input_error
from .model import FilamentConfig
from .models import CONFIGS, DEFAULT_MODEL
from .overrides import apply_overrides
from .run_config import RunConfig
from .shipped import find_config
from .yaml_file import read_yaml


def load_config(
    path: str | Path, overrides: Sequence[str] = (), allow_code: bool = False
) -> RunConfig:
    """Return the config in a YAML file, complete and checked.

    Parameters
    ----------
    path
        The file, or the name of a shipped config.
    overrides
        ``key=value`` assignments made after reading, values in YAML.
    allow_code
        Accept a tunnel law from a Python file. The file is not run here.

    Raises
    ------
    InputError
        If anything is wrong; the message names the key, what is allowed and what was given.
    """
    path = find_config(Path(path))
    return build_config(read_yaml(path), path.parent, overrides, allow_code)


def build_config(
    raw: Mapping[str, object],
    base_dir: Path = Path(),
    overrides: Sequence[str] = (),
    allow_code: bool = False,
) -> RunConfig:
    """Return the config of a mapping spelled as a file would; see `load_config`."""
    raw = apply_overrides(dict(raw), overrides, _defaults(raw))
    merged = _merge(_defaults(raw), raw)
    _take_mean_free_path(merged)
    _refuse_keys_of_other_models(raw)
    context = LoadContext(base_dir, _drive_dimension(merged), allow_code)
    try:
        config = CONFIGS[_model(raw)].model_validate(merged, context=context)
    except ValidationError as error:
        raise input_error(error) from None
    return _with_used_materials(config) if isinstance(config, FilamentConfig) else config


def _refuse_keys_of_other_models(raw: Mapping[str, object]) -> None:
    ours = _model(raw)
    names = CONFIGS[ours].key_names()
    for key in raw:
        owners = [model for model, kind in CONFIGS.items() if key in kind.key_names()]
        if owners and key not in names:
            what = f"belongs to model {' or '.join(owners)}, not {ours}"
            raise InputError(f"{key}: {describe(what, ', '.join(names))}")


def _with_used_materials(config: FilamentConfig) -> FilamentConfig:
    """Return the config without the materials of the library that the cell does not have."""
    stack = config.stack
    used = (stack.oxide, stack.active_electrode, stack.counter_electrode)
    materials = {name: config.materials[name] for name in dict.fromkeys(used)}
    return config.model_copy(update={"materials": materials})


def _model(raw: Mapping[str, object]) -> str:
    name = raw.get("model", DEFAULT_MODEL)
    if not isinstance(name, str) or name not in CONFIGS:
        what = f"not available{closest(name, CONFIGS)}"
        raise InputError(f"model: {describe(what, ', '.join(CONFIGS), name)}")
    return name


def parameter_set(raw: Mapping[str, object]) -> ParameterSet:
    """Return the parameter set a config names, the default one of its model if it names none."""
    model = _model(raw)
    fitting = {name: chosen for name, chosen in PARAMETER_SETS.items() if chosen.model == model}
    name = raw.get("parameters", next(iter(fitting)))
    if not isinstance(name, str) or name not in fitting:
        what = f"no such parameter set of model {model}{closest(name, fitting)}"
        raise InputError(f"parameters: {describe(what, ', '.join(fitting), name)}")
    return fitting[name]


def _defaults(raw: Mapping[str, object]) -> dict[str, object]:
    """Return the parameter set over the material library, as a config file would spell them."""
    chosen = parameter_set(raw).as_mapping()
    if "materials" not in chosen:
        return chosen
    library = {
        "materials": {
            name: {key: cited.raw for key, cited in material.items()}
            for name, material in MATERIALS.items()
        }
    }
    return _merge(library, chosen)


def _merge(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Return `base` with the values of `over`; where `over` names another kind, it stands alone."""
    merged = deepcopy(dict(base))
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict) and _same_kind(below, value):
            merged[key] = _merge(below, value)
        else:
            merged[key] = deepcopy(value)
    return merged


def _same_kind(below: Mapping[str, object], over: Mapping[str, object]) -> bool:
    kind = below.get("kind")
    return bool(over.get("kind", kind) == kind)


def _take_mean_free_path(merged: dict[str, object]) -> None:
    """Fill `filament.mean_free_path` from the material of the active electrode."""
    filament, stack, materials = (merged.get(k) for k in ("filament", "stack", "materials"))
    if not (isinstance(filament, dict) and isinstance(stack, dict) and isinstance(materials, dict)):
        return
    name = stack.get("active_electrode")
    metal = materials.get(name) if isinstance(name, str) else None
    length = metal.get("mean_free_path") if isinstance(metal, dict) else None
    if length is not None:
        filament.setdefault("mean_free_path", length)


def _drive_dimension(merged: Mapping[str, object]) -> Any:
    source = merged.get("source")
    driven = isinstance(source, dict) and source.get("kind") == "current"
    return "current" if driven else "voltage"
