"""Checks of Kubernetes: a cluster for phase 4 and later, and a `kubectl` to look at it."""

from __future__ import annotations

from chaos_lib.doctor.probes import Probes
from chaos_lib.doctor.report import Finding, Need, Remedy, Status
from chaos_lib.lab.cluster.base import KUBECTL_OF_ITS_OWN
from chaos_lib.lab.facility import FacilityReport

# Measured: engine, services and cluster together take 1.2 GB; a notebook and a browser want as much again.
_ENOUGH_MEMORY_BYTES = 5_500_000_000
_MAKERS = ("kind", "minikube")

_GET_CLUSTER = Remedy(
    debian="As root on Debian `opchaos up --cluster` builds one. Elsewhere install kind "
    "(https://kind.sigs.k8s.io), or name a cluster of yours: OPCHAOS_CONTEXT and `opchaos allow-context NAME`",
    macos="brew install kind, or name a cluster of yours: OPCHAOS_CONTEXT and `opchaos allow-context NAME`",
    windows="winget install Kubernetes.kind, or name a cluster of yours: OPCHAOS_CONTEXT and "
    "`opchaos allow-context NAME`",
)
_GET_KUBECTL = Remedy(
    debian="sudo apt-get install kubernetes-client",
    macos="brew install kubectl",
    windows="winget install Kubernetes.kubectl",
)
_MORE_MEMORY = Remedy.everywhere(
    "Close what is not needed before phase 4, and `opchaos down` between the phases; or name a cluster elsewhere: "
    "OPCHAOS_CONTEXT and `opchaos allow-context NAME`"
)


def cluster(probes: Probes) -> Finding:
    """Check that there is, or can be, a cluster, and memory for it; phases 0 to 2 play without."""
    report = _report(probes)
    if report is None or report.tier is None:
        why = report.reason if report else "the lab knows of none."
        return Finding("cluster", Status.WARN, f"none for phase 4: {why}", Need.LIVE, _GET_CLUSTER)
    makers = [name for name in _MAKERS if probes.program(name)]
    found = f"by `{report.provider}`: {report.reason}"
    if makers and report.provider not in makers:
        found += f" ({' and '.join(makers)} would do, too)"
    memory = probes.memory_bytes()
    if report.provider != "context" and memory < _ENOUGH_MEMORY_BYTES:
        found += f" With {memory / 1e9:.1f} GB of memory it will be tight."
        return Finding("cluster", Status.WARN, found, Need.LIVE, _MORE_MEMORY)
    return Finding("cluster", Status.OK, found, Need.LIVE)


def kubectl(probes: Probes) -> Finding:
    """Check that there is a `kubectl`: the commands in the notebooks can then be typed as well."""
    path = probes.program("kubectl")
    report = _report(probes)
    brings_one = report is not None and report.provider in KUBECTL_OF_ITS_OWN
    if brings_one:
        found = "the lab's cluster brings one of its own version"
        return Finding(
            "kubectl", Status.OK, f"{found}{f' ({path} is passed over)' if path else ''}", Need.LIVE
        )
    if path:
        return Finding("kubectl", Status.OK, path, Need.LIVE)
    found = "not found: everything works without, but the commands that are shown cannot be typed"
    return Finding("kubectl", Status.WARN, found, Need.LIVE, _GET_KUBECTL)


def _report(probes: Probes) -> FacilityReport | None:
    return next((report for report in probes.facilities() if report.facility == "cluster"), None)
