"""Run the image as the cluster would, and ask it what the probes will ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import Json, containers_of, name_of
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.manifest_gate import RENDER_REASONS, Finding, ManifestGate, Project
from chaos_lib.defences.scope import IMAGE, MANIFESTS
from chaos_lib.errors import (
    BuildFailed,
    ContainerEnded,
    EngineUnavailable,
    LabError,
    PermissionRefused,
    ToolTooOld,
    WaitTimeout,
)
from chaos_lib.service import Answer
from chaos_lib.wait import SYSTEM_CLOCK, Clock

_CONTAINER = "mission-control"
_START_S = 60.0
# A busy node starts a program several times slower than this machine does.
SLOW_START = 5.0
_DEFAULT_PERIOD_S, _DEFAULT_FAILURES = 10, 3


class Running(Protocol):
    """A service that runs and can be asked."""

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    def get(self, path: str) -> Answer:
        """Ask it."""
        ...

    def wait_until_answering(self, path: str = "/healthz", *, timeout_s: float = 30.0) -> Answer:
        """Wait until it answers."""
        ...


@dataclass(frozen=True)
class Probe:
    """One HTTP probe of a container.

    Attributes:
        workload: Name of the Deployment.
        kind: `readinessProbe`, …
        path: What it asks.
        port: The port's number; None when the container has no port of that name.
        patience_s: Seconds from the container's start until it gives up.
    """

    workload: str
    kind: str
    path: str
    port: int | None
    patience_s: float


@contextmanager
def run_image(context: DefenceContext) -> Iterator[Running]:
    """Run the workspace's image beside the lab's Postgres and Redis, restricted as its pods are."""
    from chaos_lib.cluster.images import ProjectImages
    from chaos_lib.lab.builds.network import ADDRESSES, private_network
    from chaos_lib.lab.builds.running import Restrictions, RunningImage
    from chaos_lib.lab.docker_containers import DockerContainers

    engine = DockerContainers(context.settings).search().require()
    image = ProjectImages(context.workspace, context.settings, engine).provide_own()
    with (
        private_network(engine, context.settings) as network,
        RunningImage(
            engine,
            context.settings,
            image,
            network=network,
            environment=ADDRESSES,
            restrictions=Restrictions(is_read_only=True, is_unprivileged=True),
        ) as container,
    ):
        yield container


class ProbeContract(ManifestGate):
    """Every probe asks a path that the image answers with 200, on the port where it listens, and waits long enough.

    Args:
        clock: Measures the start; tests give their own.
    """

    name = "probe-contract"
    title = "Probe contract test"
    facility = "containers"
    looks_at = MANIFESTS | IMAGE
    reasons: Mapping[str, str] = {
        **RENDER_REASONS,
        "PROBE_MISSING": "The service has no readiness probe, or no liveness probe.",
        "PROBE_PATH_WRONG": "A probe asks a path that the service does not answer.",
        "PROBE_PORT_WRONG": "A probe asks a port where nobody listens.",
        "PROBE_IMPATIENT": "A probe gives up before a slow start is over: it would kill the service again and again.",
        "SERVICE_DOES_NOT_START": "The service does not start in its image, so no probe could be tried.",
        "ENGINE_MISSING": "No Docker engine answers that could run the image.",
    }
    command = "docker run -p 8000:8000 mission-control & curl -i localhost:8000/readyz"
    all_well = "The image answers every probe."

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock

    def judge(self, project: Project) -> Finding:
        """Read the probes, run the image, ask."""
        probes = probes_of(project.everything)
        kinds = {probe.kind for probe in probes}
        absent = sorted({"readinessProbe", "livenessProbe"} - kinds)
        if absent:
            return Finding(
                "PROBE_MISSING",
                evidence=f"no {', no '.join(absent)} in the manifests",
                remedy="Let readiness ask /readyz and liveness ask /healthz.",
            )
        try:
            with run_image(project.context) as running:
                start = self._clock.monotonic()
                running.wait_until_answering(timeout_s=_START_S)
                return judge(probes, running, self._clock.monotonic() - start)
        except (EngineUnavailable, PermissionRefused, ToolTooOld) as exc:
            return Finding("ENGINE_MISSING", evidence=exc.text, remedy=exc.fix)
        except (BuildFailed, ContainerEnded, WaitTimeout, LabError) as exc:
            return Finding("SERVICE_DOES_NOT_START", detail=exc.what, evidence=exc.evidence, remedy=exc.fix)


def judge(probes: tuple[Probe, ...], running: Running, start_s: float) -> Finding:
    """Ask a running service what the probes ask, and compare their patience with its start.

    Args:
        probes: The probes.
        running: The service.
        start_s: Seconds that it took to answer.
    """
    for probe in probes:
        who = f"The {probe.kind} of deployment/{probe.workload}"
        if probe.port != running.port:
            return Finding(
                "PROBE_PORT_WRONG",
                detail=f"{who}.",
                evidence=f"it asks port {probe.port or '?'}; the image listens on {running.port}: connection refused",
                remedy="Ask the port that the container names `http`.",
            )
        answer = running.get(probe.path)
        if answer.status != 200:
            return Finding(
                "PROBE_PATH_WRONG",
                detail=f"{who}.",
                evidence=f"GET {probe.path}: {answer.status or 'no answer'} {answer.body[:120]}",
                remedy="Ask a path that the service has: /healthz for liveness and start, /readyz for readiness.",
            )
    needed_s = start_s * SLOW_START
    hasty = _hasty(probes, needed_s)
    if hasty is not None:
        return Finding(
            "PROBE_IMPATIENT",
            detail=f"The {hasty.kind} of deployment/{hasty.workload}.",
            evidence=f"it gives up {hasty.patience_s:.0f} s after the start; here the service took {start_s:.1f} s, on a "
            f"busy node that may be {needed_s:.0f} s",
            remedy="Add a startup probe (failureThreshold times periodSeconds is its patience): the others wait for it.",
        )
    return Finding(numbers={"start_s": round(start_s, 2), "probes": float(len(probes))})


def probes_of(found: Manifests) -> tuple[Probe, ...]:
    """Return the HTTP probes of the service's own containers."""
    probes = []
    for workload in found.of_kind("Deployment"):
        for container in containers_of(workload):
            if container.get("name") != _CONTAINER:
                continue
            for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
                if (container.get(kind) or {}).get("httpGet"):
                    probes.append(_probe(name_of(workload), kind, container))
    return tuple(probes)


def _hasty(probes: tuple[Probe, ...], needed_s: float) -> Probe | None:
    started = {probe.workload for probe in probes if probe.kind == "startupProbe"}
    for probe in probes:
        is_killer = probe.kind == "startupProbe" or (
            probe.kind == "livenessProbe" and probe.workload not in started
        )
        if is_killer and probe.patience_s < needed_s:
            return probe
    return None


def _probe(workload: str, kind: str, container: Json) -> Probe:
    asked = container[kind]
    http, port = asked["httpGet"], asked["httpGet"].get("port")
    numbers = {each.get("name"): each.get("containerPort") for each in container.get("ports") or ()}
    number = int(port) if str(port).isdecimal() else numbers.get(port)
    period, failures = (
        asked.get("periodSeconds", _DEFAULT_PERIOD_S),
        asked.get("failureThreshold", _DEFAULT_FAILURES),
    )
    patience = asked.get("initialDelaySeconds", 0) + period * failures
    return Probe(workload, kind, str(http.get("path", "/")), number, float(patience))


PROBE_CONTRACT = ProbeContract()
