"""Kill a pod in the middle of a rollout and count how long nobody answers."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Mapping, Sequence

from chaos_lib.cluster.api import ClusterApi, HttpAnswer
from chaos_lib.cluster.load import Load, LoadReport
from chaos_lib.cluster.objects import Json, Key, name_of
from chaos_lib.cluster.rollout import wait_for
from chaos_lib.cluster.trial import restarted, trial
from chaos_lib.defences.cluster_gate import CLUSTER_REASONS, ClusterGate, Ground
from chaos_lib.defences.manifest_gate import Finding

# One pod of two that dies takes a few requests with it; nobody at all for this long is an outage.
LIMIT_S = 1.5
_RATE = 10.0
_TIMEOUT_S = 90.0


class Answers:
    """Notes when somebody answered; `gap_s` is the longest time in which nobody did."""

    def __init__(self) -> None:
        self._at = [time.monotonic()]
        self._lock = threading.Lock()

    def note(self) -> None:
        """Somebody answered just now."""
        with self._lock:
            self._at.append(time.monotonic())

    @property
    def gap_s(self) -> float:
        """Seconds of the longest silence, the time since the last answer included."""
        with self._lock:
            at = sorted([*self._at, time.monotonic()])
        return max(later - earlier for earlier, later in itertools.pairwise(at))


class AvailabilityProbe(ClusterGate):
    """Rolls the workspace's version out once more, kills a pod that serves, and asks all the time.

    A drill: it restarts pods on purpose, so it belongs into the night and not into every commit.
    """

    name = "availability-probe"
    title = "Availability over a rollout"
    phase = "phase-5-final"
    reasons: Mapping[str, str] = {
        **CLUSTER_REASONS,
        "OUTAGE": "A pod died in the middle of a rollout, and for a while nobody answered.",
        "ROLLOUT_STUCK": "The rollout in which a pod died did not come to its end.",
    }
    command = "kubectl rollout restart deployment/mission-control-blue & kubectl delete pod POD --grace-period=0 --force"
    all_well = "A pod died in the middle of a rollout, and the others answered."

    def look(self, ground: Ground) -> Finding:
        """Roll out, kill, ask."""
        wrong = ground.provide_deployment()
        if wrong is not None:
            return wrong
        name = ground.workloads[0]
        deployed = ground.own.find("Deployment", name)
        assert deployed is not None
        labels = deployed["spec"]["selector"]["matchLabels"]
        # What is judged is the workspace's version; it has to stand before it can be shaken.
        with trial(ground.api, ground.own, timeout_s=_TIMEOUT_S, clock=ground.clock):
            stands = wait_for(ground.api, name, timeout_s=_TIMEOUT_S, clock=ground.clock)
            if not stands.is_complete:
                return Finding("ROLLOUT_STUCK", stands.diagnosis.paragraph, stands.diagnosis.evidence)
            answers = Answers()

            def ask() -> HttpAnswer:
                answer = ground.api.get(name, "/healthz")
                if answer.status == 200:
                    answers.note()
                return answer

            victim = _ready(ground.api.list("v1", "Pod", labels))
            with (
                Load(ask, rate=_RATE) as load,
                trial(
                    ground.api,
                    restarted(ground.own, secrets.token_hex(4)),
                    timeout_s=_TIMEOUT_S,
                    clock=ground.clock,
                ),
            ):
                _kill(ground.api, victim)
                rollout = wait_for(ground.api, name, timeout_s=_TIMEOUT_S, clock=ground.clock)
                gap_s, report = answers.gap_s, load.report
        if not rollout.is_complete:
            return Finding("ROLLOUT_STUCK", rollout.diagnosis.paragraph, rollout.diagnosis.evidence)
        return _judged(gap_s, report, stands.samples[-1].counts.wanted, victim)


def _judged(gap_s: float, report: LoadReport, wanted: int, victim: str) -> Finding:
    numbers = {
        "longest_gap_s": round(gap_s, 2),
        "sent": float(report.sent),
        "lost": float(len(report.failures)),
    }
    replicas = f"{wanted} replica{'s' if wanted != 1 else ''}"
    seen = f"longest time without an answer: {gap_s:.1f} s (the limit is {LIMIT_S:.1f} s); {report.in_words}"
    if gap_s <= LIMIT_S:
        return Finding(detail=f"{replicas}, {seen}", numbers=numbers)
    first = "\n".join(report.failures[:3])
    return Finding(
        "OUTAGE",
        evidence=f"{replicas}; killed: pod/{victim}; {seen}\n{first}",
        remedy="Let two replicas or more serve, and keep them while new ones come: `replicas: 2`, `maxUnavailable: 0`.",
        numbers=numbers,
    )


def _ready(pods: Sequence[Json]) -> str:
    """Return a pod that serves; one that is on its way out does so no longer, although it may still call itself ready."""
    here = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    for pod in here:
        conditions = (pod.get("status") or {}).get("conditions") or ()
        if any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions):
            return name_of(pod)
    return name_of((here or pods)[0])


def _kill(api: ClusterApi, pod: str) -> None:
    api.delete(Key("v1", "Pod", pod), grace_s=0)


AVAILABILITY_PROBE = AvailabilityProbe()
