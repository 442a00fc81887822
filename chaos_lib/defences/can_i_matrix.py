"""Ask the cluster what the pipeline's account may do: all that a deployment needs, and nothing that it must not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos_lib.cluster.api import Deed
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.objects import Key
from chaos_lib.defences.cluster_gate import CLUSTER_REASONS, ClusterGate, Ground
from chaos_lib.defences.manifest_gate import Finding

ACCOUNT = "deployer"
# Kind to group and plural, for the kinds that the pipeline applies.
_RESOURCES: Mapping[str, tuple[str, str]] = {
    "Deployment": ("apps", "deployments"),
    "Service": ("", "services"),
    "ConfigMap": ("", "configmaps"),
    "Secret": ("", "secrets"),
    "ServiceAccount": ("", "serviceaccounts"),
    "NetworkPolicy": ("networking.k8s.io", "networkpolicies"),
}
_WATCHED = (
    Deed("list", "apps", "replicasets"),
    Deed("list", "", "pods"),
    Deed("list", "", "events"),
    Deed("get", "", "pods", "log"),
    Deed("get", "", "endpoints"),
)
# A pipeline that may do these can give itself every other right.
_FORBIDDEN = (
    Deed("create", "rbac.authorization.k8s.io", "rolebindings"),
    Deed("create", "", "pods", "exec"),
    Deed("delete", "", "namespaces"),
    Deed("list", "", "nodes"),
)


class CanIMatrix(ClusterGate):
    """`kubectl auth can-i` for everything that a deployment does; what is needed follows from the manifests."""

    name = "can-i-matrix"
    title = "Can-i matrix"
    reasons: Mapping[str, str] = {
        **CLUSTER_REASONS,
        "FORBIDDEN": "The pipeline's account may not do what a deployment needs (403).",
        "TOO_MUCH_ALLOWED": "The pipeline's account may do more than it should.",
    }
    command = f'{KUBECTL} auth can-i --list --as="system:serviceaccount:$OPCHAOS_KUBE_NAMESPACE:deployer"'
    all_well = "The pipeline's account may do what a deployment needs, and no more."

    def look(self, ground: Ground) -> Finding:
        """Ask for every right."""
        if ground.api.read(Key("v1", "ServiceAccount", ACCOUNT)) is None:
            wrong = ground.provide_backing()
            if wrong is not None:
                return wrong
        kinds = {str(body["kind"]) for body in ground.own}
        needed = needs(sorted(kinds))
        missing = [deed for deed in needed if not ground.api.can(ACCOUNT, deed)]
        user = f"system:serviceaccount:{ground.target.namespace}:{ACCOUNT}"
        if missing:
            first = ground.target.kubectl.line("auth", "can-i", *missing[0].in_words.split(), f"--as={user}")
            return Finding(
                "FORBIDDEN",
                detail=f"{len(missing)} of {len(needed)} rights are missing.",
                evidence=f"{user} cannot\n{_by_resource(missing)}",
                remedy="Is the RoleBinding there, and does its Role name these verbs? k8s/platform/deployer.yaml holds both.",
                command=first,
                numbers={"rights_needed": float(len(needed)), "rights_missing": float(len(missing))},
            )
        allowed = [deed for deed in _FORBIDDEN if ground.api.can(ACCOUNT, deed)]
        if allowed:
            return Finding(
                "TOO_MUCH_ALLOWED",
                evidence=f"{user} can\n{_by_resource(allowed)}",
                remedy="Take these verbs out of its Role, and remove bindings to bigger roles.",
            )
        return Finding(numbers={"rights_needed": float(len(needed)), "rights_missing": 0.0})


def needs(kinds: Sequence[str]) -> tuple[Deed, ...]:
    """Return what a deployment of these kinds does: read, create and patch each, and watch what becomes of it."""
    applied = [_RESOURCES[kind] for kind in kinds if kind in _RESOURCES]
    deeds = [Deed(verb, group, name) for group, name in applied for verb in ("get", "create", "patch")]
    return (*deeds, *_WATCHED)


def _by_resource(deeds: Sequence[Deed]) -> str:
    """Return a line a resource: `  get, create, patch deployments.apps`."""
    verbs: dict[str, list[str]] = {}
    for deed in deeds:
        verb, resource = deed.in_words.split(" ", 1)
        verbs.setdefault(resource, []).append(verb)
    return "\n".join(f"  {', '.join(found)} {resource}" for resource, found in verbs.items())


CAN_I_MATRIX = CanIMatrix()
