"""What every provider of a cluster promises, on recorded command lines and small API servers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from chaos_lib.contexts import Contexts
from chaos_lib.errors import ClusterUnavailable, GuardRefused, Interrupted
from chaos_lib.guard import Guard
from chaos_lib.lab.cluster import Cluster, ClusterProvider
from chaos_lib.lab.cluster.fake_cluster import FakeClusterProvider
from chaos_lib.lab.cluster.hand_over import hand_over_of
from chaos_lib.lab.cluster.kind import KindCluster
from chaos_lib.lab.cluster.minikube import MinikubeCluster
from chaos_lib.lab.cluster.named_context import NamedContext
from chaos_lib.lab.cluster_facility import ClusterFacility, cluster_of
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.facility import Progress, no_progress
from chaos_lib.lab.fake_containers import FakeContainers
from chaos_lib.lab.lab import Lab
from chaos_lib.settings import Settings, Tier

from .conftest import Actor, ApiServer, allow

ENGINE = {"DOCKER_HOST": "unix:///run/of/the/lab.sock"}
Make = Callable[[str], Actor]


@pytest.fixture
def kind(settings: Settings, actor: Make, api_server: ApiServer) -> tuple[KindCluster, Actor]:
    provider = KindCluster(settings, ENGINE)
    program = actor("kind")
    written = api_server.kubeconfig(f"kind-{provider.cluster_name}")
    program.plays("create cluster", writes=(written, "--kubeconfig"))
    program.plays("get clusters", output="No kind clusters found.")
    return provider, program


@pytest.fixture
def minikube(settings: Settings, actor: Make, api_server: ApiServer) -> tuple[MinikubeCluster, Actor]:
    provider = MinikubeCluster(settings, ENGINE)
    program = actor("minikube")
    program.plays(" start", writes=(api_server.kubeconfig(provider.cluster_name), "KUBECONFIG"))
    program.plays("profile list", output=f'{{"invalid":[],"valid":[{{"Name":"{provider.cluster_name}"}}]}}')
    return provider, program


@pytest.fixture
def named(settings: Settings, users_kubeconfig: Path) -> NamedContext:
    chosen = settings.model_copy(update={"context": "playground"})
    allow(Contexts(settings.state), "playground", users_kubeconfig)
    return NamedContext(chosen, ENGINE)


@pytest.fixture(params=["kind", "minikube", "named", "fake"])
def provider(request: pytest.FixtureRequest, settings: Settings) -> ClusterProvider:
    if request.param == "fake":
        return FakeClusterProvider(settings)
    found = request.getfixturevalue(request.param)
    return found[0] if isinstance(found, tuple) else found


def test_a_provider_is_down_then_up_then_down_and_each_may_be_said_twice(
    provider: ClusterProvider, settings: Settings
) -> None:
    assert provider.usability().is_usable
    assert provider.attach() is None
    assert provider.stop(purge=False, progress=no_progress) == ()

    news: list[Progress] = []
    cluster = provider.start(news.append)
    assert news
    assert cluster == provider.start(no_progress) == provider.attach()
    assert (cluster.provider, cluster.tier) == (provider.name, provider.tier)
    assert cluster.namespace == f"opchaos-{settings.run_id()}"
    assert cluster.kubeconfig.is_relative_to(settings.state)
    assert cluster.kubeconfig.stat().st_mode & 0o777 == 0o600
    assert yaml.safe_load(cluster.kubeconfig.read_text())["current-context"] == cluster.context

    provider.stop(purge=False, progress=no_progress)
    assert provider.attach() is None
    assert not cluster.kubeconfig.exists()
    assert provider.stop(purge=False, progress=no_progress) == ()


def test_kind_makes_a_cluster_of_its_own_in_a_file_of_its_own(kind: tuple[KindCluster, Actor]) -> None:
    provider, program = kind
    cluster = provider.start(no_progress)
    assert cluster.context == f"kind-{provider.cluster_name}"
    assert provider.hand_over("mission-control:1.0", no_progress) == "mission-control:1.0"
    program.plays("get clusters", output=f"mine\n{provider.cluster_name}")
    provider.stop(purge=True, progress=no_progress)
    name, file = provider.cluster_name, cluster.kubeconfig
    assert program.command_lines == [
        "get clusters",
        f"create cluster --name {name} --kubeconfig {file} --wait 180s",
        f"load docker-image mission-control:1.0 --name {name}",
        f"delete cluster --name {name} --kubeconfig {file}",
    ]
    assert {variables["DOCKER_HOST"] for _, variables in program.calls} == {ENGINE["DOCKER_HOST"]}


def test_a_kind_cluster_that_answers_no_more_is_made_anew(
    kind: tuple[KindCluster, Actor], api_server: ApiServer
) -> None:
    provider, program = kind
    cluster = provider.start(no_progress)
    cluster.kubeconfig.write_text(
        cluster.kubeconfig.read_text().replace(api_server.url, "http://127.0.0.1:1")
    )
    assert provider.attach() is None
    program.plays("get clusters", output=provider.cluster_name)
    assert provider.start(no_progress) == cluster
    verbs = [line.partition(" --")[0] for line in program.command_lines]
    assert verbs == ["get clusters", "create cluster", "get clusters", "delete cluster", "create cluster"]


def test_what_kind_says_when_it_fails_is_the_evidence(kind: tuple[KindCluster, Actor]) -> None:
    provider, program = kind
    program.plays("create cluster", code=1, output="ERROR: failed to pull image kindest/node")
    with pytest.raises(ClusterUnavailable) as caught:
        provider.start(no_progress)
    assert caught.value.what == "kind could not make a cluster."
    assert "failed to pull image" in caught.value.evidence
    assert "kind create cluster" in caught.value.fix
    # What it had begun is put away by `down`.
    provider.stop(purge=False, progress=no_progress)
    assert program.command_lines[-1].startswith("delete cluster")


def test_minikube_has_a_profile_of_its_own_and_leaves_the_users_file_alone(
    minikube: tuple[MinikubeCluster, Actor],
) -> None:
    provider, program = minikube
    cluster = provider.start(no_progress)
    assert cluster.context == provider.cluster_name
    assert provider.hand_over("mission-control:1.0", no_progress) == "mission-control:1.0"
    provider.stop(purge=False, progress=no_progress)
    profile = provider.cluster_name
    assert program.command_lines == [
        f"--profile {profile} start --driver=docker --wait=all --keep-context --embed-certs",
        f"--profile {profile} image load mission-control:1.0",
        "profile list --output json",
        f"--profile {profile} delete",
    ]
    assert {variables["KUBECONFIG"] for _, variables in program.calls} == {str(cluster.kubeconfig)}


def test_a_minikube_without_any_profile_is_no_obstacle_to_a_stop(
    minikube: tuple[MinikubeCluster, Actor],
) -> None:
    provider, program = minikube
    provider.start(no_progress)
    program.plays("profile list", code=14, output="No minikube profile was found.")
    provider.stop(purge=False, progress=no_progress)
    assert program.command_lines[-1] == "profile list --output json"


def test_programs_that_are_not_installed_make_no_cluster(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    for provider in (KindCluster(settings, {}), MinikubeCluster(settings, {})):
        usability = provider.usability()
        assert not usability.is_usable
        assert "Install" in usability.remedy
        assert provider.stop(purge=False, progress=no_progress) == ()


def test_a_context_that_is_named_but_not_allowed_is_not_touched(
    settings: Settings, users_kubeconfig: Path, api_server: ApiServer
) -> None:
    provider = NamedContext(settings.model_copy(update={"context": "playground"}), ENGINE)
    assert "opchaos allow-context playground" in provider.usability().remedy
    with pytest.raises(ClusterUnavailable) as caught:
        provider.start(no_progress)
    assert "not allowed" in caught.value.what
    assert api_server.requests == []
    assert not NamedContext(settings, ENGINE).usability().is_usable


def test_the_copy_of_a_context_knows_no_other_cluster_and_ends_with_the_leave(
    named: NamedContext, settings: Settings, users_kubeconfig: Path
) -> None:
    before = users_kubeconfig.read_bytes()
    cluster = named.start(no_progress)
    assert "production" not in cluster.kubeconfig.read_text()
    contexts = Contexts(settings.state)
    assert contexts.is_ours("playground", cluster.kubeconfig)
    contexts.withdraw("playground")
    assert not contexts.is_ours("playground", cluster.kubeconfig)
    assert named.attach() is None
    assert users_kubeconfig.read_bytes() == before


def test_a_context_that_leads_elsewhere_by_now_is_not_followed(
    named: NamedContext, users_kubeconfig: Path, api_server: ApiServer
) -> None:
    users_kubeconfig.write_text(users_kubeconfig.read_text().replace(api_server.url, "http://127.0.0.1:1"))
    with pytest.raises(Exception, match="leads elsewhere") as caught:
        named.start(no_progress)
    assert api_server.url in str(caught.value)


def test_a_cluster_that_does_not_answer_is_named(
    named: NamedContext, api_server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos_lib.lab.cluster.named_context.answers", lambda *_, **__: "")
    with pytest.raises(ClusterUnavailable) as caught:
        named.start(no_progress)
    assert caught.value.evidence == api_server.url
    assert "kubectl --context playground get nodes" in caught.value.fix


@pytest.mark.parametrize(
    ("context", "program", "command"),
    [
        ("kind-mine", "kind", "load docker-image x:1 --name mine"),
        ("k3d-mine", "k3d", "image import x:1 --cluster mine"),
        ("minikube", "minikube", "--profile minikube image load x:1"),
    ],
)
def test_images_get_to_a_cluster_of_ones_own_by_its_own_tool(
    actor: Make, context: str, program: str, command: str
) -> None:
    played = actor(program)
    assert hand_over_of(context, "https://127.0.0.1:1", ENGINE)("x:1", no_progress) == "x:1"
    assert played.command_lines == [command]
    assert played.calls[0][1]["DOCKER_HOST"] == ENGINE["DOCKER_HOST"]
    played.plays("x:1", code=1, output="no such node")
    with pytest.raises(ClusterUnavailable) as caught:
        hand_over_of(context, "https://127.0.0.1:1", ENGINE)("x:1", no_progress)
    assert (caught.value.what, caught.value.evidence) == (
        "The cluster did not take the image `x:1`.",
        "no such node",
    )


# The facility


def _facility(settings: Settings, *providers: ClusterProvider) -> ClusterFacility:
    return ClusterFacility(settings, providers=providers)


def test_the_facility_makes_the_missions_namespace_and_the_guard_knows_it(
    settings: Settings, named: NamedContext, api_server: ApiServer
) -> None:
    chosen = settings.model_copy(update={"context": "playground"})
    facility = _facility(chosen, named)
    state = facility.up(no_progress)
    cluster = cluster_of(state)
    assert cluster is not None
    assert cluster == facility.cluster()
    assert state == facility.attach()
    assert cluster.namespace in api_server.namespaces
    guard = Guard(settings.workspace, settings.run_id(), contexts=Contexts(settings.state))
    guard.kube(cluster.kubeconfig, cluster.context, cluster.namespace)
    with pytest.raises(GuardRefused):
        guard.kube(cluster.kubeconfig, cluster.context, "default")

    facility.up(no_progress)
    assert api_server.requests.count("POST /api/v1/namespaces") == 1

    notes = facility.down(purge=False, progress=no_progress)
    assert notes == ("Your cluster behind `playground` stays as it was.",)
    assert api_server.namespaces == {"default"}
    with pytest.raises(GuardRefused):
        guard.kube(cluster.kubeconfig, cluster.context, cluster.namespace)


def test_namespaces_that_could_not_be_removed_are_named(
    settings: Settings, named: NamedContext, api_server: ApiServer
) -> None:
    chosen = settings.model_copy(update={"context": "playground"})
    facility = _facility(chosen, named)
    facility.up(no_progress)
    Contexts(settings.state).withdraw("playground")
    (note,) = facility.down(purge=False, progress=no_progress)
    assert f"kubectl --context playground delete namespace opchaos-{settings.run_id()}" in note


def test_where_one_provider_fails_the_next_one_is_used(settings: Settings) -> None:
    first, second = FakeClusterProvider(settings), FakeClusterProvider(settings)
    first.failure = ClusterUnavailable("No image.", evidence="not found", fix="Get one.")
    news: list[Progress] = []
    state = _facility(settings, first, second).up(news.append)
    assert (state.tier, second.is_up) == (Tier.SIMULATED, True)
    assert any(item.detail == "No image. (not found)" for item in news)


def test_where_none_can_be_had_the_state_says_why(settings: Settings) -> None:
    state = _facility(settings, FakeClusterProvider(settings, is_usable=False)).up(no_progress)
    assert (state.tier, state.reason) == (None, "The model was told to be unusable.")
    assert cluster_of(state) is None
    embedded = settings.model_copy(update={"tier": Tier.EMBEDDED})
    state = ClusterFacility(embedded).up(no_progress)
    assert "a cluster needs LIVE" in state.reason
    with pytest.raises(ClusterUnavailable, match="The lab has no cluster"):
        ClusterFacility(embedded).hand_over("x:1", no_progress)


def test_where_the_user_names_a_context_no_other_cluster_will_do(settings: Settings) -> None:
    chosen = settings.model_copy(update={"context": "playground"})
    other = FakeClusterProvider(chosen)
    state = _facility(chosen, NamedContext(chosen, ENGINE), other).up(no_progress)
    assert state.tier is None
    assert "`playground` is named, but not allowed" in state.reason
    assert not other.is_up


def test_an_image_is_handed_to_the_cluster_that_is_up(settings: Settings) -> None:
    down, up = FakeClusterProvider(settings), FakeClusterProvider(settings)
    facility = _facility(settings, down, up)
    up.start(no_progress)
    assert facility.hand_over("mission-control:1.0", no_progress) == "mission-control:1.0"
    assert (down.handed_over, up.handed_over) == ([], ["mission-control:1.0"])


# The lab


def test_a_cluster_starts_only_for_who_asks_and_then_stays_up(settings: Settings) -> None:
    provider = FakeClusterProvider(settings)
    lab = Lab(settings, [_facility(settings, provider)])
    assert lab.up().facility("cluster") is None
    assert lab.up(also=("cluster",)).facility("cluster") is not None
    assert lab.up().facility("cluster") is not None
    assert lab.status().is_up
    lab.down()
    assert not provider.is_up
    assert lab.up().facility("cluster") is None


def test_child_processes_find_the_cluster_and_its_kubectl(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "kubelet").touch()
    (tmp_path / "kubectl").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "kubectl").chmod(0o755)

    class WithPrograms(FakeClusterProvider):
        def start(self, progress: Callable[[Progress], None]) -> Cluster:
            found = super().start(progress)
            return Cluster(
                found.kubeconfig,
                found.context,
                found.namespace,
                found.tier,
                found.provider,
                found.how,
                tmp_path,
            )

    lab = Lab(settings, [_facility(settings, WithPrograms(settings))])
    lab.up(also=("cluster",))
    found = lab.environment()
    assert found["OPCHAOS_KUBE_NAMESPACE"] == f"opchaos-{settings.run_id()}"
    assert found["KUBECONFIG"].startswith(str(settings.state))
    folder = Path(found["PATH"].partition(":")[0])
    assert [path.name for path in folder.iterdir()] == ["kubectl"]
    said = subprocess.run(
        [folder / "kubectl", "get", "a b"], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["--cache-dir", str(settings.state / "kubectl" / "cache"), "get", "a b"]


def test_a_cluster_that_fails_to_start_takes_nothing_else_of_the_lab_with_it(settings: Settings) -> None:
    containers, cluster = FakeContainers(), FakeClusterProvider(settings)
    lab = Lab(settings, [ContainersFacility(settings, [containers]), _facility(settings, cluster)])
    lab.up()
    cluster.failure = KeyboardInterrupt()
    with pytest.raises(Interrupted):
        lab.up(also=("cluster",))
    assert containers.is_up
    assert not cluster.is_up
    assert lab.status().is_up
    assert lab.up(also=("cluster",)).facility("cluster") is not None
