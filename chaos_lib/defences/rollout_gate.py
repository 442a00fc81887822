"""Roll the workspace's version out, watch it, and take it back at once when it turns out bad."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.cluster import deploy
from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.diagnosis import Cause, Diagnosis
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.rollout import Sample
from chaos_lib.cluster.smoke import smoke
from chaos_lib.defences.cluster_gate import CLUSTER_REASONS, ClusterGate, Ground, of_deployed
from chaos_lib.defences.manifest_gate import Finding
from chaos_lib.wait import Clock

_TIMEOUT_S = 90.0


class RolloutGate(ClusterGate):
    """Applies the manifests to the cluster and waits for the Deployment; a bad version is undone, object by object.

    While it looks, the version before goes on serving: `maxUnavailable: 0` keeps its pods until new ones are ready.
    """

    name = "rollout-gate"
    title = "Rollout gate with automatic undo"
    reasons: Mapping[str, str] = {
        **CLUSTER_REASONS,
        Cause.IMAGE_PULL.value: "An image cannot be had.",
        Cause.OUT_OF_MEMORY.value: "A container needs more memory than its limit allows, and is killed.",
        Cause.LIVENESS.value: "The liveness probe kills a container that would have come up.",
        Cause.STARTUP.value: "The startup probe never gets its answer.",
        Cause.CRASH_LOOP.value: "The program ends again and again.",
        Cause.CONFIG.value: "Something that the pod refers to is not there.",
        Cause.QUOTA.value: "The namespace's quota does not allow the pod.",
        Cause.RBAC.value: "An account may not do what it tries to do.",
        Cause.SCHEDULING.value: "No node has room for the pod.",
        Cause.READINESS.value: "The container runs, but it never becomes ready.",
        Cause.SELECTOR.value: "The pods are ready, but the Service leads to none of them.",
        Cause.STARTING.value: "The rollout was not complete in time.",
        "SMOKE_FAILED": "Everything is ready, but the service does not answer as it should.",
    }
    command = f"{KUBECTL} rollout status deployment/mission-control-blue --timeout=60s && {KUBECTL} rollout history deployment/mission-control-blue"
    all_well = "The workspace's version is rolled out, ready, and answers."

    def look(self, ground: Ground) -> Finding:
        """Deploy, watch, smoke test; undo when something is wrong."""
        wrong = ground.provide_backing()
        if wrong is not None:
            return wrong
        say, said = ground.project.context.on_line, [""]

        def on_progress(sample: Sample) -> None:
            if say is not None and said[-1] != sample.counts.in_words:
                said.append(sample.counts.in_words)
                say(f"after {sample.at_s:.1f} s: {said[-1]}")

        names = ground.workloads
        result = deploy.deploy(
            ground.api,
            ground.own,
            timeout_s=_TIMEOUT_S,
            on_progress=on_progress,
            smoke=lambda: _smoke(ground.api, names, ground.clock),
            clock=ground.clock,
        )
        if result.is_good:
            last = result.rollouts[-1]
            return Finding(numbers={"rollout_s": round(last.elapsed_s, 2), "revision": float(last.revision)})
        finding = of_deployed(result)
        undone = "The version before is back and never stopped serving." if result.is_undone else ""
        reason = "SMOKE_FAILED" if finding.reason == Cause.HEALTHY.value else finding.reason
        return Finding(
            reason,
            f"{finding.detail} {undone}".strip(),
            finding.evidence,
            finding.remedy or "Correct the manifest, and run the gate again.",
            finding.command,
            is_whole=finding.is_whole,
        )


def _smoke(api: ClusterApi, names: list[str], clock: Clock) -> Diagnosis | None:
    """Ask each colour's own Service; what is wrong, or None."""
    for name in names:
        report = smoke(api, name, clock=clock)
        if not report.is_good:
            return Diagnosis(
                Cause.SELECTOR if report.is_unreachable else Cause.READINESS,
                report.in_words,
                report.evidence,
                f"{KUBECTL} get endpoints {name}",
                is_final=True,
            )
    return None


ROLLOUT_GATE = RolloutGate()
