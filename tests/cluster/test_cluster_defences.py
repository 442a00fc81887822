"""The gates that ask a cluster, on recordings (SIMULATED): the Guard, the manifests and the undo are the real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chaos_lib.cluster.api import HttpAnswer
from chaos_lib.cluster.objects import Key
from chaos_lib.cluster.recorded_api import RecordedApi
from chaos_lib.contexts import Contexts
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.can_i_matrix import CanIMatrix, needs
from chaos_lib.defences.deploy_target import DeployTarget
from chaos_lib.defences.endpoint_check import EndpointCheck
from chaos_lib.defences.rollout_gate import RolloutGate
from chaos_lib.defences.server_dry_run import ServerDryRun
from chaos_lib.errors import BuildFailed, ClusterRefused, ClusterUnavailable
from chaos_lib.settings import Tier
from tests.cluster.conftest import Ticking, no_lab
from tests.cluster.recording import NAME, frames

pytestmark = pytest.mark.usefixtures("kubectl_program")
GATES = [ServerDryRun, RolloutGate, EndpointCheck, CanIMatrix, DeployTarget]
Edit = Callable[[str, str, str], None]


def images(context: DefenceContext, written: Any) -> dict[str, str]:
    return {name: f"lab/{name}" for name in written}


def complete(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "uid": name, "generation": 1},
        "spec": {"replicas": 1, "template": {}},
        "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
    }


class Playing(RecordedApi):
    """Postgres and Redis are always up; only mission control is played from the recording."""

    def read(self, key: Key) -> Any:
        if key.kind == "Deployment" and key.name in ("postgres", "redis"):
            return complete(key.name)
        found = super().read(key)
        if key.kind == "Endpoints" and found is None:
            return endpoints(key.name, 1)
        return found


def run(gate: type, context: DefenceContext, api: RecordedApi) -> Any:
    return gate(lambda _: api, images, Ticking().clock).run(context)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_what_comes_from_a_model_says_so(gate: type, context: DefenceContext) -> None:
    assert run(gate, context, Playing(frames=frames("healthy"))).tier is Tier.SIMULATED


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_without_a_cluster_it_says_how_to_get_one(gate: type, context: DefenceContext) -> None:
    verdict = run(gate, no_lab(context), Playing())

    assert verdict.reason == "NO_CLUSTER"
    assert "The lab has no cluster." in verdict.evidence
    assert "opchaos up" in verdict.remedy


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_cluster_that_does_not_answer_is_told(gate: type, context: DefenceContext) -> None:
    class Silent(Playing):
        def read(self, key: Key) -> Any:
            raise ClusterUnavailable("It does not answer.", evidence="refused", fix="opchaos up")

        def apply(self, body: Any, *, is_dry_run: bool = False) -> Any:
            return self.read(Key("", "", ""))

        def version(self) -> Any:
            return self.read(Key("", "", ""))

    assert run(gate, context, Silent()).reason == "NO_CLUSTER"


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
@pytest.mark.parametrize(
    ("old", "new", "word", "own"),
    [
        ("${OPCHAOS_KUBE_CONTEXT}", "production", "context `production`", "WRONG_CONTEXT"),
        ("${OPCHAOS_KUBE_NAMESPACE}", "default", "namespace `default`", "WRONG_NAMESPACE"),
    ],
    ids=["context", "namespace"],
)
def test_a_target_that_is_not_ours_gets_nothing(
    gate: type, old: str, new: str, word: str, own: str, context: DefenceContext, edit: Edit
) -> None:
    edit("deploy.env", old, new)
    api = Playing(frames=frames("healthy"))

    verdict = run(gate, context, api)

    assert verdict.reason == (own if gate is DeployTarget else "TARGET_REFUSED")
    assert word in verdict.summary
    assert api.writes == []


def test_the_current_context_is_never_taken(context: DefenceContext, edit: Edit) -> None:
    # Production is the kubeconfig's current context, and somebody even emptied the file that names ours.
    edit("deploy.env", "KUBE_CONTEXT=${OPCHAOS_KUBE_CONTEXT}", "")
    api = Playing()

    verdict = run(RolloutGate, context, api)

    assert verdict.reason == "TARGET_REFUSED"
    assert "may be production" in verdict.remedy
    assert api.writes == []


def test_a_lab_whose_context_was_withdrawn_is_not_touched(context: DefenceContext) -> None:
    from pathlib import Path

    Contexts(context.settings.state).forget_lab_context("lab", Path(context.lab["KUBECONFIG"]))

    assert run(RolloutGate, context, Playing()).reason == "TARGET_REFUSED"


# The rollout gate


def test_a_good_version_is_rolled_out_with_the_lab_s_images(context: DefenceContext) -> None:
    api = Playing(frames=frames("healthy"))
    lines: list[str] = []

    verdict = run(RolloutGate, replace(context, on_line=lines.append), api)

    assert verdict.is_green, verdict.evidence
    assert verdict.numbers["revision"] >= 1
    assert "ready" in lines[0]
    written = [key.name for verb, key in api.writes if verb == "apply"]
    assert written.index("postgres") < written.index(NAME)
    kept = api._objects[Key("apps/v1", "Deployment", NAME)]
    assert kept["spec"]["template"]["spec"]["containers"][0]["image"] == "lab/mission-control:1.0.0"
    assert {body["metadata"]["namespace"] for body in api._objects.values()} == {"mission-control"}


@pytest.mark.parametrize(
    "case", ["out_of_memory", "readiness_path", "crash_loop", "liveness", "quota", "image_pull"]
)
def test_a_bad_version_is_undone_with_its_cause(case: str, context: DefenceContext) -> None:
    # The first look is that of the gate before it writes: the good version.
    api = Playing(frames=[*frames("healthy"), *frames(case)])

    verdict = run(RolloutGate, context, api)

    assert verdict.reason in RolloutGate.reasons
    assert not verdict.is_green
    assert "never stopped serving" in verdict.summary
    # The diagnosis says it already.
    assert RolloutGate.reasons[verdict.reason] not in verdict.summary
    assert "kubectl" in verdict.command
    written = [verb for verb, key in api.writes if key == Key("apps/v1", "Deployment", NAME)]
    assert written == ["apply", "replace"]


def test_a_version_that_answers_wrongly_is_undone(context: DefenceContext) -> None:
    api = Playing(frames=frames("healthy"), answers={f"{NAME} /healthz": HttpAnswer(500, "boom")})

    verdict = run(RolloutGate, context, api)

    assert verdict.reason == "READINESS_FAILS"
    assert "GET /healthz: 500 boom" in verdict.evidence


def test_backing_services_that_the_server_refuses_are_told(context: DefenceContext) -> None:
    verdict = run(RolloutGate, context, Playing(refuses={"ResourceQuota": "is forbidden"}))

    assert verdict.reason == "REJECTED_BY_SERVER"
    assert "is forbidden" in verdict.evidence


def test_an_image_that_cannot_be_built_is_told(context: DefenceContext) -> None:
    def broken(*_: object) -> None:
        raise BuildFailed("The build failed.", evidence="step 3", fix="Look.", reason="BUILD_FAILED")

    verdict = RolloutGate(lambda _: Playing(), broken).run(context)

    assert (verdict.reason, verdict.evidence) == ("IMAGE_NOT_BUILT", "step 3")


# The others


def test_the_dry_run_tells_every_refusal_and_writes_nothing(context: DefenceContext) -> None:
    api = Playing(refuses={"Deployment": "may not be 0", "Service": "is invalid"})

    verdict = run(ServerDryRun, context, api)

    assert verdict.reason == "REJECTED_BY_SERVER"
    assert "deployment/postgres: may not be 0" in verdict.evidence
    assert "service/mission-control: is invalid" in verdict.evidence
    assert api.writes == []


def test_a_kind_that_the_server_does_not_serve_is_told(context: DefenceContext) -> None:
    class Old(Playing):
        def apply(self, body: Any, *, is_dry_run: bool = False) -> Any:
            if body["kind"] == "Deployment":
                raise ClusterRefused("no matches for kind", reason="UnknownKind")
            return super().apply(body, is_dry_run=is_dry_run)

    verdict = run(ServerDryRun, context, Old())

    assert verdict.reason == "UNKNOWN_KIND"
    assert "no matches for kind" in verdict.evidence


def endpoints(name: str, addresses: int) -> dict[str, Any]:
    subsets = [{"addresses": [{"ip": "10.0.0.1"}] * addresses}] if addresses else []
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name}, "subsets": subsets}


def service(name: str, colour: str) -> dict[str, Any]:
    spec = {"selector": {"colour": colour}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize(
    ("objects", "answers", "reason", "evidence"),
    [
        ([service("mission-control", "blue"), endpoints("mission-control", 2)], {}, "OK", ""),
        ([service("mission-control", "turquoise"), endpoints("mission-control", 0)], {}, "NO_ENDPOINTS", "colour=turquoise"),
        (
            [service("mission-control", "blue"), endpoints("mission-control", 2)],
            {"mission-control /healthz": HttpAnswer(0, "connection refused")},
            "PORT_REFUSED",
            "2 endpoints; GET /healthz: no answer connection refused",
        ),
    ],
    ids=["good", "none", "refused"],
)  # fmt: skip
def test_services_are_followed_to_their_pods(
    objects, answers, reason, evidence, context: DefenceContext
) -> None:
    there = [service(NAME, "blue"), endpoints(NAME, 2), *objects]

    verdict = run(EndpointCheck, context, Playing(there, frames("healthy"), answers=answers))

    assert verdict.reason == reason
    assert evidence in verdict.evidence


def test_a_deployment_does_not_switch_the_traffic(context: DefenceContext) -> None:
    api = Playing([service("mission-control", "green")], frames("healthy"))

    assert run(RolloutGate, context, api).is_green
    assert api.read(Key("v1", "Service", "mission-control"))["spec"]["selector"]["colour"] == "green"


ALL = needs(["ConfigMap", "Deployment", "Service", "ServiceAccount"])


def allowed(*deeds: str) -> frozenset[str]:
    return frozenset(f"deployer {deed}" for deed in deeds)


@pytest.mark.parametrize(
    ("may", "reason", "evidence"),
    [
        (allowed(*(d.in_words for d in ALL)), "OK", ""),
        (allowed(), "FORBIDDEN", "deployer cannot\n  get, create, patch configmaps\n"),
        (
            allowed(*(d.in_words for d in ALL if d.verb != "patch")),
            "FORBIDDEN",
            "cannot\n  patch configmaps\n  patch deployments.apps",
        ),
        (None, "TOO_MUCH_ALLOWED", "can\n  create rolebindings.rbac.authorization.k8s.io"),
    ],
    ids=["enough", "nothing", "no patch", "everything"],
)
def test_the_pipeline_s_account_may_do_what_it_needs_and_no_more(
    may, reason, evidence, context: DefenceContext
) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer"}}

    verdict = run(CanIMatrix, context, Playing([account], allowed=may))

    assert verdict.reason == reason
    assert evidence in verdict.evidence
    if reason == "FORBIDDEN":
        assert "auth can-i" in verdict.command
