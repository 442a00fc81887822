"""The startup probe is gone and the liveness probe has no patience, so a slow start is never allowed to end."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.settings import Tier

_FILE = "k8s/base/deployment.yaml"


def inject(target: Injector) -> None:
    """Take the startup probe away, let liveness give up after a second, and slow the processor down."""
    text = yaml_text.without(target.workspace.read(_FILE), ("startupProbe",))
    for path, value in (
        (("livenessProbe", "periodSeconds"), "1"),
        (("livenessProbe", "failureThreshold"), "1"),
        (("livenessProbe", "timeoutSeconds"), "1"),
        (("resources", "limits", "cpu"), "100m"),
    ):
        text = yaml_text.put(text, path, value)
    target.workspace.replace(_FILE, text)


def solve(hands: Hands) -> None:
    """Let a startup probe wait for the start, and give liveness patience."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="liveness_impatient",
    title="Are we there yet?",
    emoji="⏱️",
    phase="phase-4-k8s",
    difficulty=Difficulty.ADVANCED,
    minutes=6,
    is_core=False,
    story="I look after your service every second. Does it not answer at once? Then it must be dead, and I help it to start again!",
    defence="rollout-gate",
    symptom=Symptom("LIVENESS_KILLS", r"failed liveness probe, will be restarted", deadline_s=180.0),
    command=f"{KUBECTL} describe pods -l colour=blue  # Killing",
    hints=(
        "It restarts, and its log holds no error. Who ends it?",
        "`kubectl describe pod` shows an event Killing: a probe gave up. How long did it wait, and how long does a start take?",
        "Liveness is for programs that are stuck. For the start there is another probe, and as long as it has not passed, the "
        "other two wait.",
        "Bring the startupProbe back (/healthz, every second, 60 times), and let liveness ask every 10 s and fail after 3.",
    ),
    debrief=(
        "A liveness probe that is too strict turns a slow moment into an outage: under load answers get slow, pods are killed, "
        "the others get their load, get slow, and are killed, too. This class of incident is the cascading restart. Use a startup "
        'probe for the start, ask as little as possible for liveness (never a database), be patient, and leave "not now" to '
        "readiness. Try the start on a slow processor: the laptop is not the cluster."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
