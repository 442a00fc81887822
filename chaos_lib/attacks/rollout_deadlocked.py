"""No pod more and no pod less: with such a strategy no rollout could ever take a step."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL, rendered
from chaos_lib.settings import Tier

_FILE = "k8s/base/deployment.yaml"


def inject(target: Injector) -> None:
    """Forbid every step."""
    text = target.workspace.read(_FILE)
    for name in ("maxSurge", "maxUnavailable"):
        text = yaml_text.put(text, ("strategy", "rollingUpdate", name), "0")
    target.workspace.replace(_FILE, text)


def solve(hands: Hands) -> None:
    """Allow one pod more."""
    text = (hands.workspace / _FILE).read_text(encoding="utf-8")
    hands.write(_FILE, yaml_text.put(text, ("strategy", "rollingUpdate", "maxSurge"), "1"))


ATTACK = Attack(
    name="rollout_deadlocked",
    title="After you. No, after you!",
    emoji="🚧",
    phase="phase-4-k8s",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=5,
    is_core=False,
    story="Not one pod more, I said. And not one pod less! Safety first. Now roll out, please. I am waiting.",
    defence="server-dry-run",
    symptom=Symptom(
        "REJECTED_BY_SERVER", r"[Mm]axUnavailable.*may not be 0 when .?maxSurge.? is 0", deadline_s=120.0
    ),
    command=f"{rendered('k8s/overlays/blue')} | {KUBECTL} apply --dry-run=server -f -",
    hints=(
        "The YAML is fine, the schema is fine. Who else could have an opinion? Read the server's sentence.",
        "A rolling update either starts a new pod first, or stops an old one first. What do the two numbers allow?",
        "The surge is how many more than wanted, the other how many fewer. Both 0 means: no step.",
        "Set `maxSurge: 1` in k8s/base/deployment.yaml.",
    ),
    debrief=(
        "Two settings, each sensible alone, contradict each other together; no schema can know that, so it takes the server's "
        "own validation, with `--dry-run=server`, before the merge. The API server refuses this one. Its relatives pass: a surge "
        "that the quota does not allow, a disruption budget that allows no disruption, a rollout that is paused and forgotten. "
        "This class of incident is the stuck deployment. Have a progress deadline, an alert on it, and practise `kubectl rollout "
        "undo` before you need it."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
