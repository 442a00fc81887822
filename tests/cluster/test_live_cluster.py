"""On a real cluster: what the recordings cannot prove. One file, so that one worker deploys once."""

from __future__ import annotations

import copy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.cluster import blue_green, deploy, rollout
from chaos_lib.cluster.kubernetes_api import KubernetesApi
from chaos_lib.cluster.load import Load, address_of, asking
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import Key, containers_of
from chaos_lib.cluster.smoke import smoke
from chaos_lib.cluster.target import deploy_target, lab_target
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import DefenceContext, Verdict
from chaos_lib.defences.cluster_gate import Ground, cluster_images
from chaos_lib.defences.manifest_gate import Project
from chaos_lib.experiment import Experiment
from chaos_lib.mission import with_lab_names
from chaos_lib.operations.cluster_object import wished
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings, Tier
from chaos_lib.wait import Reading, wait_until
from tests.cluster.conftest import K8S
from tests.cluster.practitioner import commands as practitioner_commands

pytestmark = pytest.mark.lab
BLUE = "mission-control-blue"
PUBLIC = Key("v1", "Service", "mission-control")
QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "stingy"},
    "spec": {"hard": {"pods": "1"}},
}


@dataclass
class Warzone:
    """A mission on a real cluster, with the finished project deployed in blue.

    Attributes:
        settings: The mission.
        context: What a defence may look at.
        experiment: Launches attacks.
        ground: The project before its cluster.
    """

    settings: Settings
    context: DefenceContext
    experiment: Experiment
    ground: Ground

    @property
    def api(self) -> KubernetesApi:
        """The cluster."""
        assert isinstance(self.ground.api, KubernetesApi)
        return self.ground.api

    def defend(self, name: str) -> Verdict:
        """Run a defence."""
        return defences.find(name).run(self.context)

    def images(self) -> dict[str, str]:
        """Return what the cluster calls the project's own image."""
        return dict(cluster_images(self.context, ["mission-control:1.0.0"]))

    def part(self, *parts: str) -> Manifests:
        """Return manifests for this cluster."""
        return self.ground.led(self.ground.project.part(*parts))


@pytest.fixture(scope="module")
def warzone(live_cluster: Any) -> Iterator[Warzone]:
    settings = live_cluster.settings
    experiment = Experiment(settings)
    experiment.workspace.create(FINISHED)
    lab = with_lab_names(live_cluster.environment(), settings.run_id())
    context = DefenceContext(settings.workspace, {}, lab, settings, Tier.LIVE)
    target = deploy_target(settings.workspace, lab)
    project = Project(context, settings.workspace / "k8s")
    ground = Ground(project, target, target.connect(), cluster_images)
    found = Warzone(settings, context, experiment, ground)
    verdict = found.defend("rollout-gate")
    assert verdict.is_green, f"{verdict.summary}\n{verdict.evidence}"
    yield found
    found.api.close()


@pytest.fixture(autouse=True)
def _all_is_undone(warzone: Warzone) -> Iterator[None]:
    yield
    warzone.experiment.heal()


def with_container(found: Manifests, **change: Any) -> Manifests:
    """Return manifests whose Deployments' containers are changed."""
    changed = []
    for body in found:
        copied: Any = copy.deepcopy(dict(body))
        if copied["kind"] == "Deployment":
            for container in containers_of(copied):
                container.update(change)  # type: ignore[attr-defined]
        changed.append(copied)
    return Manifests(tuple(changed))


# Losing nothing


def test_a_bad_rollout_its_gate_and_its_undo_lose_no_request(warzone: Warzone) -> None:
    url = address_of(warzone.api, "mission-control")
    attacks = catalogue.load()

    with Load(asking(f"{url}/missions"), rate=50) as load:
        for name in ("memory_limit_low", "readiness_misaimed"):
            warzone.experiment.launch(attacks[name])
            verdict = warzone.defend("rollout-gate")
            warzone.experiment.undo(name)
            assert verdict.reason == attacks[name].symptom.reason
            assert "never stopped serving" in verdict.summary
            assert rollout.wait_for(warzone.api, BLUE).is_complete

    assert load.report.failures == ()
    assert load.report.sent > 100, load.report.in_words


def test_a_rolling_update_loses_no_request_and_its_undo_neither(warzone: Warzone) -> None:
    url = address_of(warzone.api, "mission-control")
    before = rollout.wait_for(warzone.api, BLUE).revision
    tuned = with_container(warzone.ground.own, terminationMessagePath="/dev/tuned")

    with Load(asking(f"{url}/missions"), rate=50) as load:
        deployed = deploy.deploy(warzone.api, tuned)
        assert deployed.is_good, deployed.diagnosis.text
        assert rollout.undo(warzone.api, BLUE) == before
        assert rollout.wait_for(warzone.api, BLUE).is_complete
        # The old pods drain for some seconds after they are out of the Service.
        enough = load.report.sent + 400
        wait_until("the load went on", lambda: Reading(load.report.sent >= enough), timeout_s=60)

    assert load.report.failures == ()
    found = warzone.api.read(Key("apps/v1", "Deployment", BLUE))
    assert next(containers_of(found))["terminationMessagePath"] == "/dev/termination-log"


