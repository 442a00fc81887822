"""SIGKILL at every fault point of attacks on containers: the next start brings every container back, and leaves none."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.image_catalogue import REDIS
from chaos_lib.lab.services.containers import image_prefix

pytestmark = pytest.mark.lab

DRIVER = Path(__file__).parent.parent / "container_kill_driver.py"


def two_free_ports():
    """A port that is free, and so is the next."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("", port + 1))
                return port


def test_every_kill_of_an_attack_on_containers_is_healed_by_the_next_start(live_lab, tmp_path):
    with contextlib.closing(DockerContainers(live_lab.settings).search().require().connect()) as client:
        image = image_prefix(client) + REDIS.name

    driver = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path / "mission"), image, str(two_free_ports())],
        capture_output=True,
        text=True,
        timeout=280,
    )

    assert driver.returncode == 0, driver.stderr
    cases = [json.loads(line) for line in driver.stdout.splitlines()]
    trouble = [case for case in cases if case["trouble"]]
    assert not trouble, f"{len(trouble)} of {len(cases)} kills were not healed"
    killed = Counter(case["name"] for case in cases)
    for name in ("take_port", "pause", "kill", "remove"):
        assert killed[f"{name}: launch"] >= 9
        assert killed[f"{name}: undo"] >= 7
