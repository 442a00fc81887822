"""Pick the Docker command line client that speaks BuildKit."""

from __future__ import annotations

import functools
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.command import Command
from chaos_lib.errors import ToolMissing

# Before 23.0 BuildKit is part of the client; since then it is the buildx plugin, without which
# the client silently falls back to the legacy builder. Source: Docker Engine 23.0 release notes.
_FIRST_WITH_PLUGIN = 23
_TIMEOUT_S = 10
_OWN = "/usr/bin/docker"


def clients() -> Sequence[Path]:
    """List the Docker clients: the first on PATH, then the distribution's own, then the rest of PATH."""
    places = [shutil.which("docker"), _OWN]
    places += [str(Path(folder) / "docker") for folder in os.environ.get("PATH", "").split(os.pathsep)]
    found = [Path(place) for place in places if place and os.access(place, os.X_OK) and Path(place).is_file()]
    return tuple(dict.fromkeys(found))


def buildkit_client() -> Path:
    """Return the first client that can build with BuildKit.

    Raises:
        ToolMissing: No client can.
    """
    seen = []
    for client in clients():
        if speaks_buildkit(client):
            return client
        seen.append(f"{client} has no buildx plugin")
    raise ToolMissing(
        "No Docker client here can build with BuildKit.",
        evidence="\n".join(seen) or "no `docker` on PATH",
        fix="Debian: `sudo apt-get install docker.io`. Elsewhere install Docker Desktop or the package "
        "`docker-buildx-plugin`.",
    )


def speaks_buildkit(client: Path) -> bool:
    """Whether a client builds with BuildKit when DOCKER_BUILDKIT=1 is set."""
    return _speaks_buildkit(client, client.stat().st_mtime_ns)


@functools.cache  # a build asks each time; the answer changes only with the file
def _speaks_buildkit(client: Path, modified_ns: int) -> bool:  # noqa: ARG001 - part of the cache's key
    version = Command((str(client), "--version")).run(timeout_s=_TIMEOUT_S)
    match = re.search(r"version (\d+)\.", version.output)
    if match and int(match[1]) < _FIRST_WITH_PLUGIN:
        return True
    return Command((str(client), "buildx", "version")).run(timeout_s=_TIMEOUT_S).is_success
