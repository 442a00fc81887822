"""Why an embedded server could not start, or ended: its log and the system's errors as ours."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator

from chaos_lib.errors import LabError, ServiceDied
from chaos_lib.lab.debian import disk_full, says_disk_full
from chaos_lib.lab.ports import port_taken

_EVIDENCE_LINES = 15


def error_from_log(kind: str, port: int, log: str) -> LabError:
    """Translate the last words of a server into an error.

    Args:
        kind: `postgres` or `redis`.
        port: Where it should have listened.
        log: What it wrote.
    """
    evidence = "\n".join(log.rstrip().splitlines()[-_EVIDENCE_LINES:])
    if "Address already in use" in log:
        return port_taken(port, evidence=evidence)
    if says_disk_full(log):
        return disk_full(f"starting the embedded {kind}", evidence)
    return ServiceDied(
        f"The embedded {kind} ended although it should run.",
        evidence=evidence or "it wrote no log",
        fix="The last lines of its log name the cause. Start it again; `opchaos doctor` checks memory and disk.",
    )


def require_free(host: str, port: int) -> None:
    """Make sure that a port can be listened on.

    Raises:
        PortTaken: It cannot.
    """
    with socket.socket() as probe:
        # As servers do: a port whose old connections only linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise port_taken(port, evidence=f"bind {host}:{port}: {exc.strerror}") from exc


@contextlib.contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Translate a full disk inside the block.

    Args:
        doing: Completes "No room left on a disk while ...".

    Raises:
        DiskFull: The block met ENOSPC or a quota.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise disk_full(doing, f"{exc.strerror}: {exc.filename or 'no file named'}") from exc
