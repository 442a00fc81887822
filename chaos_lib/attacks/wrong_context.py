"""The file that says where to deploy points at production."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "k8s/deploy.env"
_RIGHT, _WRONG = "KUBE_CONTEXT=${OPCHAOS_KUBE_CONTEXT}", "KUBE_CONTEXT=production"


def inject(target: Injector) -> None:
    """Aim at another cluster."""
    target.workspace.substitute(_FILE, _RIGHT, _WRONG)


def solve(hands: Hands) -> None:
    """Aim at the lab again."""
    hands.edit(_FILE, _WRONG, _RIGHT)


ATTACK = Attack(
    name="wrong_context",
    title="Oops, production",
    emoji="🧨",
    phase="phase-4-k8s",
    difficulty=Difficulty.BEGINNER,
    minutes=4,
    is_core=False,
    story="You said: deploy. You did not say where! So I chose the biggest cluster I could find.",
    defence="deploy-target",
    symptom=Symptom("WRONG_CONTEXT", r"the context `production` is not the lab's", deadline_s=60.0),
    command="kubectl config current-context; kubectl config get-contexts",
    hints=(
        "Nothing was sent: the Guard stopped it. To which cluster would it have gone?",
        "Where do the gates read context and namespace? Not from your kubeconfig's current context.",
        "In k8s/deploy.env the line must read `KUBE_CONTEXT=${OPCHAOS_KUBE_CONTEXT}`.",
    ),
    debrief=(
        "The command was right and the cluster was wrong: nothing fails, it just happens elsewhere. kubectl keeps one current "
        "context for all your terminals, and whoever looked at production last has left it there. This class of incident is the "
        "operator's slip, and no amount of care prevents it for ever. Name context and namespace in every command of a script, "
        "give people no write access to production from their laptops, and put a guard in front that knows what is allowed."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
