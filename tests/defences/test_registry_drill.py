"""The drill without the registry; the proofs of `registry_throttled` play it whole, in a cluster."""

from __future__ import annotations

import contextlib

import pytest

from chaos_lib.defences.registry_drill import _tag
from chaos_lib.errors import BuildFailed
from chaos_lib.lab import Lab
from chaos_lib.lab.docker_containers import DockerContainers


@pytest.mark.lab
def test_an_image_that_was_never_built_is_said_to_be_missing(live_lab: Lab) -> None:
    engine = DockerContainers(live_lab.settings).search().require()

    with contextlib.closing(engine.connect()) as client, pytest.raises(BuildFailed) as caught:
        _tag(client, "opchaos.local/never-built:1", "127.0.0.1:1/never-built", "1")

    assert "opchaos.local/never-built:1" in caught.value.evidence
    assert "docker build" in caught.value.fix
