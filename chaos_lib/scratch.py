"""Folders for the length of one piece of work, inside the mission's state; those of killed processes are swept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from chaos_lib.settings import Settings


@contextmanager
def folder(settings: Settings, purpose: str) -> Iterator[Path]:
    """Make an empty folder, and delete it afterwards.

    Args:
        settings: Where the state is.
        purpose: One word for its name.
    """
    root = settings.state / "scratch"
    root.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=f"{psutil.Process().pid}-{purpose}-", dir=root))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def sweep(settings: Settings) -> int:
    """Delete the folders of processes that have ended; returns how many there were."""
    left = [
        path
        for path in (settings.state / "scratch").glob("[0-9]*-*-*")
        if path.name.split("-")[0].isdecimal() and not psutil.pid_exists(int(path.name.split("-")[0]))
    ]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)
