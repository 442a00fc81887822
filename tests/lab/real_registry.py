"""Debian's `docker-registry`, a real one, on a free port of loopback."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from chaos_lib.command import end_process_group
from chaos_lib.lab.debian import find_program, install, this_machine
from chaos_lib.lab.services.server import free_port
from chaos_lib.wait import Reading, wait_until

_PROGRAM = "docker-registry"
_CONFIGURATION = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: "{folder}"}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@contextlib.contextmanager
def real_registry(folder: Path) -> Iterator[str]:
    """Serve an empty registry; yields its name. Docker trusts plain HTTP on 127.0.0.0/8.

    Args:
        folder: For its files.
    """
    machine = this_machine()
    if machine.is_debian and machine.is_root:
        install((_PROGRAM,), (_PROGRAM,), lambda _: None)
    program = find_program(_PROGRAM)
    if program is None:
        pytest.skip(f"`{_PROGRAM}` is not installed, and only root on Debian can install it")
    port = free_port()
    folder.mkdir()
    configuration = folder / "config.yml"
    configuration.write_text(_CONFIGURATION.format(folder=folder / "data", port=port), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "serve", configuration],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"]},
            start_new_session=True,
        )
    try:
        wait_until(f"the registry answers on port {port}", lambda: _answers(port), timeout_s=20)
        yield f"127.0.0.1:{port}"
    finally:
        end_process_group(process)


def push(client: docker.DockerClient, image: str, name: str) -> None:
    """Push an image of the engine to a registry under another name; the engine keeps only the first one."""
    repository, _, tag = name.rpartition(":")
    assert client.api.tag(image, repository, tag)
    try:
        for news in client.api.push(repository, tag, stream=True, decode=True):
            assert "error" not in news, news["error"]
    finally:
        # By force: it may be the last name by now, of an image that somebody's container uses.
        client.api.remove_image(name, force=True)


def _answers(port: int) -> Reading:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/v2/")
        return Reading(connection.getresponse().status == 200)
    except OSError as exc:
        return Reading(False, str(exc))
    finally:
        connection.close()
