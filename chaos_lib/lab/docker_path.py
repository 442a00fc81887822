"""Let child processes find the Docker client that speaks BuildKit, whatever comes first on PATH."""

from __future__ import annotations

import os
from pathlib import Path

from chaos_lib.errors import ChaosError
from chaos_lib.lab.docker_client import buildkit_client, clients


def path_with_client(folder: Path, path: str) -> dict[str, str]:
    """Return a `PATH` on which `docker` is a client with BuildKit, or nothing when it is that already.

    Args:
        folder: Where a link to the client is put when one is needed.
        path: The PATH to put it in front of.
    """
    link = folder / "docker"
    if link.is_symlink() and link.exists():
        return {"PATH": f"{folder}{os.pathsep}{path}"}
    try:
        client = buildkit_client()
    except ChaosError:
        return {}
    if client == clients()[0]:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(client)
    return {"PATH": f"{folder}{os.pathsep}{path}"}
