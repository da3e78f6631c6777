"""Loading a config: file, ``--set``, parameter set and material library become one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import InputError
from ..parameters import MATERIALS, PARAMETER_SETS, ParameterSet
from .base import LoadContext, closest, describe
from .common import RunConfig
from .layers import layered, merged_with, take_mean_free_path, take_surface
from .messages import input_error
from .models import CONFIGS, DEFAULT_MODEL
from .overrides import apply_overrides, set_keys
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
        Accept laws and observables from Python files. The files are not run here.

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
    _refuse_keys_of_other_models(raw)
    merged = layered(CONFIGS[_model(raw)], _defaults(raw), raw, set_keys(overrides))
    take_mean_free_path(merged)
    take_surface(merged)
    context = LoadContext(base_dir, _drive_dimension(merged), allow_code)
    try:
        config = CONFIGS[_model(raw)].model_validate(merged, context=context)
    except ValidationError as error:
        raise input_error(error) from None
    return config.without_unused()


def _refuse_keys_of_other_models(raw: Mapping[str, object]) -> None:
    ours = _model(raw)
    names = CONFIGS[ours].key_names()
    for key in raw:
        owners = [model for model, kind in CONFIGS.items() if key in kind.key_names()]
        if owners and key not in names:
            what = f"belongs to model {' or '.join(owners)}, not {ours}"
            raise InputError(f"{key}: {describe(what, ', '.join(names))}")


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
    return merged_with(library, chosen)


def _drive_dimension(merged: Mapping[str, object]) -> Any:
    source = merged.get("source")
    driven = isinstance(source, dict) and source.get("kind") == "current"
    return "current" if driven else "voltage"
