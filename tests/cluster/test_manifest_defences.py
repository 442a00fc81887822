"""The gates that need no cluster: each is green on the finished manifests and names what is wrong on a broken one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos_lib.cluster import manifests
from chaos_lib.defences import manifest_gate, manifest_lint, probe_contract
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.capacity_lint import CAPACITY_LINT
from chaos_lib.defences.image_exists import ImageExists
from chaos_lib.defences.manifest_lint import MANIFEST_LINT
from chaos_lib.defences.probe_contract import Probe, probes_of
from chaos_lib.defences.reference_resolver import REFERENCE_RESOLVER
from chaos_lib.errors import EngineUnavailable, ToolMissing
from chaos_lib.service import Answer
from chaos_lib.workspace import fingerprint

pytestmark = pytest.mark.usefixtures("kubectl_program")
Edit = Callable[[str, str, str], None]
DEPLOYMENT, KUSTOMIZATION = "base/deployment.yaml", "base/kustomization.yaml"
STATIC = [MANIFEST_LINT, REFERENCE_RESOLVER, CAPACITY_LINT]


@pytest.mark.parametrize("defence", STATIC, ids=lambda d: d.name)
def test_the_finished_manifests_are_green_and_stay_as_they_are(defence, context: DefenceContext) -> None:
    before = fingerprint(context.workspace)

    verdict = defence.run(context)

    assert (verdict.reason, verdict.evidence) == ("OK", "")
    assert verdict.command
    assert fingerprint(context.workspace) == before


def test_a_clone_without_its_secret_file_is_judged_all_the_same(context: DefenceContext) -> None:
    (context.workspace / "k8s" / "secrets" / manifests.SECRET_NAME).unlink()

    assert REFERENCE_RESOLVER.run(context).is_green
    assert not (context.workspace / "k8s" / "secrets" / manifests.SECRET_NAME).exists()


@pytest.mark.parametrize(
    ("defence", "path", "old", "new", "reason", "evidence"),
    [
        (MANIFEST_LINT, DEPLOYMENT, "  replicas: 2", "   replicas: 2", "YAML_BROKEN", r"k8s/base/deployment.yaml:"),
        (MANIFEST_LINT, DEPLOYMENT, "kind: Deployment", "kind: Deployment\nkind: Deployment", "YAML_BROKEN", "duplication"),
        (MANIFEST_LINT, DEPLOYMENT, "replicas: 2", "replica: 2", "UNKNOWN_FIELD", "'replica' was unexpected"),
        (MANIFEST_LINT, DEPLOYMENT, "replicas: 2", "replicas: two", "SCHEMA_INVALID", "'two' is not of type"),
        (MANIFEST_LINT, DEPLOYMENT, "apps/v1", "extensions/v1beta1", "API_VERSION_REMOVED", "no matches for kind"),
        (MANIFEST_LINT, KUSTOMIZATION, "- deployment.yaml", "- nowhere.yaml", "MANIFESTS_BROKEN", "nowhere.yaml"),
        (REFERENCE_RESOLVER, KUSTOMIZATION, "MISSION_REDIS_URL=", "X=", "KEY_MISSING", "it has MISSION_CACHE_TTL_S"),
        (REFERENCE_RESOLVER, DEPLOYMENT, "name: mission-control-secret", "name: keys", "OBJECT_MISSING", 'secret "keys" not found'),
        (REFERENCE_RESOLVER, DEPLOYMENT, "serviceAccountName: mission-control", "serviceAccountName: x", "OBJECT_MISSING", "x"),
        (REFERENCE_RESOLVER, "platform/deployer.yaml", "  kind: Role\n  name: deployer", "  kind: Role\n  name: boss", "OBJECT_MISSING", "boss"),
        (REFERENCE_RESOLVER, "switch/service.yaml", "colour: blue", "colour: turquoise", "SELECTS_NOTHING", "turquoise"),
        (REFERENCE_RESOLVER, "base/service.yaml", "targetPort: http", "targetPort: web", "PORT_UNKNOWN", "8000, http"),
        (REFERENCE_RESOLVER, DEPLOYMENT, "path: /readyz\n              port: http", "path: /readyz\n              port: web", "PORT_UNKNOWN", "http"),
        (CAPACITY_LINT, DEPLOYMENT, "replicas: 2", "replicas: 40", "QUOTA_EXCEEDED", "exceeded quota: "),
        (CAPACITY_LINT, DEPLOYMENT, "memory: 192Mi", "memory: 24Mi", "LIMIT_BELOW_MEASURED", "measured 96Mi"),
        (CAPACITY_LINT, DEPLOYMENT, "memory: 192Mi", "memory: 2Gi", "LIMIT_RANGE_BROKEN", "at most 512Mi"),
        (CAPACITY_LINT, DEPLOYMENT, "              memory: 192Mi\n", "", "LIMIT_MISSING", "limits {'cpu': '1'}"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    defence, path, old, new, reason, evidence, context: DefenceContext, edit: Edit
) -> None:
    edit(path, old, new)

    verdict = defence.run(context)

    assert verdict.reason == reason
    assert reason in defence.reasons
    assert evidence in verdict.evidence
    assert verdict.remedy


def test_a_secret_that_is_no_base64_is_told(context: DefenceContext, edit: Edit) -> None:
    edit("switch/kustomization.yaml", "- service.yaml", "- service.yaml\n  - bad.yaml")
    (context.workspace / "k8s/switch/bad.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: plain\ndata:\n  token: t0p secret!\n"
    )

    verdict = REFERENCE_RESOLVER.run(context)

    assert verdict.reason == "BADLY_ENCODED"
    assert "t0p" not in verdict.evidence + verdict.summary
    assert "stringData" in verdict.remedy


def test_a_selector_that_does_not_match_its_own_pods_is_told(context: DefenceContext, edit: Edit) -> None:
    edit(
        DEPLOYMENT,
        "    matchLabels:\n      app.kubernetes.io/name: mission-control",
        "    matchLabels:\n      app: other",
    )

    assert REFERENCE_RESOLVER.run(context).reason == "SELECTOR_MISMATCH"


def test_an_api_version_that_came_later_is_named_with_its_release(
    context: DefenceContext, edit: Edit
) -> None:
    edit("switch/kustomization.yaml", "- service.yaml", "- service.yaml\n  - budget.yaml")
    source = context.workspace / "k8s/addons/disruption-budget/budget.yaml"
    (context.workspace / "k8s/switch/budget.yaml").write_bytes(source.read_bytes())

    verdict = MANIFEST_LINT.run(context)

    assert verdict.reason == "API_VERSION_TOO_NEW"
    assert "came with 1.21" in verdict.summary


def test_the_versions_that_a_release_serves_are_in_the_remedy(context: DefenceContext, edit: Edit) -> None:
    edit(DEPLOYMENT, "apps/v1", "extensions/v1beta1")

    assert "apps/v1" in MANIFEST_LINT.run(context).remedy


@pytest.mark.parametrize("defence", STATIC, ids=lambda d: d.name)
def test_a_workspace_without_manifests_and_a_machine_without_kubectl_are_told(
    defence, context: DefenceContext, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    empty = replace(context, workspace=tmp_path / "empty")
    assert defence.run(empty).reason == "MANIFESTS_MISSING"

    def missing(*_: object) -> None:
        raise ToolMissing("The program `kubectl` was not found.", fix="apt-get install kubernetes-client")

    monkeypatch.setattr(manifest_gate.kubectl, "find", missing)
    verdict = defence.run(context)
    assert verdict.reason == "KUBECTL_MISSING"
    assert "kubernetes-client" in verdict.remedy


def test_the_tools_that_a_practitioner_knows_are_named() -> None:
    assert "kubeconform" in MANIFEST_LINT.command
    assert "`kubeval` did this; it is retired" in manifest_lint.ManifestLint.__doc__


# Images


def known(context: DefenceContext, images) -> dict[str, str]:
    return {image: image for image in images if image != "mission-control:1.O.0"}


def test_images_that_are_there_are_green(context: DefenceContext) -> None:
    verdict = ImageExists(known).run(context)

    assert verdict.is_green
    assert verdict.numbers == {"images": 3.0}


def test_a_tag_that_nobody_built_is_named(context: DefenceContext, edit: Edit) -> None:
    edit("overlays/blue/kustomization.yaml", "newTag: 1.0.0", "newTag: 1.O.0")

    verdict = ImageExists(known).run(context)

    assert verdict.reason == "IMAGE_UNKNOWN"
    assert "No such image: mission-control:1.O.0" in verdict.evidence


def test_an_image_without_a_tag_is_a_different_one_tomorrow(context: DefenceContext, edit: Edit) -> None:
    edit("backing/redis.yaml", "image: redis:7", "image: redis")

    assert ImageExists(known).run(context).reason == "IMAGE_NOT_PINNED"


def test_without_an_engine_nobody_can_be_asked(context: DefenceContext) -> None:
    def silent(*_: object) -> None:
        raise EngineUnavailable("No engine answers.", fix="Start Docker.")

    verdict = ImageExists(silent).run(context)

    assert (verdict.reason, verdict.remedy) == ("ENGINE_MISSING", "Start Docker.")


# Probes


class Fake:
    """A service that knows three paths."""

    port = 8000

    def get(self, path: str) -> Answer:
        return Answer(200 if path in ("/healthz", "/readyz") else 404, "")

    def wait_until_answering(self, path: str = "/healthz", *, timeout_s: float = 30.0) -> Answer:
        return Answer(200, "")


def probe(kind: str, *, path: str = "/healthz", port: int | None = 8000, patience_s: float = 60.0) -> Probe:
    return Probe("web", kind, path, port, patience_s)


@pytest.mark.parametrize(
    ("probes", "reason", "evidence"),
    [
        ([probe("readinessProbe", path="/readyz"), probe("livenessProbe")], "OK", ""),
        ([probe("readinessProbe", path="/ready")], "PROBE_PATH_WRONG", "GET /ready: 404"),
        (
            [probe("readinessProbe", port=8080)],
            "PROBE_PORT_WRONG",
            "asks port 8080; the image listens on 8000",
        ),
        ([probe("readinessProbe", port=None)], "PROBE_PORT_WRONG", "asks port ?"),
        ([probe("livenessProbe", patience_s=3)], "PROBE_IMPATIENT", "gives up 3 s after the start"),
        ([probe("startupProbe", patience_s=3)], "PROBE_IMPATIENT", "gives up 3 s"),
        ([probe("startupProbe"), probe("livenessProbe", patience_s=1)], "OK", ""),
    ],
)
def test_probes_are_tried_on_what_runs(probes: list[Probe], reason: str, evidence: str) -> None:
    finding = probe_contract.judge(tuple(probes), Fake(), start_s=2.0)

    assert finding.reason == reason
    assert evidence in finding.evidence


def test_the_probes_of_the_manifests_are_read(rendered) -> None:
    found = {p.kind: p for p in probes_of(rendered("overlays/blue"))}

    assert found["startupProbe"] == Probe("mission-control-blue", "startupProbe", "/healthz", 8000, 60.0)
    assert found["readinessProbe"].path == "/readyz"
    assert found["livenessProbe"].patience_s == 30.0
