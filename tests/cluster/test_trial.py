"""A trial brings back what was there, whatever came of it."""

from __future__ import annotations

import pytest

from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import Key
from chaos_lib.cluster.recorded_api import RecordedApi
from chaos_lib.cluster.trial import restarted, trial

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "1"}}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}},
}


def test_a_restart_changes_a_deployments_pods_and_nothing_else() -> None:
    manifests = Manifests((CONFIG, DEPLOYMENT))

    config, deployment = restarted(manifests, "again")

    assert config == CONFIG
    template = deployment["spec"]["template"]
    assert template["metadata"]["labels"] == {"app": "web"}
    assert list(template["metadata"]["annotations"].values()) == ["again"]
    assert "annotations" not in DEPLOYMENT["spec"]["template"]["metadata"], "what was given stays as it is"


def test_objects_are_what_they_were_after_an_error_and_new_ones_are_gone() -> None:
    api = RecordedApi()
    api.apply(CONFIG)
    key = Key("v1", "ConfigMap", "settings")
    new = {**CONFIG, "metadata": {"name": "new"}}

    during = []

    def act() -> None:
        with trial(api, Manifests(({**CONFIG, "data": {"a": "2"}}, new))):
            during.append(api.read(key)["data"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()

    assert during == [{"a": "2"}]
    assert api.read(key)["data"] == {"a": "1"}
    assert api.read(Key("v1", "ConfigMap", "new")) is None
