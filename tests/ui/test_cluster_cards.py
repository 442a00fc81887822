"""What the notebook shows of the cluster, as words: the page says the same."""

from __future__ import annotations

from chaos_lib.cluster.api import HttpAnswer
from chaos_lib.cluster.blue_green import SwitchReport
from chaos_lib.cluster.deploy import Deployed
from chaos_lib.cluster.diagnosis import Cause, Diagnosis
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.rollout import Rollout, Sample
from chaos_lib.cluster.smoke import SmokeReport
from chaos_lib.cluster.workload import Counts
from chaos_lib.errors import ClusterRefused
from chaos_lib.ui import cluster_cards

WELL = Diagnosis(Cause.HEALTHY, "`web` is healthy.", "", "kubectl rollout status deployment/web")
SICK = Diagnosis(
    Cause.CRASH_LOOP, "It ends at once.", "exit code 2", "kubectl logs web-1 --previous", is_final=True
)
ANSWERS = (("/healthz", HttpAnswer(200, "alive")),)
SILENCE = (("/healthz", HttpAnswer(0, "no endpoints available")),)


def rollout(found: Diagnosis, name: str = "web-blue") -> Rollout:
    counts = Counts(wanted=2, updated=1, ready=2, available=2, new_ready=2 if found.is_healthy else 0)
    return Rollout(name, 3, found, (Sample(1.5, counts),), 1.5)


def test_a_diagnosis_says_why_shows_the_evidence_and_the_command() -> None:
    text = cluster_cards.diagnosis(SICK).text
    for part in (
        "✗ DIAGNOSIS  CRASH_LOOP",
        "It ends at once.",
        "exit code 2",
        "kubectl logs web-1 --previous",
    ):
        assert part in text
    assert "✓ HEALTHY" in cluster_cards.diagnosis(WELL).text


def test_a_deployment_that_is_complete_names_its_replicas_and_the_command() -> None:
    text = cluster_cards.deployed(Deployed((rollout(WELL),))).text
    assert "✓ DEPLOYED  web-blue" in text
    assert "2 of 2 ready, 2 of the new version, revision 3" in text
    assert "kubectl apply -k k8s/overlays/blue" in text
    assert f"{KUBECTL} rollout status deployment/web-blue; {KUBECTL} get pods -l colour=blue" in text


def test_a_deployment_that_failed_names_the_cause_and_where_to_look() -> None:
    text = cluster_cards.deployed(Deployed((rollout(WELL, "redis"), rollout(SICK)))).text
    assert "✗ NOT ROLLED OUT  web-blue: CRASH_LOOP" in text
    assert "2 of 2 ready, 0 of the new version" in text
    assert 'Next step: `chaos.diagnose("web-blue")`' in text
    assert f"{KUBECTL} rollout status deployment/web-blue; {KUBECTL} get pods" in text


def test_a_deployment_that_the_server_refused_says_so() -> None:
    refusal = ClusterRefused("The server refused it.", evidence="spec.replicas: Invalid", fix="Correct it.")
    text = cluster_cards.deployed(Deployed((), refusal)).text
    for part in ("✗ REFUSED", "The server refused it.", "spec.replicas: Invalid", "Next step: Correct it."):
        assert part in text


def test_a_rollback_reminds_of_the_files() -> None:
    text = cluster_cards.rolled_back(rollout(WELL)).text
    assert "↺ ROLLED BACK  web-blue" in text
    assert "Your files have not changed" in text
    assert f"{KUBECTL} rollout undo deployment/web-blue" in text
    assert "✗ NOT ROLLED OUT" in cluster_cards.rolled_back(rollout(SICK)).text


def test_a_switch_shows_both_looks_and_who_serves() -> None:
    good = SmokeReport("web", ANSWERS, "green")
    text = cluster_cards.switched(
        SwitchReport("green", "blue", "green", Deployed((rollout(WELL),)), good, good)
    ).text
    assert "⇄ SWITCHED  blue → green  [green serves]" in text
    assert "before the switch" in text
    assert "after the switch" in text
    assert """-p '{"spec":{"selector":{"colour":"green"}}}'""" in text


def test_a_switch_that_was_taken_back_says_who_serves_again() -> None:
    deployed = Deployed((rollout(WELL),))
    bad = SmokeReport("web", SILENCE)
    back = cluster_cards.switched(SwitchReport("green", "blue", "blue", deployed, None, bad)).text
    assert "✗ FLIPPED BACK  green  [blue serves]" in back
    assert "no endpoints available" in back
    stayed = cluster_cards.switched(SwitchReport("green", "blue", "blue", Deployed((rollout(SICK),)))).text
    assert "✗ NOT SWITCHED  green  [blue serves]" in stayed
    assert "kubectl logs web-1 --previous" in stayed


def test_a_flip_shows_the_one_line_that_does_it() -> None:
    text = cluster_cards.flipped("green", "blue").text
    assert "⇄ SWITCHED  green → blue" in text
    assert f"{KUBECTL} patch service mission-control" in text
