"""A SQLite file of ours: opened for one transaction, and its errors in our words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos_lib import durable
from chaos_lib.errors import DiskFull, JournalDamaged, LabBusy

_BUSY_S = 10.0


@contextmanager
def transaction(path: Path, schema: str, *, what: str) -> Iterator[sqlite3.Connection]:
    """Open a file, made at first use, for one transaction; it is on the disk when the block ends.

    Args:
        path: The SQLite file.
        schema: One statement that makes its table unless it is there.
        what: The file's name for people, such as `mission log`.

    Raises:
        DiskFull: There is no room for it.
        LabBusy: Another process held the file for ten seconds.
        JournalDamaged: The file is not of this kind.
    """
    try:
        with durable.full_disk_told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path, timeout=_BUSY_S)) as connection, connection:
            connection.execute(schema)
            yield connection
    except (sqlite3.Error, OSError) as exc:
        raise told(path, exc, what=what) from exc


def told(path: Path, exc: Exception, *, what: str) -> DiskFull | LabBusy | JournalDamaged:
    """Say in our words what SQLite says; its messages are the same in every version of Python, its codes are not."""
    message = str(exc)
    if "is full" in message:
        return DiskFull(
            f"There is no room left for the {what}.", evidence=f"{path}: {message}", fix="Make room."
        )
    if "is locked" in message:
        return LabBusy(
            f"Another process is writing to the {what}.",
            evidence=f"{path}: {message} for {_BUSY_S:.0f} s",
            fix="Wait for it to end, or stop it; then try again.",
        )
    return JournalDamaged(
        f"The {what} cannot be read.",
        evidence=f"{path}: {message}",
        fix="Move the file away: a new one is begun, the workspace is not affected.",
    )
