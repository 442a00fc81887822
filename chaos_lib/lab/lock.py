"""One at a time: a lock between processes that names who holds it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from chaos_lib.errors import LabBusy
from chaos_lib.lab.facility import Progress, ProgressSink, no_progress


class Holder(BaseModel):
    """Who holds a lock.

    Attributes:
        pid: Its process id.
        doing: What it is doing: "starting the lab".
    """

    pid: int
    doing: str


@contextlib.contextmanager
def exclusive(
    path: Path, doing: str, *, timeout_s: float, progress: ProgressSink = no_progress
) -> Iterator[None]:
    """Hold the lock at `path` for the length of the block.

    The kernel lets go of it when the process ends, however it ends.

    Args:
        path: The lock file; made, never removed.
        doing: Told to whoever has to wait.
        timeout_s: Longest wait for another holder, in seconds; 0 does not wait.
        progress: Told once when there is somebody to wait for.

    Raises:
        LabBusy: Another process kept it for longer than that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    holder_file = path.with_suffix(".holder")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(
            Progress("Waiting for another process", _name(_read(holder_file)) + f", up to {timeout_s:.0f} s")
        )
        try:
            lock.acquire(timeout=timeout_s, poll_interval=0.1)
        except Timeout as exc:
            raise LabBusy(
                f"Another process is changing the lab right now, for longer than {timeout_s:.0f} s.",
                evidence=_name(_read(holder_file)),
                fix="Wait until it is done, or stop it with Ctrl-C in its own terminal, then try again.",
            ) from exc
    try:
        holder_file.write_text(Holder(pid=os.getpid(), doing=doing).model_dump_json(), encoding="utf-8")
        yield
    finally:
        holder_file.unlink(missing_ok=True)
        lock.release()


def _read(holder_file: Path) -> Holder | None:
    try:
        return Holder.model_validate_json(holder_file.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def _name(holder: Holder | None) -> str:
    return "its name is not known" if holder is None else f"process {holder.pid} is {holder.doing}"
