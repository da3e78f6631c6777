"""The cache of compiled forms, kept free of what an interrupted compile left behind.

FFCx claims a form by creating its ``.c`` file and declares it compiled by a ``.c.cached`` file. A
compile that is killed between the two leaves a claim that nobody will fulfil: every later run
waits for it until it times out. Whether a claim is alive cannot be read off the file, so every
process of ours holds a shared lock on the directory. Whoever gets the lock exclusively is alone,
and all that is unfinished then is dead. While others are at work only old claims are removed.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections import defaultdict
from pathlib import Path

PATIENCE = 120
"""Time in s after which an untouched compile counts as dead, and FFCx stops waiting for it."""

LOCK_NAME = "users.lock"

_claims: dict[Path, int] = {}
"""Descriptors of the locks this process holds; the system frees them however it ends."""


def private_directory() -> Path:
    """Directory of our compiled forms: beside those of other FEniCS programs, not among them."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fenics" / "tusk"


def claim(directory: Path, *, private: bool = True) -> list[str]:
    """Register this process as a user of a cache and remove what interrupted compiles left.

    Parameters
    ----------
    directory : Path
        The cache; created if missing.
    private : bool
        Only our processes use it. In a cache shared with other programs, which take no lock,
        nothing younger than `PATIENCE` is touched.

    Returns
    -------
    list of str
        Names of the removed entries, empty if this process claimed the directory before.

    Raises
    ------
    OSError
        The directory cannot be created or written.
    """
    directory = directory.resolve()
    if directory in _claims:
        return []
    directory.mkdir(parents=True, exist_ok=True)
    lock = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    alone = _try_lock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    removed = remove_unfinished(directory, older_than=0 if alone and private else PATIENCE)
    _try_lock(lock, fcntl.LOCK_SH)
    _claims[directory] = lock
    return removed


def remove_unfinished(directory: Path, older_than: float) -> list[str]:
    """Remove cache entries that lack a part and were not touched for a while.

    Parameters
    ----------
    directory : Path
        The cache.
    older_than : float
        Age of the entry's youngest file, s.

    Returns
    -------
    list of str
        Names of the removed entries.
    """
    removed = []
    for name, files in _entries(directory).items():
        if not _is_complete(name, files) and _age(files) >= older_than:
            for file in files:
                file.unlink(missing_ok=True)
            removed.append(name)
    return removed


def _entries(directory: Path) -> dict[str, list[Path]]:
    """Files of each compiled object; the sources of failed compiles are kept for inspection."""
    entries: dict[str, list[Path]] = defaultdict(list)
    for file in directory.glob("libffcx_*"):
        if file.suffix != ".failed":
            entries[file.name.split(".", 1)[0]].append(file)
    return entries


def _is_complete(name: str, files: list[Path]) -> bool:
    names = {file.name for file in files}
    marks = {f"{name}.c", f"{name}.c.cached"}
    return marks <= names and any(file.suffix == ".so" for file in files)


def _age(files: list[Path]) -> float:
    """Seconds since the last change; a file that vanished was somebody's, so the age is 0."""
    try:
        return time.time() - max(file.stat().st_mtime for file in files)
    except FileNotFoundError:
        return 0.0


def _try_lock(lock: int, operation: int) -> bool:
    """Lock, or report that another process holds it or that the file system has no locks."""
    try:
        fcntl.flock(lock, operation)
    except OSError:
        return False
    return True
