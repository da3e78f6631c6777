"""Continuing a run: which checkpoint, whether it fits the configuration and the files beside it."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tusk.solver.checkpoint import FOLDER, NAME, CheckpointError, Tree, candidates, load
from tusk.solver.config import RunConfig
from tusk.solver.config.extensions import is_law_spec, law_file
from tusk.solver.errors import InputError
from tusk.solver.models.protocol import End
from tusk.solver.output import disk_errors

TIMESERIES, CURVES, FIELD_TIMES = "timeseries.csv", "filament.csv", "field_times"
CONTACT = "contact.csv"
"""Names of the files that grow, and of the times of the field files, in a checkpoint."""

TABLES = (TIMESERIES, CURVES, CONTACT)
"""Files that grow line by line, each line beginning with its time; the last is with a contact."""

FREE = ("solver", "stepping", "output", "checkpoint", "members", "parameters")
"""Sections that may differ: how it is solved, what is written.  A set's values count, not its name.
"""


def description(config: RunConfig) -> dict[str, str]:
    """Return what a checkpoint says of its configuration: complete, as YAML, and its hash."""
    law = getattr(getattr(config, "tunnel", None), "model", "")
    content = hashlib.sha256(law_file(law).read_bytes()).hexdigest() if is_law_spec(law) else ""
    return {"yaml": config.to_yaml(), "physics_hash": config.physics_hash(), "law_sha256": content}


def usable_checkpoint(
    directory: Path, config: RunConfig, free: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return the newest checkpoint of a run that is whole and fits its files; on one process.

    Parameters
    ----------
    directory
        The run directory.
    config
        The configuration to continue with.
    free
        Keys such as ``source.compliance_current`` that may differ besides `FREE`.

    Returns
    -------
    dict or None
        What `FilamentRun.snapshot` returned, None if the run has written no checkpoint yet.

    Raises
    ------
    CheckpointError
        If none can be used; every reason is named.
    InputError
        If the physics was changed; the keys are named.
    """
    found = [path for path in candidates(directory) if path.exists()]
    complaints = []
    for path in found:
        try:
            saved = load(path)
            _check_files(path, directory, saved)
        except CheckpointError as error:
            complaints.append(str(error))
            continue
        _check_physics(config, saved["config"], free)
        for complaint in complaints:
            sys.stderr.write(f"tusk: {complaint}; continuing from {path.name}\n")
        return saved
    if complaints:
        advice = "restore a copy, or start again with --overwrite"
        raise CheckpointError(f"--restart: {'; '.join(complaints)} ({advice})")
    return None


def _check_files(path: Path, directory: Path, saved: Tree) -> None:
    """Refuse a checkpoint that knows more of the run than its files do."""
    outputs, last = saved["outputs"], saved["run"]["time_s"]
    for name in _tables(outputs):
        file = directory / name
        try:
            content = file.read_bytes()[: outputs[name]]
        except OSError as error:
            raise CheckpointError(f"{path}: {name} of the run cannot be read ({error})") from error
        time = content.rpartition(b"\n")[0].rpartition(b"\n")[2].partition(b",")[0]
        if len(content) < outputs[name] or not content.endswith(b"\n") or time != _cell(last):
            raise CheckpointError(f"{path}: {name} of the run was changed or cut off since")
    for number in range(len(outputs[FIELD_TIMES])):
        if not (directory / "fields" / f"fields_{number:05d}.vtu").exists():
            raise CheckpointError(f"{path}: field file {number} of the run is missing")


def _tables(outputs: Tree) -> list[str]:
    return [name for name in TABLES if outputs.get(name) is not None]


def _cell(time: float) -> bytes:
    return repr(float(time)).encode()


def ended(saved: Tree) -> End | None:
    """Return how the run ended that wrote a checkpoint, None if it went on."""
    end = End(**saved["run"]["end"])
    return None if end.status == "running" else end


# --- the configuration ----------------------------------------------------------------------------


def _check_physics(config: RunConfig, saved: Mapping[str, str], free: Collection[str]) -> None:
    now = description(config)
    before = dict(_leaves(yaml.safe_load(saved["yaml"])))
    after = dict(_leaves(yaml.safe_load(now["yaml"])))
    if saved["law_sha256"] != now["law_sha256"]:
        before["tunnel.model"] = f"a file with SHA-256 {saved['law_sha256'][:12]}"
    elif saved["law_sha256"]:
        after["tunnel.model"] = before["tunnel.model"]  # the same content elsewhere
    keys = [key for key in before | after if before.get(key) != after.get(key)]
    wrong = [key for key in keys if not _is_free(key, free)]
    if wrong:
        old, new = before.get(wrong[0]), after.get(wrong[0])
        more = f"; also changed: {', '.join(wrong[1:])}" if wrong[1:] else ""
        what = "differs from the checkpoint, --restart cannot change it"
        raise InputError(f"{wrong[0]}: {what}, allowed {old}, got {new}{more}")


def _is_free(key: str, free: Collection[str]) -> bool:
    section, _, name = key.partition(".")
    return (
        section in FREE or key in free or (section.startswith("drive[") and name.endswith("file"))
    )


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted key and the value of everything that is no section."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _leaves(child, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list) and node and isinstance(node[0], dict):
        for number, child in enumerate(node):
            yield from _leaves(child, f"{path}[{number}]")
    else:
        yield path, node


# --- forks ----------------------------------------------------------------------------------------


def fork(parent: Path, state: Path, out: Path) -> None:
    """Make ``out`` a run directory that continues ``parent`` from one of its checkpoint files.

    Copies what the parent had written by then, and the checkpoint.  ``run_config`` with
    ``restart=True`` goes on there; its ``free_keys`` names what the configuration changes.

    Parameters
    ----------
    parent
        Directory of the run, finished or not.
    state
        A file that `FilamentRun.save` or a checkpoint wrote for it.
    out
        A new or empty directory.

    Raises
    ------
    CheckpointError
        If the file is damaged or does not belong to the parent.
    OutputError
        If the disk refuses.
    """
    saved = load(state)
    _check_files(state, parent, saved)
    outputs = saved["outputs"]
    with disk_errors(out):
        for folder in (FOLDER, "fields"):
            (out / folder).mkdir(parents=True, exist_ok=True)
        for name in _tables(outputs):
            (out / name).write_bytes((parent / name).read_bytes()[: outputs[name]])
        for number in range(len(outputs[FIELD_TIMES])):
            name = f"fields/fields_{number:05d}.vtu"
            shutil.copyfile(parent / name, out / name)
        shutil.copyfile(state, out / FOLDER / NAME)
