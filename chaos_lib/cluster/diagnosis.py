"""Say in one paragraph why a workload does not run, with the evidence and the command that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.workload import Workload, look


class Cause(str, Enum):
    """Why a workload does not run; the values are the reason codes of verdicts."""

    HEALTHY = "OK"
    IMAGE_PULL = "IMAGE_PULL"
    OUT_OF_MEMORY = "OOM_KILLED"
    LIVENESS = "LIVENESS_KILLS"
    STARTUP = "STARTUP_FAILS"
    CRASH_LOOP = "CRASH_LOOP"
    CONFIG = "CONFIG_MISSING"
    QUOTA = "QUOTA_EXCEEDED"
    RBAC = "FORBIDDEN"
    REFUSED = "REJECTED_BY_SERVER"
    SCHEDULING = "UNSCHEDULABLE"
    READINESS = "READINESS_FAILS"
    SELECTOR = "NO_ENDPOINTS"
    STARTING = "NOT_READY_IN_TIME"


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong.

    Attributes:
        cause: The cause.
        paragraph: In plain words: what happens, why, and where to look for the fix.
        evidence: What the cluster itself says: an event, a container's state, last words.
        command: The kubectl command that shows it.
        is_final: Whether waiting longer cannot help.
    """

    cause: Cause
    paragraph: str
    evidence: str
    command: str
    is_final: bool = False

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.cause is Cause.HEALTHY

    @property
    def text(self) -> str:
        """All of it, for a terminal."""
        parts = [self.paragraph]
        if self.evidence:
            parts.append(f"Evidence: {self.evidence}")
        return "\n".join([*parts, f"See for yourself: {self.command}"])


def diagnose(api: ClusterApi, name: str) -> Diagnosis:
    """Diagnose a Deployment of the cluster.

    Raises:
        InvalidInput: There is none of that name.
    """
    return judge(look(api, name))


def judge(workload: Workload) -> Diagnosis:
    """Diagnose a Deployment that was looked at: the first cause that fits, the most telling one first."""
    from chaos_lib.cluster.causes import CAUSES  # they build on the types above

    for find in CAUSES:
        found = find(workload)
        if found is not None:
            return found
    counts = workload.counts
    if workload.is_complete:
        return Diagnosis(
            Cause.HEALTHY,
            f"`{workload.name}` is healthy: {counts.available} of {counts.wanted} replicas are available, all of the "
            "newest version.",
            "",
            f"{KUBECTL} rollout status deployment/{workload.name}",
        )
    return Diagnosis(
        Cause.STARTING,
        f"`{workload.name}` is not there yet ({counts.in_words}), and nothing has failed so far. Give it a moment; "
        "when it stays like this, look at what its pods are doing.",
        "",
        f"{KUBECTL} describe deployment {workload.name}",
    )
