"""The Deployment wants far more replicas than the namespace's quota allows."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL

_FILE = "k8s/base/deployment.yaml"
_PATH = ("spec", "replicas")


def inject(target: Injector) -> None:
    """Prepare for a very busy day."""
    target.workspace.replace(_FILE, yaml_text.put(target.workspace.read(_FILE), _PATH, "40"))


def solve(hands: Hands) -> None:
    """Be modest again."""
    hands.write(_FILE, yaml_text.put((hands.workspace / _FILE).read_text(encoding="utf-8"), _PATH, "2"))


ATTACK = Attack(
    name="quota_exhausted",
    title="Forty of a kind",
    emoji="🍽️",
    phase="phase-4-k8s",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=5,
    is_core=False,
    story="Black Friday is coming, so I ordered a few more. Forty should do. Who pays? Not me!",
    defence="capacity-lint",
    symptom=Symptom("QUOTA_EXCEEDED", r"exceeded quota: (pods|requests\.\w+|limits\.\w+)", deadline_s=60.0),
    command=f"{KUBECTL} describe replicaset; {KUBECTL} describe quota  # FailedCreate",
    hints=(
        "In the cluster `kubectl get pods` would show nothing wrong, just fewer pods than you asked for. Who makes the pods?",
        "The ReplicaSet's events would tell: FailedCreate, exceeded quota. How much may the namespace have? See "
        "k8s/platform/quota.yaml.",
        "Multiply: replicas times what each pod requests, for both colours, plus one for the rollout.",
        "Set `replicas: 2` in k8s/base/deployment.yaml.",
    ),
    debrief=(
        "A quota refuses pods, not Deployments: the Deployment is accepted, and then pods are missing without an error where "
        "anybody looks. The worst moment for it is a rollout, when the new pods have to fit beside the old ones, or a failover, "
        "when a second region takes the load of the first. This class of incident is capacity exhaustion. Add up requests "
        "before you deploy, leave room for a surge, and alert on missing replicas."
    ),
    inject=inject,
    solve=solve,
)
