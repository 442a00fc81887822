"""Let the API server itself judge every manifest, without keeping any."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.cluster.kubectl import KUBECTL, rendered
from chaos_lib.cluster.objects import key_of
from chaos_lib.defences.cluster_gate import CLUSTER_REASONS, ClusterGate, Ground
from chaos_lib.defences.manifest_gate import Finding
from chaos_lib.errors import ClusterRefused


class ServerDryRun(ClusterGate):
    """Applies every object with `dryRun=All`: the server validates, fills in defaults and runs admission, and keeps nothing.

    It knows what no schema says: that two fields contradict each other, that a field is immutable, that a quota refuses.
    """

    name = "server-dry-run"
    title = "Server-side dry run"
    reasons: Mapping[str, str] = {
        **CLUSTER_REASONS,
        "UNKNOWN_KIND": "The API server does not serve a kind or an API version that a manifest asks for.",
    }
    command = f"{rendered('k8s/overlays/blue')} | {KUBECTL} apply --server-side --force-conflicts --dry-run=server -f -"
    all_well = "The API server would take every manifest."

    def look(self, ground: Ground) -> Finding:
        """Apply everything for show; all refusals are told together."""
        refusals = []
        for body in (*ground.shared, *ground.own):
            try:
                ground.api.apply(body, is_dry_run=True)
            except ClusterRefused as exc:
                refusals.append((key_of(body).in_words, exc))
        if not refusals:
            return Finding()
        reason = "UNKNOWN_KIND" if refusals[0][1].reason == "UnknownKind" else "REJECTED_BY_SERVER"
        said = "\n".join(f"{name}: {_said(exc)}" for name, exc in refusals)
        return Finding(reason, detail=f"{refusals[0][0]}.", evidence=said, remedy=refusals[0][1].fix)


def _said(exc: ClusterRefused) -> str:
    return exc.what if exc.reason == "UnknownKind" else exc.evidence


SERVER_DRY_RUN = ServerDryRun()
