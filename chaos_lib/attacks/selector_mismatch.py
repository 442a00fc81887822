"""Somebody changed the public Service in the cluster by hand: it selects a colour that nobody has."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.settings import Tier


def inject(target: Injector) -> None:
    """Patch the Service in the cluster; the manifests stay right."""
    target.cluster.patch("v1", "Service", "mission-control", {"spec": {"selector": {"colour": "turquoise"}}})


def solve(hands: Hands) -> None:
    """Apply the manifests again: they are what should be."""
    hands.apply_manifests()


ATTACK = Attack(
    name="selector_mismatch",
    title="The road to nowhere",
    emoji="🪧",
    phase="phase-4-k8s",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=5,
    is_core=False,
    story="All pods are green, all probes are green. And your customers? I repainted the sign that leads to you. Turquoise suits it!",
    defence="endpoint-check",
    symptom=Symptom("NO_ENDPOINTS", r"no endpoints: it selects .*colour=turquoise", deadline_s=120.0),
    command=f"{KUBECTL} get endpoints mission-control; {KUBECTL} get pods --show-labels",
    hints=(
        "The pods are well. What leads requests to them?",
        "`kubectl get endpoints` lists the addresses behind each Service. One has none.",
        "Compare the Service's selector with the pods' labels. Then with your manifest: the file is right, the cluster is not.",
        "Apply what is written: `kubectl apply -k k8s/switch`, or run the rollout gate.",
    ),
    debrief=(
        "A Service finds its pods by labels alone, and a selector that matches nothing is no error: it is just empty. Everything "
        "is green, and every request fails. Here the manifests were right; somebody had changed the cluster by hand, in a hurry, "
        "and told nobody. This class of incident is configuration drift between what is written and what runs. Look at "
        "endpoints, not only at pods; compare the cluster with git (`kubectl diff`), and let a pipeline be the only hand that "
        "changes it."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
