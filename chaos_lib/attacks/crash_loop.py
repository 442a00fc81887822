"""A setting has a value that the service refuses, so it ends at start, again and again."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.settings import Tier

_FILE = "k8s/base/kustomization.yaml"
_GOOD, _BAD = "MISSION_LOG_LEVEL=info", "MISSION_LOG_LEVEL=verbose"


def inject(target: Injector) -> None:
    """Ask for a log level of another framework."""
    target.workspace.substitute(_FILE, _GOOD, _BAD)


def solve(hands: Hands) -> None:
    """Ask for one that the service knows."""
    hands.edit(_FILE, _BAD, _GOOD)


ATTACK = Attack(
    name="crash_loop",
    title="Once more with feeling",
    emoji="🔂",
    phase="phase-4-k8s",
    difficulty=Difficulty.BEGINNER,
    minutes=5,
    is_core=False,
    story="It starts. It stops. It starts. It stops. I could watch this all day, and your cluster will!",
    defence="rollout-gate",
    symptom=Symptom("CRASH_LOOP", r"MISSION_LOG_LEVEL is not right", deadline_s=180.0),
    command=f'{KUBECTL} logs --previous "$({KUBECTL} get pods -l colour=blue --sort-by=.metadata.creationTimestamp -o name | tail -n 1)"',
    hints=(
        "`kubectl get pods` shows how often it has been restarted. The pod that you see now is not the one that failed.",
        "`kubectl logs POD --previous` shows the last words of the container before. They are very plain.",
        "Which values does MISSION_LOG_LEVEL take? The service's README has a table.",
        "In k8s/base/kustomization.yaml the literal must read `MISSION_LOG_LEVEL=info`.",
    ),
    debrief=(
        "CrashLoopBackOff is no cause, it is a pause: the program ends, the kubelet waits ten seconds, twenty, forty, up to "
        "five minutes, and tries again. The cause is in the log of the previous container, which is why `--previous` is the most "
        "useful option of kubectl. Services that check all their settings at start, and say what is wrong in one line, turn an "
        "hour of search into a minute. This class of incident is the bad configuration push; it has taken down more big sites "
        "than bad code has."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
