"""The binding that lets the pipeline's account deploy is gone from the cluster."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.settings import Tier


def inject(target: Injector) -> None:
    """Delete the RoleBinding in the cluster."""
    target.cluster.delete("rbac.authorization.k8s.io/v1", "RoleBinding", "deployer")


def solve(hands: Hands) -> None:
    """Apply the platform's manifests again."""
    hands.apply_manifests()


ATTACK = Attack(
    name="rbac_missing",
    title="You are not on the list",
    emoji="🪪",
    phase="phase-4-k8s",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=5,
    is_core=False,
    story="I heard that your pipeline has too many rights. Now it has none! Least privilege, as they say. You are welcome.",
    defence="can-i-matrix",
    symptom=Symptom("FORBIDDEN", r":deployer cannot\n(.*\n)*.*create.* deployments\.apps", deadline_s=120.0),
    command=f'{KUBECTL} auth can-i --list --as="system:serviceaccount:$OPCHAOS_KUBE_NAMESPACE:deployer"',
    hints=(
        "It says 403: the cluster knows who asks, and says no. Who asks, and for what?",
        "A right takes three things: an account, a role that names verbs, and a binding between the two. Are all there?",
        "`kubectl get serviceaccount,role,rolebinding` lists them. Compare with k8s/platform/deployer.yaml.",
        "Apply the platform's manifests again: `kubectl apply -k k8s/platform`.",
    ),
    debrief=(
        "Rights are lost in clean-ups, in migrations, when a namespace is made again; and nobody notices before the next "
        "deployment, which is the hotfix at night. The tempting way out is cluster-admin for everybody, and that is how one stolen "
        "token becomes a stolen cluster. This class of incident is broken access management. Keep roles in git beside what needs "
        "them, and ask regularly, with `kubectl auth can-i`, for every right that is needed and for some that must not be there."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
