"""The memory limit is far below what the service needs."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.settings import Tier

_FILE = "k8s/base/deployment.yaml"
# The interpreter alone fits; what it imports does not.
_TOO_LITTLE = "24Mi"


def inject(target: Injector) -> None:
    """Save memory where it is needed; the request goes down with the limit, or the API server would object."""
    text = yaml_text.put(target.workspace.read(_FILE), ("resources", "requests", "memory"), _TOO_LITTLE)
    target.workspace.replace(_FILE, yaml_text.put(text, ("resources", "limits", "memory"), _TOO_LITTLE))


def solve(hands: Hands) -> None:
    """Give it what was measured, and room above."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="memory_limit_low",
    title="The tight suit",
    emoji="🥋",
    phase="phase-4-k8s",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=6,
    is_core=True,
    story="Your finance department loves me: I cut the memory bill by eighty per cent. With one line!",
    defence="rollout-gate",
    symptom=Symptom("OOM_KILLED", r"reason OOMKilled, exit code 137", deadline_s=180.0),
    command=f"{KUBECTL} get pods; {KUBECTL} describe pods -l colour=blue",
    hints=(
        "The log of the pod just stops. Who ends a program without giving it time for a last word?",
        "`kubectl describe pod` shows the last state of the container: a reason and an exit code. 137 is 128 + 9: SIGKILL.",
        "OOMKilled: the container wanted more memory than its limit. What is the limit, and what was measured? The "
        "Deployment's annotation remembers.",
        "Set `resources.limits.memory` to 192Mi and the request to 96Mi, in k8s/base/deployment.yaml.",
    ),
    debrief=(
        "Memory cannot be stretched like processor time: above its limit a process is killed, at once and without a word. "
        "Limits that were guessed, or copied from another service, work until the first busy day. This class of incident, "
        "the out-of-memory kill, looks like a crash without a cause, because the log holds none. Measure under load, set the "
        "limit well above, keep a limit range so that nobody forgets one, and let a gate watch the rollout."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
