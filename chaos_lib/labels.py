"""The labels on every container, network, volume and image that the lab creates."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil

OURS = "io.opchaos"
RUN = "io.opchaos.run"
OWNER = "io.opchaos.owner"
LAB_OWNER = "lab"


def labels(run_id: str, *, owner: str) -> dict[str, str]:
    """Return the labels for a new object.

    Args:
        run_id: The mission's run id.
        owner: `LAB_OWNER` for what `opchaos up` keeps until `opchaos down`, or `process_owner()`.
    """
    return {OURS: "true", RUN: run_id, OWNER: owner}


def namespace(run_id: str) -> str:
    """Return the name of a mission's namespace in a cluster."""
    return f"opchaos-{run_id}"


def process_owner(pid: int | None = None) -> str:
    """Return the owner mark of a process: machine, pid namespace, pid and start time.

    The start time tells a process from a later one that got the same pid.
    """
    process = psutil.Process(pid or os.getpid())
    return f"{_machine()}/{process.pid}/{process.create_time():.2f}"


def is_left_behind(owner: str) -> bool:
    """Whether the owner was a process of this machine that has ended.

    An owner on another machine, or in another pid namespace, cannot be judged from here: False.
    """
    if owner.count("/") != 2:
        return False
    machine, pid, started = owner.split("/")
    if machine != _machine():
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) > 1.0
    except psutil.NoSuchProcess:
        return True


def _machine() -> str:
    namespace = Path("/proc/self/ns/pid")
    inode = namespace.stat().st_ino if namespace.exists() else 0
    return f"{socket.gethostname()}:{inode}"
