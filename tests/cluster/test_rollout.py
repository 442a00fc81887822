"""Waiting, undoing and scaling, on recordings: no cluster, no real time."""

from __future__ import annotations

import copy

import pytest

from chaos_lib.cluster import rollout
from chaos_lib.cluster.diagnosis import Cause
from chaos_lib.cluster.objects import Key
from chaos_lib.cluster.recorded_api import RecordedApi
from chaos_lib.cluster.workload import revision_of
from chaos_lib.errors import InvalidInput
from chaos_lib.settings import Tier
from tests.cluster.recording import NAME, frames, played

DEPLOYMENT = Key("apps/v1", "Deployment", NAME)


def test_the_model_calls_itself_simulated() -> None:
    assert RecordedApi().tier is Tier.SIMULATED


def test_a_rollout_is_watched_until_it_is_complete(clock) -> None:
    seen = []

    done = rollout.wait_for(played("rollout"), NAME, on_progress=seen.append, clock=clock)

    assert done.is_complete
    assert [s.counts.new_ready for s in done.samples] == sorted(s.counts.new_ready for s in done.samples)
    assert all(s.counts.ready >= 2 for s in done.samples)
    assert tuple(seen) == done.samples
    # Looks are a quarter of a second apart; the last one comes as soon as the Deployment says that it is done.
    assert done.elapsed_s <= 0.25 * (len(seen) - 1) + 0.001


@pytest.mark.parametrize(
    ("case", "cause"),
    [("out_of_memory", Cause.OUT_OF_MEMORY), ("image_pull", Cause.IMAGE_PULL), ("quota", Cause.QUOTA)],
)
def test_a_hopeless_rollout_is_given_up_long_before_its_deadline(case: str, cause: Cause, clock) -> None:
    done = rollout.wait_for(played(case), NAME, timeout_s=600, clock=clock)

    assert done.diagnosis.cause is cause
    assert done.elapsed_s < 5


def test_a_cause_that_is_gone_at_the_next_look_does_not_end_the_wait(clock) -> None:
    api = RecordedApi(frames=[frames("out_of_memory")[-1], *frames("rollout")])

    assert rollout.wait_for(api, NAME, clock=clock).is_complete


def test_endpoints_may_come_a_moment_after_the_pods(clock) -> None:
    api = RecordedApi(frames=[*frames("selector") * 3, *frames("healthy")])

    assert rollout.wait_for(api, NAME, clock=clock).is_complete


def test_a_service_that_stays_without_endpoints_is_the_diagnosis(clock) -> None:
    assert rollout.wait_for(played("selector"), NAME, clock=clock).diagnosis.cause is Cause.SELECTOR


def test_time_that_runs_out_is_a_diagnosis_and_no_exception(clock) -> None:
    api = RecordedApi(frames=frames("rollout")[1:2])

    done = rollout.wait_for(api, NAME, timeout_s=3, clock=clock)

    assert done.diagnosis.cause is Cause.STARTING
    assert done.elapsed_s >= 3


def test_undo_goes_back_to_the_revision_before(clock) -> None:
    api = played("rollout")
    rollout.wait_for(api, NAME, clock=clock)

    revision = rollout.undo(api, NAME)

    sets = [body for body in frames("rollout")[-1].objects if body["kind"] == "ReplicaSet"]
    wanted = min(sets, key=revision_of)["spec"]["template"]
    written = api._objects[DEPLOYMENT]["spec"]["template"]
    assert api.writes == [("replace", DEPLOYMENT)]
    assert written["spec"] == wanted["spec"]
    assert "pod-template-hash" not in written["metadata"]["labels"]
    assert revision < rollout.look(api, NAME).revision


def test_undo_to_a_revision_that_is_gone_lists_those_that_are_there() -> None:
    with pytest.raises(InvalidInput, match="has no revision 999") as caught:
        rollout.undo(played("healthy"), NAME, 999)
    assert "earlier revisions" in caught.value.evidence
    assert "rollout history" in caught.value.fix


def test_scaling_changes_the_replicas_and_nothing_else() -> None:
    api = played("healthy")

    rollout.scale(api, NAME, 5)

    before = next(body for body in frames("healthy")[0].objects if body["kind"] == "Deployment")
    expected = copy.deepcopy(before["spec"]) | {"replicas": 5}
    assert api._objects[DEPLOYMENT]["spec"] == expected


@pytest.mark.parametrize("replicas", [-1, 51])
def test_a_number_of_replicas_out_of_range_is_refused(replicas: int) -> None:
    with pytest.raises(InvalidInput, match="no sense"):
        rollout.scale(played("healthy"), NAME, replicas)


def test_the_previous_container_s_log_is_given() -> None:
    assert "MISSION_LOG_LEVEL is not right" in rollout.previous_log(
        RecordedApi(frames=frames("crash_loop")[-1:]), NAME
    )
    assert rollout.previous_log(played("healthy"), NAME) == ""
