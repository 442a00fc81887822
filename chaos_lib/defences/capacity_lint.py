"""Add up what the manifests ask for, and compare it with the quota, the limit range and what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import Json, annotations_of, containers_of, key_of, name_of, pod_spec, quantity
from chaos_lib.defences.manifest_gate import RENDER_REASONS, Finding, ManifestGate, Project

MEASURED = "mission-control/measured-memory"
# Room above what was measured, for a busy moment.
ROOM = 1.5
_MIB = 1024.0**2


@dataclass(frozen=True)
class Demand:
    """What one pod asks for, in cores and bytes."""

    cpu: float = 0.0
    memory: float = 0.0
    memory_limit: float = 0.0


class CapacityLint(ManifestGate):
    """Requests and limits fit the quota while a rollout is under way, and the limit fits what the service was seen to need."""

    name = "capacity-lint"
    title = "Capacity and quota lint"
    reasons: Mapping[str, str] = {
        **RENDER_REASONS,
        "QUOTA_EXCEEDED": "The pods ask for more than the namespace's quota allows.",
        "LIMIT_RANGE_BROKEN": "A container asks for more than the limit range allows a single one.",
        "LIMIT_MISSING": "A container has no memory limit or no requests: it could take the whole node.",
        "LIMIT_BELOW_MEASURED": "A memory limit leaves no room above what the service was seen to need.",
    }
    command = f"{KUBECTL} describe quota; {KUBECTL} describe limitrange"
    all_well = "What the pods ask for fits the quota, even in the middle of a rollout."

    def judge(self, project: Project) -> Finding:
        """Look at every container, then at the sum of all pods."""
        found = project.everything
        for finding in (*_single(found), *_sum(found)):
            return finding
        total = _total(found)
        return Finding(
            numbers={
                "requests_cpu_cores": round(total.cpu, 3),
                "requests_memory_bytes": total.memory,
                "limits_memory_bytes": total.memory_limit,
            }
        )


def _single(found: Manifests) -> Iterator[Finding]:
    ranges = [item for body in found.of_kind("LimitRange") for item in body["spec"].get("limits") or ()]
    most = next((item.get("max") or {} for item in ranges if item.get("type") == "Container"), {})
    for workload in found.of_kind("Deployment", "StatefulSet"):
        for container in containers_of(workload):
            resources = container.get("resources") or {}
            limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
            who = f"{key_of(workload).in_words}, container {container.get('name')}"
            if "memory" not in limits or not {"cpu", "memory"} <= set(requests):
                yield Finding(
                    "LIMIT_MISSING",
                    detail=f"{who}.",
                    evidence=f"requests {dict(requests) or 'none'}, limits {dict(limits) or 'none'}",
                    remedy="Set requests for cpu and memory, and a limit for memory.",
                )
                continue
            for name, bound in most.items():
                asked = max(quantity(limits.get(name)), quantity(requests.get(name)))
                if asked > quantity(bound):
                    yield Finding(
                        "LIMIT_RANGE_BROKEN",
                        detail=f"{who}.",
                        evidence=f"it asks for {limits.get(name) or requests.get(name)} {name}; at most {bound} is allowed",
                        remedy="Ask for less, or have the limit range changed.",
                    )
            measured = quantity(annotations_of(workload).get(MEASURED))
            if measured and quantity(limits["memory"]) < measured * ROOM:
                yield Finding(
                    "LIMIT_BELOW_MEASURED",
                    detail=f"{who}.",
                    evidence=f"limit {limits['memory']}; measured {annotations_of(workload)[MEASURED]}, "
                    f"with room for a busy moment {measured * ROOM / _MIB:.0f}Mi",
                    remedy="Raise the limit: above it the kernel kills the process (OOMKilled, exit code 137).",
                )


def _sum(found: Manifests) -> Iterator[Finding]:
    total = _total(found)
    asked = {
        "requests.cpu": total.cpu,
        "requests.memory": total.memory,
        "limits.memory": total.memory_limit,
        "pods": float(sum(_pods(w) for w in found.of_kind("Deployment", "StatefulSet"))),
    }
    for quota in found.of_kind("ResourceQuota"):
        for name, bound in (quota["spec"].get("hard") or {}).items():
            if name in asked and asked[name] > quantity(bound):
                yield Finding(
                    "QUOTA_EXCEEDED",
                    detail=f"resourcequota/{name_of(quota)}, {name}.",
                    evidence=f"exceeded quota: {name} {bound}; while both colours run and one rolls out, the pods ask for "
                    f"{_in_units(name, asked[name])}",
                    remedy="Ask for less per pod, have fewer replicas, or have the quota raised. In the cluster there would "
                    "be no pod to look at: only a FailedCreate on the ReplicaSet.",
                )


def _total(found: Manifests) -> Demand:
    """Add up all pods, those included that a rollout makes beside the old ones; colours roll out one after the other."""
    total, surge = Demand(), Demand()
    for workload in found.of_kind("Deployment", "StatefulSet"):
        one = _of_pod(workload)
        replicas, extra = int(workload["spec"].get("replicas", 1)), _surge(workload)
        total = _plus(total, one, replicas)
        more = _plus(Demand(), one, extra)
        surge = more if more.memory_limit > surge.memory_limit else surge
    return _plus(total, surge, 1)


def _of_pod(workload: Json) -> Demand:
    total = Demand()
    for container in pod_spec(workload).get("containers") or ():
        resources = container.get("resources") or {}
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        one = Demand(
            quantity(requests.get("cpu")), quantity(requests.get("memory")), quantity(limits.get("memory"))
        )
        total = _plus(total, one, 1)
    return total


def _plus(total: Demand, one: Demand, times: int) -> Demand:
    return Demand(
        total.cpu + one.cpu * times,
        total.memory + one.memory * times,
        total.memory_limit + one.memory_limit * times,
    )


def _pods(workload: Json) -> int:
    return int(workload["spec"].get("replicas", 1)) + _surge(workload)


def _surge(workload: Json) -> int:
    strategy = workload["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return 0
    asked = str((strategy.get("rollingUpdate") or {}).get("maxSurge", "25%"))
    replicas = int(workload["spec"].get("replicas", 1))
    return -(-replicas * int(asked.rstrip("%")) // 100) if asked.endswith("%") else int(asked)


def _in_units(name: str, value: float) -> str:
    return f"{value / _MIB:.0f}Mi" if name.endswith("memory") else f"{value:g}"


CAPACITY_LINT = CapacityLint()
