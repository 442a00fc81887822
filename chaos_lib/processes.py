"""Looks at the processes of this machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

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


def naming(mark: str) -> Sequence[psutil.Process]:
    """Return all processes that live and name `mark` on their command line, ourselves left out."""
    found = []
    for process in all_processes():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if any(mark in part for part in process.cmdline()):
                found.append(process)
    return found


def carrying(variable: str, value: str) -> Sequence[psutil.Process]:
    """Return all processes with this variable in their environment, ourselves left out."""
    return [process for process in all_processes() if carries(process, variable, value)]


def carries(process: psutil.Process, variable: str, value: str) -> bool:
    """Whether a process, not ourselves, has this variable; another user's, or one that is gone meanwhile, has not."""
    try:
        return process.pid != os.getpid() and process.environ().get(variable) == value
    except (psutil.Error, OSError):
        return False