# Blue and green


def test_green_is_deployed_asked_and_switched_to_without_losing_a_request(warzone: Warzone) -> None:
    url = address_of(warzone.api, "mission-control")
    try:
        with Load(asking(f"{url}/version"), rate=50) as load:
            report = blue_green.switch_over(warzone.api, "green", warzone.part("overlays/green"))
            assert report.is_good, report.in_words
            assert smoke(warzone.api, "mission-control").colour == "green"
            # The gate deploys blue, and green goes on serving.
            assert warzone.defend("rollout-gate").is_green
            assert blue_green.serving(warzone.api) == "green"
        assert load.report.failures == ()
    finally:
        blue_green.flip(warzone.api, "blue")


def test_a_green_that_is_not_healthy_never_serves(warzone: Warzone) -> None:
    sick = with_container(warzone.part("overlays/green"), args=["serve", "--no-such-option"])

    report = blue_green.switch_over(warzone.api, "green", sick)

    assert not report.is_good
    assert report.deployed.diagnosis.cause.value == "CRASH_LOOP"
    assert (report.serves, blue_green.serving(warzone.api)) == ("blue", "blue")


def test_a_switch_before_green_is_there_is_taken_back(
    warzone: Warzone, monkeypatch: pytest.MonkeyPatch
) -> None:
    green = warzone.part("overlays/green")
    for key in (Key("apps/v1", "Deployment", "mission-control-green"),):
        warzone.api.delete(key)
    hanging = with_container(green, command=["python", "-c", "import signal; signal.pause()"])
    monkeypatch.setattr(blue_green, "_SETTLE_S", 1.0)

    report = blue_green.switch_over(warzone.api, "green", hanging, is_gated=False)

    assert report.was_flipped_back
    assert blue_green.serving(warzone.api) == "blue"
    assert smoke(warzone.api, "mission-control").is_good
    warzone.api.delete(Key("apps/v1", "Deployment", "mission-control-green"))


def test_a_changed_project_is_another_image_and_is_rolled_out(warzone: Warzone) -> None:
    path = warzone.settings.workspace / "src" / "mission_control" / "status_page.py"
    before = warzone.images()
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n# changed\n", encoding="utf-8")
    try:
        assert warzone.images() != before
    finally:
        path.write_text(text, encoding="utf-8")

    assert warzone.images() == before


# The journal's operations


def test_what_an_attack_did_to_objects_is_undone_on_the_real_server(warzone: Warzone) -> None:
    cluster = warzone.experiment._injector("r1").cluster
    journal, operator = warzone.experiment.journal, warzone.experiment.operator
    binding = Key("rbac.authorization.k8s.io/v1", "RoleBinding", "deployer")
    deployment = Key("apps/v1", "Deployment", "redis")
    keys = (PUBLIC, binding, deployment)
    before = {key: wished(warzone.api.read(key) or {}) for key in keys}

    journal.begin("r1", "by hand")
    cluster.patch("v1", "Service", "mission-control", {"spec": {"selector": {"colour": "turquoise"}}})
    cluster.delete(binding.api_version, binding.kind, binding.name)
    cluster.create(QUOTA)
    cluster.scale("Deployment", "redis", 0)
    assert warzone.api.read(binding) is None
    assert warzone.api.read(PUBLIC)["spec"]["selector"]["colour"] == "turquoise"
    # The server has filled in defaults and controllers have written, yet nobody has edited anything.
    wait_until(
        "the controller has seen it",
        lambda: Reading((warzone.api.read(deployment)["status"].get("replicas") or 0) == 0),
        timeout_s=60,
    )
    operations = journal.state().operations
    assert [operator.is_changed_since((operation,)) for operation in operations] == [False] * 4

    for _ in range(2):  # twice is once
        for operation in reversed(operations):
            operator.restore(operation)
    for operation in reversed(operations):
        journal.undone(operation.number)
    journal.closed("r1")

    assert {key: wished(warzone.api.read(key) or {}) for key in keys} == before
    assert warzone.api.read(Key("v1", "ResourceQuota", "stingy")) is None
    assert rollout.wait_for(warzone.api, "redis").is_complete


# Old servers, Helm, rights


def test_the_real_server_takes_every_manifest_and_no_unknown_field(warzone: Warzone) -> None:
    for part in ("platform", "secrets", "backing", "overlays/blue", "overlays/green", "switch"):
        for body in warzone.part(part):
            warzone.api.apply(body, is_dry_run=True)
    wrong = with_container(warzone.part("overlays/green"), imagePullPolcy="Never").of_kind("Deployment")[0]
    with pytest.raises(Exception, match="imagePullPolcy"):
        warzone.api.apply(wrong, is_dry_run=True)


