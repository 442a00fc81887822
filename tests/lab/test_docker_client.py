"""The command line client that builds: asked once what it can do, and again when it was replaced."""

from __future__ import annotations

import os
from pathlib import Path

from chaos_lib.lab.docker_client import speaks_buildkit


def _write(client: Path, version: str, *, modified_s: int) -> None:
    client.write_text(
        f'#!/bin/sh\necho "$@" >> {client}.calls\n[ "$1" = buildx ] && exit 1\necho "Docker version {version}, build x"\n'
    )
    client.chmod(0o755)
    os.utime(client, (modified_s, modified_s))


def test_a_client_is_asked_once_and_again_when_it_was_replaced(tmp_path: Path) -> None:
    client = tmp_path / "docker"
    calls = tmp_path / "docker.calls"
    _write(client, "20.10.24", modified_s=1000)

    assert speaks_buildkit(client)
    assert speaks_buildkit(client)
    assert calls.read_text() == "--version\n"

    _write(client, "27.0.1", modified_s=2000)
    assert not speaks_buildkit(client)
    assert calls.read_text() == "--version\n--version\nbuildx version\n"
