"""Looks at the processes of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil


def all_processes() -> Iterator[psutil.Process]:
    """Return every process that lives now.

    `psutil.process_iter` hands out the objects of an earlier call again. Where a pid was given to a new process since,
    reading from such an object shows the new one, but ending it is refused as that of a process that is gone, and so
    the new one stays. Here every object is new. Source: psutil's documentation, `process_iter` and `Process.is_running`.
    """
    for pid in psutil.pids():
        with contextlib.suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)
