"""Fixtures for tests that start engines of their own, beside the one the machine uses."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaos_lib.lab import Lab
from chaos_lib.lab.containers import is_privileged
from chaos_lib.lab.debian import find_program
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.own_engine import OwnEngine
from tests.conftest import missing


@pytest.fixture
def own_engine(tmp_path: Path, live_lab: Lab) -> Iterator[OwnEngine]:
    """A second engine of the lab, down; it leaves the firewall alone, so the first one keeps its rules.

    The live lab is up before: as root on Debian it has installed `dockerd`.
    """
    if not is_privileged():
        pytest.skip("only root can start a second Docker engine")
    if find_program("dockerd") is None:
        missing("`dockerd` is not installed, so there is no second Docker engine to start")
    engine = OwnEngine(EnginePlaces.of(tmp_path / "engine"), manages_firewall=False)
    try:
        yield engine
    finally:
        engine.stop(lambda _: None)


def traces(places: EnginePlaces) -> list[str]:
    """Return what an engine has left on this machine: processes, mounts, its bridge, its files in /run."""
    marks = (str(places.folder), str(places.run))
    found = [
        f"process {process.pid} {process.info['name']}"
        for process in psutil.process_iter(["name", "cmdline"])
        if any(mark in part for part in process.info["cmdline"] or () for mark in marks)
    ]
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    found += [f"mount {line}" for line in mounts if any(mark in line for mark in marks)]
    if places.run.exists():
        found.append(f"folder {places.run}")
    if places.bridge in [name for _, name in socket.if_nameindex()]:
        found.append(f"bridge {places.bridge}")
    return found
