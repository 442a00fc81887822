"""Follow every reference of the manifests to what it names: ConfigMaps, Secrets and their keys, accounts, ports, labels."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import (
    Json,
    containers_of,
    key_of,
    labels_of,
    name_of,
    pod_spec,
    pod_template,
    selects,
)
from chaos_lib.defences.manifest_gate import RENDER_REASONS, Finding, ManifestGate, Project

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")


@dataclass(frozen=True)
class _Reference:
    """One reference to a key of a ConfigMap or Secret; an empty key means the object as a whole."""

    kind: str
    name: str
    key: str
    is_optional: bool


class ReferenceResolver(ManifestGate):
    """Every name that a manifest refers to has to be somewhere in the manifests: the cluster would find out much later."""

    name = "reference-resolver"
    title = "Reference resolver"
    reasons: Mapping[str, str] = {
        **RENDER_REASONS,
        "OBJECT_MISSING": "A workload refers to something that no manifest makes.",
        "KEY_MISSING": "A workload refers to a key that its ConfigMap or Secret does not have.",
        "BADLY_ENCODED": "A Secret holds something that is no base64.",
        "SELECTS_NOTHING": "A Service selects no pod at all: it would have no endpoints.",
        "PORT_UNKNOWN": "A port is named that no container has.",
        "SELECTOR_MISMATCH": "A Deployment's selector does not match its own pods.",
    }
    command = f"{KUBECTL} get endpoints; {KUBECTL} get pods; {KUBECTL} describe pods -l colour=blue  # CreateContainerConfigError"
    all_well = "Everything that the manifests refer to is there."

    def judge(self, project: Project) -> Finding:
        """Follow the references; the first that leads nowhere is told."""
        for rule in _RULES:
            for finding in rule(project.everything):
                return finding
        return Finding()


def _encodings(found: Manifests) -> Iterator[Finding]:
    for secret in found.of_kind("Secret"):
        for key, value in (secret.get("data") or {}).items():
            try:
                base64.b64decode("".join(str(value).split()), validate=True).decode()
            except (binascii.Error, ValueError):
                yield Finding(
                    "BADLY_ENCODED",
                    detail=f"secret/{name_of(secret)}, key {key}.",
                    evidence=f"`data.{key}` cannot be decoded",
                    remedy="Plain text belongs under `stringData`; under `data` it has to be base64.",
                )


def _keys(found: Manifests) -> Iterator[Finding]:
    for workload in found.of_kind(*_WORKLOADS):
        for reference in _references(workload):
            target = found.find(reference.kind, reference.name)
            who = key_of(workload).in_words
            if reference.is_optional:
                continue
            if target is None:
                yield Finding(
                    "OBJECT_MISSING",
                    detail=f"{who} wants the {reference.kind} `{reference.name}`.",
                    evidence=f'{reference.kind.lower()} "{reference.name}" not found in the manifests',
                    remedy="Add it to the manifests, or correct the name.",
                )
            elif reference.key and reference.key not in _keys_of(target):
                there = ", ".join(sorted(_keys_of(target))) or "none"
                yield Finding(
                    "KEY_MISSING",
                    detail=f"{who} wants {reference.key} of the {reference.kind} `{reference.name}`.",
                    evidence=f"couldn't find key {reference.key} in {reference.kind} {reference.name}; it has {there}",
                    remedy="Give both the same name, letter by letter. In the cluster this pod would hang in "
                    "CreateContainerConfigError.",
                )


def _accounts(found: Manifests) -> Iterator[Finding]:
    for workload in found.of_kind(*_WORKLOADS):
        account = str(pod_spec(workload).get("serviceAccountName", "default"))
        if account != "default" and found.find("ServiceAccount", account) is None:
            yield Finding(
                "OBJECT_MISSING",
                detail=f"{key_of(workload).in_words} wants the ServiceAccount `{account}`.",
                evidence=f'serviceaccount "{account}" not found in the manifests',
                remedy="Add it, or correct the name: without it no pod is made at all.",
            )
    for binding in found.of_kind("RoleBinding"):
        role = (binding.get("roleRef") or {}).get("name", "")
        if (binding.get("roleRef") or {}).get("kind") == "Role" and found.find("Role", role) is None:
            yield Finding(
                "OBJECT_MISSING",
                detail=f"rolebinding/{name_of(binding)} wants the Role `{role}`.",
                evidence=f'role "{role}" not found in the manifests',
                remedy="Add it, or correct the name.",
            )


def _own_selectors(found: Manifests) -> Iterator[Finding]:
    for workload in found.of_kind("Deployment", "StatefulSet", "DaemonSet"):
        wanted = (workload["spec"].get("selector") or {}).get("matchLabels") or {}
        labels = labels_of(pod_template(workload))
        if not selects(wanted, labels):
            yield Finding(
                "SELECTOR_MISMATCH",
                detail=f"{key_of(workload).in_words}.",
                evidence=f"it selects {_words(wanted)}; its pods carry {_words(labels)}",
                remedy="Let the pod template carry every label that the selector names.",
            )


def _services(found: Manifests) -> Iterator[Finding]:
    workloads = found.of_kind(*_WORKLOADS)
    for service in found.of_kind("Service"):
        selector = service["spec"].get("selector") or {}
        if not selector:
            continue  # its endpoints are kept by hand
        behind = [w for w in workloads if selects(selector, labels_of(pod_template(w)))]
        if not behind:
            labels = "; ".join(sorted(_words(labels_of(pod_template(w))) for w in workloads)) or "no pods"
            yield Finding(
                "SELECTS_NOTHING",
                detail=f"service/{name_of(service)}.",
                evidence=f"it selects {_words(selector)}; pods carry {labels}",
                remedy="Compare the selector with the pods' labels, letter by letter.",
            )
            continue
        for port in service["spec"].get("ports") or ():
            wanted = port.get("targetPort", port.get("port"))
            for workload in behind:
                yield from _port(service, workload, wanted)


def _port(service: Json, workload: Json, wanted: object) -> Iterator[Finding]:
    known = _ports_of(workload)
    if known and wanted not in known:
        yield Finding(
            "PORT_UNKNOWN",
            detail=f"service/{name_of(service)} sends to port {wanted} of {key_of(workload).in_words}.",
            evidence=f"its containers have {', '.join(str(port) for port in sorted(known, key=str))}",
            remedy="Name a port that a container has.",
        )


def _probes(found: Manifests) -> Iterator[Finding]:
    for workload in found.of_kind(*_WORKLOADS):
        for container in containers_of(workload):
            names = {port.get("name") for port in container.get("ports") or ()}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                asked = container.get(probe) or {}
                port = (asked.get("httpGet") or asked.get("tcpSocket") or {}).get("port")
                if isinstance(port, str) and not port.isdecimal() and port not in names:
                    yield Finding(
                        "PORT_UNKNOWN",
                        detail=f"The {probe} of {key_of(workload).in_words} asks the port `{port}`.",
                        evidence=f"the container names {', '.join(sorted(n for n in names if n)) or 'none'}",
                        remedy="Name a port that the container has.",
                    )


_RULES: tuple[Callable[[Manifests], Iterator[Finding]], ...] = (
    _encodings, _keys, _accounts, _own_selectors, _services, _probes,
)  # fmt: skip


def _references(workload: Json) -> Iterator[_Reference]:
    for container in containers_of(workload):
        for variable in container.get("env") or ():
            source = variable.get("valueFrom") or {}
            for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
                if field in source:
                    yield _reference(kind, source[field])
        for source in container.get("envFrom") or ():
            for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                if field in source:
                    yield _reference(kind, source[field])
    for volume in pod_spec(workload).get("volumes") or ():
        if "configMap" in volume:
            yield _reference("ConfigMap", volume["configMap"])
        if "secret" in volume:
            yield _reference("Secret", {**volume["secret"], "name": volume["secret"].get("secretName", "")})


def _reference(kind: str, source: Json) -> _Reference:
    return _Reference(
        kind, str(source.get("name", "")), str(source.get("key", "")), bool(source.get("optional"))
    )


def _keys_of(body: Json) -> set[str]:
    return {key for part in ("data", "stringData", "binaryData") for key in body.get(part) or {}}


def _ports_of(workload: Json) -> set[object]:
    ports = [port for container in containers_of(workload) for port in container.get("ports") or ()]
    return {port["containerPort"] for port in ports} | {port["name"] for port in ports if port.get("name")}


def _words(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))


REFERENCE_RESOLVER = ReferenceResolver()
