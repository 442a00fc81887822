"""The System V segment that a killed Postgres leaves behind.

A running Postgres holds one tiny segment (56 bytes) as a lock on its data folder. It removes it itself, except
when its main process is killed with SIGKILL. Source: PostgreSQL docs, "Shared Memory and Semaphores".
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path("/proc/sysvipc/shm")
_IPC_RMID = 0
_SEGMENT_LINE = 6


@dataclass(frozen=True)
class Segment:
    """A segment as `postmaster.pid` names it.

    Attributes:
        key: System V key.
        shmid: The kernel's id.
        pid: The Postgres process that made it.
    """

    key: int
    shmid: int
    pid: int


def read_segment(pid_file: Path) -> Segment | None:
    """Read which segment a Postgres uses; None when the file is not there or not complete."""
    try:
        lines = pid_file.read_text(encoding="utf-8").splitlines()
        key, shmid = lines[_SEGMENT_LINE].split()
        return Segment(int(key), int(shmid), int(lines[0]))
    except (OSError, ValueError, IndexError):
        return None


def forget_segment(segment: Segment) -> None:
    """Remove a segment that nobody uses any more; one that is in use, or of another maker, is left alone."""
    if is_left_over(segment):
        ctypes.CDLL(None, use_errno=True).shmctl(segment.shmid, _IPC_RMID, None)


def is_left_over(segment: Segment) -> bool:
    """Whether the segment is still there, made by that process, and used by nobody (Linux only, else False)."""
    if not _TABLE.exists():
        return False
    for row in _TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        key, shmid, _perms, _size, made_by, _last, attached = row.split()[:7]
        if (int(key), int(shmid), int(made_by)) == (segment.key, segment.shmid, segment.pid):
            return int(attached) == 0
    return False
