"""Who holds a port."""

from __future__ import annotations

import psutil

from chaos_lib.errors import PortTaken


def holder_of(port: int) -> str:
    """Name the process that listens on a TCP port of this machine.

    Returns:
        "`python` (process 4711)"; "a process of another user" when the system does not tell; empty when
        nobody listens.
    """
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS tells only root
        return "a process of another user"
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            if connection.pid is None:
                return "a process of another user"
            try:
                return f"`{psutil.Process(connection.pid).name()}` (process {connection.pid})"
            except psutil.NoSuchProcess:
                return ""
    return ""


def port_taken(port: int, *, evidence: str = "") -> PortTaken:
    """Return the error for a port in use, with the name of the process that holds it."""
    holder = holder_of(port) or "a process that is gone by now"
    return PortTaken(
        f"Port {port} is in use by {holder}.",
        evidence=evidence,
        fix="Stop that process, or let the lab choose a free port.",
    )