def test_a_probe_that_was_taken_away_is_gone_and_comes_back(warzone: Warzone) -> None:
    # Server-side apply of Kubernetes 1.20 trips over this.
    without = Manifests(tuple(_without_startup(body) for body in warzone.ground.own))
    key = Key("apps/v1", "Deployment", BLUE)
    # Who has written the object so far: an undo of an earlier test writes it whole.
    before = _writers(warzone.api.read(key))

    applied = deploy.apply(warzone.api, without)
    assert "startupProbe" not in next(containers_of(warzone.api.read(key)))
    deploy.take_back(warzone.api, applied)

    assert next(containers_of(warzone.api.read(key)))["startupProbe"]["httpGet"]["path"] == "/healthz"
    assert ("opchaos", "Update") not in _writers(warzone.api.read(key)) - before
    assert rollout.wait_for(warzone.api, BLUE).is_complete


def _writers(body: Any) -> set[tuple[str, str]]:
    return {(entry["manager"], entry["operation"]) for entry in body["metadata"]["managedFields"]}


def _without_startup(body: Any) -> Any:
    copied = copy.deepcopy(dict(body))
    for container in containers_of(copied):
        container.pop("startupProbe", None)  # type: ignore[attr-defined]
    return copied


def test_helm_installs_the_same_service_beside_it(warzone: Warzone) -> None:
    import helm_python

    target = lab_target(warzone.context.lab)
    image = warzone.ground.images_of(warzone.context, ["mission-control:1.0.0"])["mission-control:1.0.0"]
    repository, _, tag = image.rpartition(":")
    values = {"colour": "green", "replicas": 1, "image": {"repository": repository, "tag": tag}}
    for key in [k for body in warzone.part("overlays/green") if (k := _key(body)).kind != "Secret"]:
        warzone.api.delete(key)
    options = {
        "kubeconfig_path": str(target.kubeconfig),
        "kube_context": target.context,
        "namespace": target.namespace,
    }
    with helm_python.Config(**options) as helm:
        helm.install(str(K8S / "chart" / "mission-control"), "green", values, namespace=target.namespace)
        try:
            assert rollout.wait_for(warzone.api, "mission-control-green").is_complete
            assert smoke(warzone.api, "mission-control-green").colour == "green"
        finally:
            helm.uninstall("green")


def _key(body: Any) -> Key:
    return Key(body["apiVersion"], body["kind"], body["metadata"]["name"])


def test_the_gates_are_green_on_the_finished_project(warzone: Warzone) -> None:
    for name in (
        "deploy-target",
        "server-dry-run",
        "image-exists",
        "probe-contract",
        "endpoint-check",
        "can-i-matrix",
    ):
        verdict = warzone.defend(name)
        assert verdict.is_green, f"{name}: {verdict.summary}\n{verdict.evidence}"
        assert verdict.tier is Tier.LIVE


# What a practitioner types


@pytest.mark.parametrize("command", practitioner_commands())
def test_every_command_of_a_card_runs_as_it_stands(warzone: Warzone, command: str, tmp_path: Path) -> None:
    # A terminal that knows nothing yet, in the workspace.
    bare = {"PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path)}
    home = str(warzone.settings.home)
    script = f'set -euo pipefail\neval "$(opchaos --home {shlex.quote(home)} env)"\n{command}\n'

    result = subprocess.run(
        ["bash", "-c", script],
        env=bare,
        cwd=warzone.settings.workspace,
        capture_output=True,
        text=True,
        timeout=120,
    )

    # All is well here: there is no container that ended, as the server says itself.
    assert result.returncode == 0 or "previous terminated container" in result.stderr, result.stderr
    assert "unknown" not in result.stderr


# Production


def test_a_production_cluster_that_is_the_current_context_gets_nothing(
    warzone: Warzone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _note(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_error(500)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _note  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    production = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=production.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    kubeconfig = tmp_path / "home" / ".kube" / "config"
    kubeconfig.parent.mkdir(parents=True)
    kubeconfig.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: production\n"
        "contexts: [{name: production, context: {cluster: p, user: p, namespace: default}}]\n"
        f"clusters: [{{name: p, cluster: {{server: 'http://127.0.0.1:{production.server_address[1]}'}}}}]\n"
        "users: [{name: p, user: {token: secret}}]\n"
    )
    before = (kubeconfig.read_bytes(), kubeconfig.stat().st_mtime_ns)
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    attacks = [a for a in catalogue.load().values() if a.phase == "phase-4-k8s" and a.facility == "cluster"]
    try:
        for name in ("wrong_context", "selector_mismatch", "rbac_missing", "rollout_deadlocked"):
            attack = next(a for a in attacks if a.name == name)
            warzone.experiment.launch(attack)
            verdicts = [warzone.defend(attack.defence), warzone.defend("rollout-gate")]
            warzone.experiment.undo(name)
            assert verdicts[0].reason == attack.symptom.reason
            if name == "wrong_context":
                assert verdicts[1].reason == "TARGET_REFUSED"
        blue_green.flip(warzone.api, "blue")
    finally:
        production.shutdown()
        production.server_close()
        thread.join()

    assert asked == []
    assert (kubeconfig.read_bytes(), kubeconfig.stat().st_mtime_ns) == before
