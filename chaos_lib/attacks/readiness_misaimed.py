"""The readiness probe asks a path that the service does not have."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.settings import Tier

_FILE = "k8s/base/deployment.yaml"
_PATH = ("readinessProbe", "httpGet", "path")


def inject(target: Injector) -> None:
    """Drop one letter of the path."""
    target.workspace.replace(_FILE, yaml_text.put(target.workspace.read(_FILE), _PATH, "/ready"))


def solve(hands: Hands) -> None:
    """Ask the path that the service answers."""
    hands.write(_FILE, yaml_text.put((hands.workspace / _FILE).read_text(encoding="utf-8"), _PATH, "/readyz"))


ATTACK = Attack(
    name="readiness_misaimed",
    title="Nobody is ready",
    emoji="🎯",
    phase="phase-4-k8s",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=6,
    is_core=True,
    story="They run. They are healthy. They are happy! And nobody will ever send them a single request. I asked the wrong question.",
    defence="rollout-gate",
    symptom=Symptom(
        "READINESS_FAILS", r"Readiness probe failed: HTTP probe failed with statuscode: 404", deadline_s=180.0
    ),
    command=f"{KUBECTL} rollout status deployment/mission-control-blue --timeout=60s; {KUBECTL} describe pods -l colour=blue",
    hints=(
        "The pod is Running, but 0/1. What decides whether a pod counts as ready?",
        "`kubectl describe pod` ends with events. One of them repeats: read it to the end.",
        "It says 404: the service answers, it just does not know that path. Which one does it know? Its README has a table.",
        "The readinessProbe in k8s/base/deployment.yaml must ask `/readyz`.",
    ),
    debrief=(
        "A misaimed probe is a rollout that hangs. Here that was the good case: because the old pods stay until new ones are "
        "ready, nobody outside noticed. With `maxUnavailable: 1`, or a Recreate strategy, it is an outage. This class of "
        "incident is the broken health check; many big outages had one in their middle, some because the check asked too "
        "little, some because it asked too much. Test probes against the image before you deploy, and let a gate undo a rollout "
        "that does not get ready."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
