"""What the availability probe makes of what it saw; the probe itself is proved on a real cluster by its attack."""

from __future__ import annotations

import pytest

from chaos_lib.cluster.load import LoadReport
from chaos_lib.defences.availability_probe import LIMIT_S, _judged, _ready

LOST = LoadReport(40, tuple(f"{n} s: 503" for n in range(5)), 4.0)


@pytest.mark.parametrize(("gap_s", "reason"), [(LIMIT_S, "OK"), (LIMIT_S + 0.1, "OUTAGE")])
def test_a_silence_longer_than_the_limit_is_an_outage(gap_s: float, reason: str) -> None:
    finding = _judged(gap_s, LOST, 1, "web-1")

    assert finding.reason == reason
    assert finding.numbers == {"longest_gap_s": round(gap_s, 2), "sent": 40.0, "lost": 5.0}


def test_an_outage_names_the_pod_the_silence_and_the_first_lost_requests() -> None:
    finding = _judged(3.21, LOST, 2, "web-1")

    assert "2 replicas; killed: pod/web-1" in finding.evidence
    assert "without an answer: 3.2 s" in finding.evidence
    assert "2 s: 503" in finding.evidence
    assert "3 s: 503" not in finding.evidence
    assert "maxUnavailable: 0" in finding.remedy


def pod(name: str, *, is_ready: bool, is_leaving: bool = False) -> dict:
    leaving = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if is_leaving else {}
    condition = {"type": "Ready", "status": str(is_ready)}
    return {"metadata": {"name": name, **leaving}, "status": {"conditions": [condition]}}


def test_the_pod_that_is_killed_is_one_that_serves() -> None:
    leaving = pod("leaving", is_ready=True, is_leaving=True)

    assert _ready([leaving, pod("starting", is_ready=False), pod("serving", is_ready=True)]) == "serving"
    assert _ready([leaving, pod("starting", is_ready=False)]) == "starting"
    assert _ready([leaving]) == "leaving"
