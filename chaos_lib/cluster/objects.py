"""Reading Kubernetes objects, which are JSON: names, labels, owners, where the pods of a workload are described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

# Kinds in the order in which they are applied: what others refer to comes first.
_ORDER = (
    "Namespace", "ResourceQuota", "LimitRange", "ServiceAccount", "Role", "RoleBinding", "NetworkPolicy",
    "ConfigMap", "Secret", "PersistentVolumeClaim", "Service", "Deployment", "StatefulSet", "DaemonSet", "Job",
)  # fmt: skip
_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}
_UNITS = {
    "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 1024.0, "Mi": 1024.0**2, "Gi": 1024.0**3, "Ti": 1024.0**4,
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """The address of an object within a namespace.

    Attributes:
        api_version: Such as `apps/v1`.
        kind: Such as `Deployment`.
        name: The object's name.
    """

    api_version: str
    kind: str
    name: str

    @property
    def in_words(self) -> str:
        """As kubectl names it: `deployment/web`."""
        return f"{self.kind.lower()}/{self.name}"


def key_of(body: Json) -> Key:
    """Return an object's address."""
    return Key(str(body.get("apiVersion", "")), str(body.get("kind", "")), name_of(body))


def name_of(body: Json) -> str:
    """Return an object's name; empty when it has none."""
    return str((body.get("metadata") or {}).get("name", ""))


def labels_of(body: Json) -> Mapping[str, str]:
    """Return an object's labels."""
    return (body.get("metadata") or {}).get("labels") or {}


def annotations_of(body: Json) -> Mapping[str, str]:
    """Return an object's annotations."""
    return (body.get("metadata") or {}).get("annotations") or {}


def is_owned_by(body: Json, owner: Json) -> bool:
    """Whether the owner's controller made the object."""
    uid = owner["metadata"].get("uid")
    return any(ref.get("uid") == uid for ref in body["metadata"].get("ownerReferences") or ())


def pod_spec(body: Json) -> Json:
    """Return the pods' description of a workload or a pod; empty for anything else."""
    if body.get("kind") == "Pod":
        return body.get("spec") or {}
    return (pod_template(body)).get("spec") or {}


def pod_template(body: Json) -> Json:
    """Return the pod template of a workload; empty for anything else."""
    if body.get("kind") not in _WORKLOADS:
        return {}
    return (body.get("spec") or {}).get("template") or {}


def containers_of(body: Json) -> Iterator[Json]:
    """Yield every container of a workload or pod, init containers first."""
    spec = pod_spec(body)
    yield from spec.get("initContainers") or ()
    yield from spec.get("containers") or ()


def in_order(objects: Iterable[Json]) -> list[Json]:
    """Return objects in the order in which they should be applied."""
    return sorted(
        objects,
        key=lambda body: _ORDER.index(body["kind"]) if body.get("kind") in _ORDER else len(_ORDER),
    )


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a Service's selector matches; an empty one selects nothing."""
    return bool(selector) and all(labels.get(name) == value for name, value in selector.items())


def quantity(text: str | int | float | None) -> float:
    """Return a Kubernetes quantity as a number: cores or bytes; 0 when there is none.

    Raises:
        ValueError: It is no quantity.

    Source: Kubernetes docs, "Resource Management for Pods and Containers".
    """
    if text is None:
        return 0.0
    written = str(text).strip()
    for unit in sorted(_UNITS, key=len, reverse=True):
        if written.endswith(unit):
            return float(written.removesuffix(unit)) * _UNITS[unit]
    return float(written)
