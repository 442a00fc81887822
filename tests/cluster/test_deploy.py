"""Apply, watch, take back: on a model that keeps objects."""

from __future__ import annotations

import json

import pytest

from chaos_lib.cluster import deploy
from chaos_lib.cluster.diagnosis import Cause, Diagnosis
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import Key, key_of
from chaos_lib.cluster.recorded_api import RecordedApi
from chaos_lib.errors import ClusterRefused
from tests.cluster.recording import NAME, frames

CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings"},
    "data": {"level": "info"},
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}},
}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": NAME},
    "spec": {"replicas": 2},
}


def data(api: RecordedApi, name: str = "settings") -> object:
    found = api.read(Key("v1", "ConfigMap", name))
    return None if found is None else found["data"]


def changed(level: str) -> dict:
    return {**CONFIG, "data": {"level": level}}


def test_objects_are_applied_in_an_order_in_which_nothing_waits() -> None:
    api = RecordedApi()

    deploy.apply(api, Manifests((DEPLOYMENT, SERVICE, CONFIG)))

    assert [key.kind for _, key in api.writes] == ["ConfigMap", "Service", "Deployment"]


def test_every_object_remembers_what_was_applied() -> None:
    api = RecordedApi()

    deploy.apply(api, Manifests((CONFIG,)))
    deploy.apply(api, Manifests((changed("debug"),)))

    noted = api.read(key_of(CONFIG))["metadata"]["annotations"][deploy.APPLIED]
    assert json.loads(noted) == changed("debug")


def test_taking_back_brings_every_object_to_what_it_was() -> None:
    api = RecordedApi()
    deploy.apply(api, Manifests((CONFIG,)))

    applied = deploy.apply(api, Manifests((changed("debug"), SERVICE)))
    for _ in range(2):  # twice is once
        deploy.take_back(api, applied)
        assert data(api) == {"level": "info"}
        assert api.read(key_of(SERVICE)) is None


def test_an_object_that_nobody_applied_is_put_back_whole() -> None:
    theirs = {**CONFIG, "metadata": {"name": "settings", "labels": {"by": "hand"}}}
    api = RecordedApi([theirs])

    deploy.take_back(api, deploy.apply(api, Manifests((changed("debug"),))))

    assert api.writes[-1] == ("replace", key_of(CONFIG))
    assert api.read(key_of(CONFIG))["metadata"]["labels"] == {"by": "hand"}


def test_what_was_changed_by_hand_since_it_was_applied_comes_back_as_the_hand_left_it() -> None:
    api = RecordedApi()
    deploy.apply(api, Manifests((CONFIG,)))
    by_hand = {**api.read(key_of(CONFIG)), "data": {"level": "by hand"}}
    api.replace(by_hand)

    deploy.take_back(api, deploy.apply(api, Manifests((changed("debug"),))))

    assert data(api) == {"level": "by hand"}


def test_a_good_version_stays(clock) -> None:
    api = RecordedApi(frames=frames("healthy"))

    result = deploy.deploy(api, Manifests((CONFIG, DEPLOYMENT)), clock=clock)

    assert result.is_good
    assert not result.is_undone
    assert data(api) == {"level": "info"}


def test_a_bad_version_is_taken_back_and_the_cause_is_kept(clock) -> None:
    api = RecordedApi([CONFIG], frames=frames("crash_loop"))

    result = deploy.deploy(api, Manifests((changed("loud"), DEPLOYMENT)), clock=clock)

    assert result.diagnosis.cause is Cause.CRASH_LOOP
    assert result.is_undone
    assert data(api) == {"level": "info"}


def test_without_the_gate_a_bad_version_stays_for_inspection(clock) -> None:
    api = RecordedApi([CONFIG], frames=frames("crash_loop"))

    result = deploy.deploy(api, Manifests((changed("loud"), DEPLOYMENT)), is_gated=False, clock=clock)

    assert not result.is_good
    assert data(api) == {"level": "loud"}


def test_an_object_that_the_server_refuses_takes_the_others_back(clock) -> None:
    api = RecordedApi([CONFIG], refuses={"Deployment": "maxUnavailable: may not be 0 when `maxSurge` is 0"})

    result = deploy.deploy(api, Manifests((changed("loud"), DEPLOYMENT)), clock=clock)

    assert isinstance(result.refusal, ClusterRefused)
    assert "may not be 0" in result.refusal.evidence
    assert result.is_undone
    assert data(api) == {"level": "info"}


def test_what_answers_wrongly_from_the_outside_is_taken_back(clock) -> None:
    api = RecordedApi([CONFIG], frames=frames("healthy"))
    wrong = Diagnosis(Cause.SELECTOR, "Nobody answers.", "none", "kubectl get endpoints")

    result = deploy.deploy(api, Manifests((changed("loud"), DEPLOYMENT)), smoke=lambda: wrong, clock=clock)

    assert result.diagnosis == wrong
    assert data(api) == {"level": "info"}


def test_ctrl_c_in_the_middle_leaves_no_half_version(clock) -> None:
    api = RecordedApi([CONFIG], frames=frames("rollout")[1:2])

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy.deploy(api, Manifests((changed("loud"), DEPLOYMENT)), on_progress=interrupt, clock=clock)

    assert data(api) == {"level": "info"}
