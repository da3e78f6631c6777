"""Continuing a run: which checkpoint, whether it fits the configuration and the files beside it.

No model is known here: each declares its state and the files that belong to it.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import yaml

from tusk.solver.checkpoint import FOLDER, NAME, CheckpointError, candidates, load
from tusk.solver.config import RunConfig
from tusk.solver.config.extensions import content_of
from tusk.solver.core.saved_run import SavedRun
from tusk.solver.errors import InputError
from tusk.solver.output import disk_errors

FREE = ("solver", "stepping", "output", "checkpoint", "members", "parameters")
"""Sections that may differ: how it is solved, what is written.  A set's values count, not its name.
"""


def description(config: RunConfig) -> dict[str, str]:
    """Return what a checkpoint says of its configuration: complete, as YAML, and its hash."""
    content = json.dumps({key: content_of(spec) for key, spec in config.code().items()})
    return {"yaml": config.to_yaml(), "physics_hash": config.physics_hash(), "law_sha256": content}


def usable_checkpoint(
    directory: Path, config: RunConfig, free: Collection[str] = ()
) -> SavedRun | None:
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
    SavedRun or None
        None if the run has written no checkpoint yet.

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
            saved = SavedRun.of(load(path))
            _check_files(path, directory, saved)
        except CheckpointError as error:
            complaints.append(str(error))
            continue
        _check_physics(config, saved.config, free)
        for complaint in complaints:
            sys.stderr.write(f"tusk: {complaint}; continuing from {path.name}\n")
        return saved
    if complaints:
        advice = "restore a copy, or start again with --overwrite"
        raise CheckpointError(f"--restart: {'; '.join(complaints)} ({advice})")
    return None


def _check_files(path: Path, directory: Path, saved: SavedRun) -> None:
    """Refuse a checkpoint that knows more of the run than its files do."""
    for name, reach in saved.tables.items():
        try:
            content = (directory / name).read_bytes()[: reach.length]
        except OSError as error:
            raise CheckpointError(f"{path}: {name} of the run cannot be read ({error})") from error
        if len(content) < reach.length or not content.endswith(f"{reach.last}\n".encode()):
            raise CheckpointError(f"{path}: {name} of the run was changed or cut off since")
    for name in saved.files:
        if not (directory / name).exists():
            raise CheckpointError(f"{path}: {name} of the run is missing")


# --- the configuration ----------------------------------------------------------------------------


def _check_physics(config: RunConfig, saved: Mapping[str, str], free: Collection[str]) -> None:
    now = description(config)
    before = dict(_leaves(yaml.safe_load(saved["yaml"])))
    after = dict(_leaves(yaml.safe_load(now["yaml"])))
    was, is_now = json.loads(saved["law_sha256"] or "{}"), json.loads(now["law_sha256"])
    for key, content in is_now.items():
        if was.get(key) == content and _class_of(before.get(key)) == _class_of(after.get(key)):
            after[key] = before[key]  # the same content elsewhere
        elif key in was:
            before[key] = f"a file with SHA-256 {was[key][:12]}"
    keys = [key for key in before | after if before.get(key) != after.get(key)]
    wrong = [key for key in keys if not _is_free(key, free)]
    if wrong:
        old, new = before.get(wrong[0]), after.get(wrong[0])
        more = f"; also changed: {', '.join(wrong[1:])}" if wrong[1:] else ""
        what = "differs from the checkpoint, --restart cannot change it"
        raise InputError(f"{wrong[0]}: {what}, allowed {old}, got {new}{more}")


def _class_of(spec: object) -> str:
    return str(spec).rpartition(":")[2]


def _is_free(key: str, free: Collection[str]) -> bool:
    section, _, name = key.partition(".")
    return (
        section in FREE or key in free or (section.startswith("drive[") and name.endswith("file"))
    )


def _leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
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
    saved = SavedRun.of(load(state))
    _check_files(state, parent, saved)
    with disk_errors(out):
        (out / FOLDER).mkdir(parents=True, exist_ok=True)
        copy_files(saved, parent, out)
        shutil.copyfile(state, out / FOLDER / NAME)


def copy_files(saved: SavedRun, source: Path, target: Path) -> None:
    """Copy the files of a run as far as a checkpoint of it knows them."""
    for name, reach in saved.tables.items():
        (target / name).write_bytes((source / name).read_bytes()[: reach.length])
    for name in saved.files:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
