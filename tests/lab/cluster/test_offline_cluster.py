"""The offline cluster for real: once through everything on an engine of its own, and shared on the lab's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chaos_lib.contexts import Contexts
from chaos_lib.errors import ClusterUnavailable, EngineUnavailable
from chaos_lib.lab import Lab
from chaos_lib.lab.cluster import Cluster
from chaos_lib.lab.cluster.build.job import BuildJob
from chaos_lib.lab.cluster.offline import host
from chaos_lib.lab.cluster.offline.offline_cluster import OfflineCluster, install_programs
from chaos_lib.lab.cluster.offline.places import ClusterPlaces
from chaos_lib.lab.cluster.offline_provider import OfflineProvider
from chaos_lib.lab.cluster_facility import cluster_of
from chaos_lib.lab.containers import is_privileged
from chaos_lib.lab.debian import this_machine
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.facility import no_progress
from chaos_lib.settings import Settings
from chaos_lib.wait import Reading, wait_until
from tests.conftest import CLUSTER_BUILD_S, missing

from .round_trip import PARTS

pytestmark = [pytest.mark.lab, pytest.mark.timeout(CLUSTER_BUILD_S)]
Report = dict[str, Any]


@pytest.fixture(scope="module")
def trip(live_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What a cluster on an engine and in a network of its own went through; see `round_trip`.

    The live lab is up before: as root on Debian it has installed `dockerd`.
    """
    if not (is_privileged() and this_machine().is_debian):
        pytest.skip("the offline cluster needs root on Debian")
    BuildJob(live_lab.settings.cache).follow(no_progress)
    install_programs(no_progress)  # there is no network where it plays
    folder = tmp_path_factory.mktemp("round-trip") / "engine"
    script = ["unshare", "--net", sys.executable, "-m", "tests.lab.cluster.round_trip", str(folder)]
    result = subprocess.run(
        script, capture_output=True, text=True, timeout=900, check=False, cwd=Path(__file__).parents[3]
    )
    assert result.returncode == 0, result.stderr
    report: Report = json.loads(result.stdout)
    return report


def test_a_cluster_starts_and_runs_a_pod(trip: Report) -> None:
    assert trip["pod_runs"]
    up = trip["up"]
    assert any("KUBE-SERVICES" in line for line in up["rules"])
    assert any("/kubelet" in line for line in up["mounts"])
    assert any("sleeper" in name for name in up["containers"])
    assert up["cgroups"]
    assert up["logs"]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_was_killed_is_started_again(trip: Report, part: str) -> None:
    healed = trip["healed"][part]
    assert healed["killed"] == [part[:15]]
    assert healed["is_ready"]


def test_after_a_kill_of_everything_the_pod_runs_again(trip: Report) -> None:
    assert trip["all"]["killed"] == sorted(part[:15] for part in PARTS)
    assert trip["all"]["is_ready"]
    assert trip["pod_runs_again"]


def test_a_stop_leaves_the_host_as_it_was_even_after_a_kill(trip: Report) -> None:
    assert trip["after"] == trip["before"]
    assert trip["after"]["processes"] == trip["after"]["mounts"] == trip["after"]["cgroups"] == []


# On the lab's own engine, shared with whoever uses it


@pytest.fixture
def cluster(live_cluster: Lab) -> Cluster:
    """The session's cluster; the offline one, which these tests are about."""
    state = live_cluster.state()
    found = cluster_of(state.facility("cluster")) if state else None
    assert found is not None
    if found.provider != "offline":
        why = f"the cluster here is one by `{found.provider}`"
        # Root on Debian can have the offline one: there the tests of it may not go unnoticed.
        missing(why) if is_privileged() and this_machine().is_debian else pytest.skip(why)
    return found


