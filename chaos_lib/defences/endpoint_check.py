"""Follow every Service of the cluster to the pods behind it."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.objects import Key, labels_of, name_of
from chaos_lib.defences.cluster_gate import CLUSTER_REASONS, ClusterGate, Ground
from chaos_lib.defences.manifest_gate import Finding
from chaos_lib.defences.rollout_gate import ROLLOUT_GATE


class EndpointCheck(ClusterGate):
    """Looks at what runs, not at what is written: somebody may have changed a Service by hand."""

    name = "endpoint-check"
    title = "Endpoint check"
    reasons: Mapping[str, str] = {
        **CLUSTER_REASONS,
        **ROLLOUT_GATE.reasons,
        "NO_ENDPOINTS": "A Service leads to no pod.",
        "PORT_REFUSED": "A Service leads to pods, but nobody answers on its port.",
    }
    command = f"{KUBECTL} get endpoints; {KUBECTL} get pods --show-labels"
    all_well = "Every Service leads to pods that answer."

    def look(self, ground: Ground) -> Finding:
        """Deploy where nothing is there yet, then look at the Services as they are."""
        wrong = ground.provide_deployment()
        if wrong is not None:
            return wrong
        for body in ground.own.of_kind("Service"):
            name = name_of(body)
            service = ground.api.read(Key("v1", "Service", name))
            if service is None:
                return Finding(
                    "NO_ENDPOINTS",
                    detail=f"service/{name}.",
                    evidence=f'services "{name}" not found',
                    remedy="Apply the manifests again: `kubectl apply -k k8s/switch`.",
                )
            selector = service["spec"].get("selector") or {}
            endpoints = ground.api.read(Key("v1", "Endpoints", name)) or {}
            ready = sum(len(subset.get("addresses") or ()) for subset in endpoints.get("subsets") or ())
            answer = ground.api.get(name, "/healthz")
            if ready == 0 or (answer.status == 0 and "no endpoints" in answer.body):
                pods = {tuple(sorted(labels_of(pod).items())) for pod in ground.api.list("v1", "Pod")}
                labels = "; ".join(_words(dict(each)) for each in sorted(pods)) or "no pods"
                return Finding(
                    "NO_ENDPOINTS",
                    detail=f"service/{name}.",
                    evidence=f"no endpoints: it selects {_words(selector)}; pods carry {labels}",
                    remedy="Compare the selector with the labels. Is the Service in the cluster still the one in the "
                    "manifests? `kubectl diff -k k8s/switch` shows what somebody changed by hand.",
                )
            if answer.status != 200:
                return Finding(
                    "PORT_REFUSED",
                    detail=f"service/{name}.",
                    evidence=f"{ready} endpoints; GET /healthz: {answer.status or 'no answer'} {answer.body[:200]}",
                    remedy="Compare targetPort with the port that the container listens on.",
                )
        return Finding()


def _words(labels: Mapping[str, str]) -> str:
    shown = {name: value for name, value in labels.items() if name != "pod-template-hash"}
    return ",".join(f"{name}={value}" for name, value in sorted(shown.items())) or "no labels"


ENDPOINT_CHECK = EndpointCheck()
