"""Every cause is told from what a real cluster showed (recordings), with its evidence and the command that shows it."""

from __future__ import annotations

import copy
import json

import pytest

from chaos_lib.cluster.diagnosis import Cause, diagnose, judge
from chaos_lib.cluster.recorded_api import Frame, RecordedApi
from chaos_lib.cluster.workload import look
from chaos_lib.errors import InvalidInput
from tests.cluster.recording import FOLDER, NAME, frames, played

CASES = {
    "healthy": (Cause.HEALTHY, "2 of 2 replicas are available", "", "rollout status"),
    "image_pull": (Cause.IMAGE_PULL, "`mission-control:1.O.0` cannot be had", "ErrImagePull|ImagePullBackOff", "describe pod"),
    "config_key": (Cause.CONFIG, "is not there", "couldn't find key MISSION_REDIS_ULR in ConfigMap", "describe pod"),
    "service_account": (Cause.CONFIG, "is not there", 'serviceaccount "nobody" not found', "describe replicaset"),
    "out_of_memory": (Cause.OUT_OF_MEMORY, "limit of 24Mi", "OOMKilled, exit code 137", "lastState"),
    "liveness": (Cause.LIVENESS, "restart loop that the probe itself makes", "failed liveness probe", "describe pod"),
    "crash_loop": (Cause.CRASH_LOOP, "exit code 2", "MISSION_LOG_LEVEL is not right", "--previous"),
    "quota": (Cause.QUOTA, "no pod to look at", "exceeded quota: mission-control", "describe quota"),
    "refused": (Cause.REFUSED, "refuses its pods", "must be less than or equal to cpu limit", "describe replicaset"),
    "scheduling": (Cause.SCHEDULING, "no node fits", "node(s) didn't match", "describe pod"),
    "readiness_path": (Cause.READINESS, "does not know that path", "statuscode: 404", "describe pod"),
    "readiness_port": (Cause.READINESS, "Nobody listens on that port", "connection refused", "describe pod"),
    "selector": (Cause.SELECTOR, "leads to none of them", "endpoints of mission-control-blue: none", "get endpoints"),
}  # fmt: skip


def last(case: str) -> RecordedApi:
    return RecordedApi(frames=frames(case)[-1:])


@pytest.mark.parametrize(("case", "expected"), CASES.items(), ids=CASES)
def test_the_cause_is_named_with_evidence_and_command(
    case: str, expected: tuple[Cause, str, str, str]
) -> None:
    cause, words, evidence, command = expected

    found = diagnose(last(case), NAME)

    assert found.cause is cause
    assert words in found.paragraph
    assert any(part in found.evidence for part in evidence.split("|"))
    assert command in found.command
    assert "kubectl" in found.command
    assert found.is_healthy == (case == "healthy")
    assert found.command in found.text


def test_every_recording_is_used() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {*CASES, "rollout"}


@pytest.mark.parametrize("case", sorted(set(CASES) - {"healthy"}))
def test_a_cause_that_was_seen_in_full_ends_the_wait(case: str) -> None:
    assert diagnose(last(case), NAME).is_final


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff"])
def test_an_image_that_flaps_between_its_two_states_is_one_cause(reason: str) -> None:
    frame = frames("image_pull")[-1]
    objects = copy.deepcopy(list(frame.objects))
    for pod in (body for body in objects if body["kind"] == "Pod"):
        for status in pod["status"]["containerStatuses"]:
            status["state"] = {"waiting": {"reason": reason, "message": "no such image"}}

    found = diagnose(RecordedApi(frames=[Frame(tuple(objects), frame.logs)]), NAME)

    assert found.cause is Cause.IMAGE_PULL


@pytest.mark.parametrize(
    "said", ["failed to sync secret cache: timed out waiting for the condition", "context deadline exceeded"]
)
def test_a_node_that_is_too_busy_to_read_a_secret_ends_no_wait(said: str) -> None:
    frame = frames("config_key")[-1]
    objects = copy.deepcopy([body for body in frame.objects if body["kind"] != "Event"])
    for pod in (body for body in objects if body["kind"] == "Pod"):
        for status in pod["status"]["containerStatuses"]:
            status["state"] = {"waiting": {"reason": "CreateContainerConfigError", "message": said}}

    found = diagnose(RecordedApi(frames=[Frame(tuple(objects), frame.logs)]), NAME)

    assert found.cause is not Cause.CONFIG
    assert not found.is_final


def test_a_quota_is_known_from_the_condition_when_its_event_is_lost() -> None:
    frame = frames("quota")[-1]
    objects = tuple(body for body in frame.objects if body["kind"] != "Event")

    found = diagnose(RecordedApi(frames=[Frame(objects)]), NAME)

    assert found.cause is Cause.QUOTA
    assert "exceeded quota" in found.evidence


def test_a_single_restart_is_no_loop_yet() -> None:
    frame = frames("crash_loop")[-1]
    objects = copy.deepcopy(list(frame.objects))
    for pod in (body for body in objects if body["kind"] == "Pod"):
        for status in pod["status"]["containerStatuses"]:
            status["restartCount"] = 1
            status["state"] = {"running": {"startedAt": "2026-11-24T14:00:00Z"}}

    assert diagnose(RecordedApi(frames=[Frame(tuple(objects), frame.logs)]), NAME).cause is Cause.STARTING


def test_a_service_that_says_it_is_not_ready_may_still_become_so() -> None:
    text = json.dumps(list(frames("readiness_path")[-1].objects)).replace("404", "503")

    found = diagnose(RecordedApi(frames=[Frame(tuple(json.loads(text)))]), NAME)

    assert found.cause is Cause.READINESS
    assert not found.is_final
    assert "ask it why" in found.paragraph


def test_a_forbidden_pod_is_a_matter_of_rights() -> None:
    text = json.dumps(list(frames("quota")[-1].objects))
    said = 'violates PodSecurity \\"restricted:latest\\": allowPrivilegeEscalation != false'
    start, end = "is forbidden: exceeded quota", "limited: "
    while start in text:
        head, _, rest = text.partition(start)
        text = head + f"is forbidden: {said} " + rest.partition(end)[2]

    found = diagnose(RecordedApi(frames=[Frame(tuple(json.loads(text)))]), NAME)

    assert found.cause is Cause.RBAC
    assert "PodSecurity" in found.evidence


def test_a_rollout_on_its_way_is_neither_good_nor_bad() -> None:
    found = diagnose(RecordedApi(frames=frames("rollout")[1:2]), NAME)

    assert found.cause is Cause.STARTING
    assert "nothing has failed so far" in found.paragraph


def test_numbers_of_the_version_before_are_not_believed() -> None:
    workload = look(last("healthy"), NAME)
    ahead = copy.deepcopy(dict(workload.deployment))
    ahead["metadata"]["generation"] += 1
    stale = type(workload)(ahead, workload.replica_sets, workload.pods)

    assert workload.is_complete
    assert not stale.is_complete
    assert judge(stale).cause is Cause.STARTING


def test_a_deployment_that_is_not_there_is_told() -> None:
    with pytest.raises(InvalidInput, match="no Deployment `nobody`") as caught:
        diagnose(played("healthy"), "nobody")
    assert "get deployments" in caught.value.fix
