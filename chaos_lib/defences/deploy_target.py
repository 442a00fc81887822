"""Ask the Guard, before anything is sent, whether the manifests go where they should."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.cluster_gate import CLUSTER_REASONS, ClusterGate, Ground
from chaos_lib.defences.manifest_gate import Finding
from chaos_lib.defences.scope import CLUSTER, MANIFESTS, Scope
from chaos_lib.errors import GuardRefused


class DeployTarget(ClusterGate):
    """Context and namespace of `k8s/deploy.env` have to be the mission's own; the current context is never asked."""

    name = "deploy-target"
    title = "Guard on contexts"
    looks_at = MANIFESTS | Scope((), (CLUSTER,))
    reasons: Mapping[str, str] = {
        **CLUSTER_REASONS,
        "WRONG_CONTEXT": "The manifests would go to a cluster that is not the mission's.",
        "WRONG_NAMESPACE": "The manifests would go to a namespace that is not the mission's.",
    }
    command = "kubectl config get-contexts; kubectl config view --minify"
    all_well = "The manifests go to the mission's own namespace."

    def look(self, ground: Ground) -> Finding:
        """The Guard has let it through; ask the cluster for one word, so that it is known to be there."""
        return Finding(detail=f"Kubernetes {ground.api.version()} answers behind `{ground.target.context}`.")

    def refused(self, exc: GuardRefused) -> Finding:
        """Say what the Guard refused."""
        reason = "WRONG_CONTEXT" if "the context" in exc.what else "WRONG_NAMESPACE"
        return Finding(reason, detail=exc.what, evidence=exc.evidence, remedy=exc.fix)


DEPLOY_TARGET = DeployTarget()
