"""One replica is left: when its pod dies in the middle of a rollout, nobody answers."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.settings import Tier

_FILE = "k8s/base/deployment.yaml"
_REPLICAS = ("spec", "replicas")


def inject(target: Injector) -> None:
    """Save money."""
    target.workspace.replace(_FILE, yaml_text.put(target.workspace.read(_FILE), _REPLICAS, "1"))


def solve(hands: Hands) -> None:
    """Let two serve."""
    hands.write(_FILE, yaml_text.put((hands.workspace / _FILE).read_text(encoding="utf-8"), _REPLICAS, "2"))


ATTACK = Attack(
    name="pod_killed_in_rollout",
    title="The last one turns off the light",
    emoji="🕯️",
    phase="phase-5-final",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=6,
    is_core=False,
    story="Two pods for one service? I have saved you half the bill. And nodes never die at a bad moment, do they?",
    defence="availability-probe",
    symptom=Symptom("OUTAGE", r"1 replica; killed: pod/", deadline_s=240.0),
    command="kubectl rollout restart deployment/mission-control-blue; kubectl delete pod POD --grace-period=0 --force",
    hints=(
        "Every gate that looks at a quiet system is green. What happens to your users when a pod dies *while* you deploy?",
        "How many pods can answer at that moment? `kubectl get deployment` says how many are wanted.",
        "`maxUnavailable: 0` keeps an old pod until a new one is ready, but it cannot keep one alive that is killed.",
        "Set `replicas: 2` in k8s/base/deployment.yaml.",
    ),
    debrief=(
        "A rolling update protects from your own changes only. Nodes are drained, machines die and kernels run out of memory "
        "without asking whether a rollout is under way, and with one replica each of these is an outage as long as a start. "
        "Two replicas, a readiness probe that tells the truth, and a disruption budget make it a non-event. Nobody sees this "
        "in a quiet test: the gate has to kill a pod while it asks. This class of incident is the single point of failure; the "
        "drill that finds it is the oldest in chaos engineering."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
