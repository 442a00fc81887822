"""The finished Jenkinsfile, for real: to a green deployment in the lab's cluster."""

from __future__ import annotations

import os

import pytest

from chaos_lib import environment
from chaos_lib.cluster import blue_green
from chaos_lib.cluster.target import lab_target
from chaos_lib.defences.base import DefenceContext
from chaos_lib.lab import Lab
from chaos_lib.mission import with_lab_names
from chaos_lib.phases import FINISHED
from chaos_lib.pipeline.declared import SIGNING_KEY, store_of
from chaos_lib.pipeline.mission_build import run_mission_pipeline
from chaos_lib.pipeline.protocol import BuildResult, StageStatus
from chaos_lib.settings import Tier
from chaos_lib.workspace import Workspace

pytestmark = pytest.mark.lab
STAGES = (
    "Check", "Lint", "Unit tests", "Manifests", "Image", "Tests", "Image gate", "Sign",
    "Deploy", "Green beside blue", "Smoke gate", "Switch", "Declarative: Post Actions",
)  # fmt: skip
_LONGEST_S = 600.0


def test_it_tests_builds_signs_and_deploys_green_and_no_word_of_the_key_is_left(live_cluster: Lab) -> None:
    settings = live_cluster.settings
    workspace = Workspace(settings)
    workspace.create(FINISHED)
    lab = with_lab_names(live_cluster.environment(), settings.run_id())
    context = DefenceContext(
        workspace.folder, environment.load(workspace.folder, lab), lab, settings, Tier.EMBEDDED
    )
    key = store_of(settings).get(SIGNING_KEY)
    assert key is not None

    record = run_mission_pipeline(context, timeout_s=_LONGEST_S)

    assert record.result is BuildResult.SUCCESS, record.log
    assert tuple(stage.name for stage in record.stages) == STAGES
    assert {stage.status for stage in record.stages} == {StageStatus.SUCCESS}
    assert record.tests.total > 150
    assert record.tests.failed == 0
    assert blue_green.serving(lab_target(lab).connect()) == "green"
    assert record.folder is not None
    kept = [path for path in record.folder.rglob("*") if path.is_file()]
    assert any(path.name == "image.signature" for path in kept)
    value = key.secret.get_secret_value().encode()
    assert [path for path in kept if value in path.read_bytes()] == []
    assert value.decode() not in os.environ.values()