def _kubectl(lab: Lab, *arguments: str, stdin: str = "") -> str:
    result = subprocess.run(
        ["kubectl", *arguments],
        env=lab.environment(),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


_APP = """
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: web}}
spec:
  containers:
  - name: web
    image: opchaos.local/python:3.11-slim
    command: [python3, -m, http.server, "8000"]
    readinessProbe: {httpGet: {path: /, port: 8000}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8000}]}
"""

_ASK = """
import socket, sys, urllib.request
status = urllib.request.urlopen("http://web/", timeout=10).status  # the pod's own service
try:
    socket.getaddrinfo("nobody", 80)
except socket.gaierror:
    unknown = "unknown"
print(status, unknown, socket.gethostbyname("kubernetes.default.svc.cluster.local"))
"""


def test_pods_find_services_by_name_and_the_host_by_node_port(live_cluster: Lab, cluster: Cluster) -> None:
    import httpx

    namespace = ("--namespace", cluster.namespace)
    _kubectl(live_cluster, *namespace, "apply", "-f", "-", stdin=_APP)
    _kubectl(live_cluster, *namespace, "wait", "--for=condition=Ready", "pod/server", "--timeout=90s")
    port = _kubectl(
        live_cluster, *namespace, "get", "service", "web", "-o", "jsonpath={.spec.ports[0].nodePort}"
    )

    def probe() -> Reading:
        try:
            return Reading(httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200)
        except httpx.HTTPError as exc:
            return Reading(False, str(exc))

    wait_until("the service answers at its node port", probe, timeout_s=30)
    status, unknown, api = _kubectl(
        live_cluster, *namespace, "exec", "server", "--", "python3", "-c", _ASK
    ).split()
    assert (status, unknown) == ("200", "unknown")
    assert api.endswith(".0.1")
    assert "GET / HTTP" in _kubectl(live_cluster, *namespace, "logs", "server")


def test_another_mission_has_its_own_namespace_and_leaves_the_cluster_to_the_first(
    live_cluster: Lab, cluster: Cluster, settings: Settings
) -> None:
    other = Lab(settings)
    found = cluster_of(other.up(also=("cluster",)).facility("cluster"))
    assert found is not None
    assert found.kubeconfig == cluster.kubeconfig
    assert found.namespace != cluster.namespace
    assert Contexts(settings.state).namespaces(found.context, found.kubeconfig) == (found.namespace,)
    other.down()
    namespaces = _kubectl(live_cluster, "get", "namespaces", "-o", "name").split()
    assert f"namespace/{cluster.namespace}" in namespaces
    assert f"namespace/{found.namespace}" not in namespaces
    assert live_cluster.status().is_up


def test_a_second_kubelet_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    places = ClusterPlaces(EnginePlaces.of(tmp_path / "engine"), cluster.programs or tmp_path)
    with pytest.raises(ClusterUnavailable) as caught:
        OfflineCluster(places).start(no_progress)
    assert "Another Kubernetes node runs on this machine" in caught.value.what
    assert "kube" in caught.value.evidence
    assert "opchaos allow-context" in caught.value.fix
    assert not places.folder.exists()


def test_without_an_engine_there_is_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "other_node", lambda _: "")
    monkeypatch.setattr("chaos_lib.lab.cluster.offline.offline_cluster.install", lambda *_: False)
    cluster = OfflineCluster(ClusterPlaces(EnginePlaces.of(tmp_path / "engine"), tmp_path))
    with pytest.raises(EngineUnavailable) as caught:
        cluster.start(no_progress)
    assert "has no address on its bridge" in caught.value.what
    assert not cluster.is_ready()


def test_packages_that_cannot_be_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise EngineUnavailable("apt could not install socat.", evidence="E: no mirror", fix="Mend apt.")

    monkeypatch.setattr("chaos_lib.lab.cluster.offline.offline_cluster.install", refuse)
    with pytest.raises(ClusterUnavailable) as caught:
        install_programs(no_progress)
    assert caught.value.evidence == "E: no mirror"
    assert "apt-get install conntrack" in caught.value.fix


def test_only_root_on_debian_is_offered_the_offline_cluster(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos_lib.lab.cluster.offline_provider.is_privileged", lambda: False)
    usability = OfflineProvider(settings).usability()
    assert (usability.is_usable, "root on Debian" in usability.reason) == (False, True)
    assert "kind" in usability.remedy
