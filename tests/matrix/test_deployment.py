"""Between two attacks the cluster holds the clean project in blue, whatever a gate deployed."""

from __future__ import annotations

import pytest

from chaos_lib.attacks import manifest_corrupt, schema_breaks_old_colour
from chaos_lib.cluster import blue_green
from chaos_lib.cluster.objects import Key
from chaos_lib.cluster.target import lab_target
from chaos_lib.defences.catalogue import find
from chaos_lib.errors import LabError
from chaos_lib.matrix.deployment import put_back
from chaos_lib.mission import with_lab_names
from chaos_lib.proofs import ProofGround
from chaos_lib.settings import Settings, Tier

GREEN = Key("apps/v1", "Deployment", "mission-control-green")


def test_without_a_cluster_nothing_happens(settings: Settings):
    put_back(ProofGround(settings, {}, Tier.EMBEDDED))

    assert not settings.home.exists()


@pytest.mark.lab
def test_blue_serves_again_and_green_is_gone(own_cluster):
    ground = ground_of(own_cluster)
    put_back(ground)
    api = lab_target(ground.lab).connect()
    blue = api.read(Key("apps/v1", "Deployment", "mission-control-blue"))
    assert blue is not None
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": GREEN.name, "labels": dict(blue["metadata"].get("labels") or {})},
        "spec": {**blue["spec"], "replicas": 0},
    }
    api.apply(body)
    blue_green.flip(api, "green")

    put_back(ground)

    assert blue_green.serving(api) == "blue"
    assert api.read(GREEN) is None


@pytest.mark.lab
def test_a_database_that_an_attacked_version_has_changed_is_made_anew(own_cluster):
    ground = ground_of(own_cluster)
    ground.experiment.launch(schema_breaks_old_colour.ATTACK)
    try:
        find("rollout-gate").run(ground.context)
    finally:
        ground.experiment.undo(schema_breaks_old_colour.ATTACK.name)

    put_back(ground)

    assert find("availability-probe").run(ground.context).is_green


@pytest.mark.lab
def test_a_cluster_that_cannot_be_brought_back_is_told(own_cluster):
    ground = ground_of(own_cluster)
    ground.experiment.launch(manifest_corrupt.ATTACK)
    try:
        with pytest.raises(LabError) as caught:
            put_back(ground)
    finally:
        ground.experiment.undo(manifest_corrupt.ATTACK.name)
    assert "brought back" in caught.value.what
    assert "MANIFESTS_BROKEN" in caught.value.evidence
    assert "Run the matrix again" in caught.value.fix


def ground_of(lab) -> ProofGround:
    settings = lab.settings
    ground = ProofGround(settings, with_lab_names(lab.environment(), settings.run_id()), Tier.LIVE)
    assert ground.experiment.workspace.exists
    return ground
