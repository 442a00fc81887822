"""The one-node cluster without a registry: started, healed and stopped as one thing."""

from __future__ import annotations

import contextlib
import io
import shutil
import socket
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from chaos_lib.errors import ClusterUnavailable, EngineUnavailable, LabError, WaitTimeout
from chaos_lib.lab.cluster.offline import dns, host
from chaos_lib.lab.cluster.offline.components import Blueprint, Component
from chaos_lib.lab.cluster.offline.daemon import end
from chaos_lib.lab.cluster.offline.numbers import numbers
from chaos_lib.lab.cluster.offline.places import NODE, PAUSE_IMAGE, ClusterPlaces
from chaos_lib.lab.debian import find_program, install
from chaos_lib.lab.engine_ping import Address
from chaos_lib.lab.facility import Progress, ProgressSink
from chaos_lib.lab.lock import exclusive
from chaos_lib.processes import naming
from chaos_lib.wait import Reading, wait_until

# None of these brings a service that would be started.
PACKAGES = ("conntrack", "dnsmasq-base", "iptables", "socat")
PROGRAMS = ("conntrack", "dnsmasq", "iptables", "socat")
_STEP = "Starting the cluster"
_LOCK_S = 300.0
_READY_S = 120.0
_POD_LABEL = "io.kubernetes.pod.uid"


class OfflineCluster:
    """Starts, heals and stops the cluster on the lab's own engine, which must answer.

    Attributes:
        places: Where it keeps its things.
    """

    def __init__(self, places: ClusterPlaces) -> None:
        """Describe the cluster; nothing is started.

        Args:
            places: Where it keeps its things.
        """
        self.places = places

    def start(self, progress: ProgressSink) -> None:
        """Start it, or whatever of it does not run or is not well; under a second when all is up.

        Raises:
            ClusterUnavailable: It did not come up; carries the last lines of the component's log.
            EngineUnavailable: The lab's own engine does not answer.
            LabBusy: Another process has been starting or stopping it for five minutes.
        """
        with exclusive(self.places.lock, "starting the cluster", timeout_s=_LOCK_S, progress=progress):
            if self.is_ready():
                return
            install_programs(progress)
            self._refuse_beside_another()
            progress(Progress(_STEP, "certificates and configuration", 0.05))
            blueprint = self._prepare()
            self._provide_pause_image()
            host.note(self.places.host_before)
            host.make_cgroup(self.places.cgroup)
            self._start_all(blueprint, progress)
            progress(Progress(_STEP, "done", 1.0))

    def is_ready(self) -> bool:
        """Whether every process of it runs and the API server says that the node is ready; changes nothing."""
        blueprint = self._blueprint()
        if blueprint is None:
            return False
        processes = self._processes()
        is_running = all(part.daemon.processes(processes) for part in self._components(blueprint))
        return is_running and host.bridges_are_direct() and self._node_reading(blueprint).is_ready

    def is_left_over(self) -> bool:
        """Whether there is anything of it to stop: a process or a file."""
        return self.places.folder.exists() or bool(self._processes())

    def stop(self, progress: ProgressSink) -> None:
        """Stop it and take back all it did to the machine. May be called twice.

        Raises:
            LabBusy: Another process has been starting or stopping it for five minutes.
        """
        with exclusive(self.places.lock, "stopping the cluster", timeout_s=_LOCK_S, progress=progress):
            progress(Progress("Stopping the cluster"))
            # kubelet first: it would start the pods again.
            end([p for p in self._processes() if p.name() == "kubelet"])
            self._remove_pods()
            end(self._processes())
            host.unmount(self.places.folder)
            host.remove_cgroup(self.places.cgroup)
            if not host.other_node(()):
                host.remove_rules()
            before = host.noted(self.places.host_before)
            host.remove_logs(self.places.engine.data_root, before)
            host.restore_settings(before)
            shutil.rmtree(self.places.folder, ignore_errors=True)

    # Start

    def _prepare(self) -> Blueprint:
        blueprint = self._blueprint(chooses=True)
        if blueprint is None:
            raise EngineUnavailable(
                "The lab's own Docker engine has no address on its bridge.",
                evidence=f"the bridge is {self.places.engine.bridge}",
                fix="Run `opchaos up`: it starts the engine.",
            )
        blueprint.write()
        self.places.dns_hosts.touch()
        return blueprint

    def _blueprint(self, *, chooses: bool = False) -> Blueprint | None:
        address = self._address()
        if address is None or not (chooses or self.places.settings.exists()):
            return None
        seed = str(self.places.engine.folder)
        chosen = numbers(self.places.settings, seed=seed)
        return Blueprint(self.places, chosen, address)

    def _address(self) -> str | None:
        """The engine's address on its bridge, or None while it does not run."""
        for item in psutil.net_if_addrs().get(self.places.engine.bridge, ()):
            if item.family == socket.AF_INET:
                return str(item.address)
        return None

    def _components(self, blueprint: Blueprint) -> Sequence[Component]:
        address = self._address() or ""
        return (
            blueprint.etcd(),
            blueprint.api_server(),
            blueprint.controller_manager(),
            blueprint.scheduler(),
            blueprint.kubelet(),
            blueprint.proxy(),
            Component(dns.dnsmasq(find_program("dnsmasq") or Path("dnsmasq"), self.places, address)),
            Component(dns.feeder(self.places, blueprint.proxy_api())),
        )

    def _start_all(self, blueprint: Blueprint, progress: ProgressSink) -> None:
        etcd, api_server, *others = self._components(blueprint)
        for number, part in enumerate((etcd, api_server)):
            progress(Progress(_STEP, part.name, 0.1 + 0.2 * number))
            self._bring_up(part)
        for part in others:
            if not part.is_well():
                part.daemon.stop()
                if part.name == "kubelet":
                    self._forget_readiness(blueprint)
                part.daemon.start()
        progress(Progress(_STEP, "the node", 0.6))

        def probe() -> Reading:
            for part in others:
                if not part.daemon.is_running:
                    return Reading(False, f"{part.name} does not run: {part.daemon.last_lines}")
            return self._node_reading(blueprint)

        try:
            wait_until("the cluster's node is ready", probe, timeout_s=_READY_S, interval_s=0.25)
        except WaitTimeout as exc:
            raise self._failure("has no node that is ready", exc.evidence) from exc
        progress(Progress(_STEP, "controllers", 0.9))
        for part in others:
            self._wait_for(part)
        # kube-proxy and dockerd have set it at their start.
        host.make_bridges_direct()

    def _bring_up(self, part: Component) -> None:
        if part.is_well():
            return
        part.daemon.stop()
        part.daemon.start()
        self._wait_for(part)

    def _wait_for(self, part: Component) -> None:
        seen_alive: list[bool] = []

        def probe() -> Reading:
            is_alive = part.daemon.is_running
            if seen_alive and not is_alive:
                raise self._failure(f"could not start: {part.name} ended", part.daemon.last_lines)
            if is_alive:
                seen_alive.append(True)
            return Reading(part.is_well(), part.daemon.last_lines)

        try:
            wait_until(f"{part.name} is well", probe, timeout_s=_READY_S)
        except WaitTimeout as exc:
            raise self._failure(f"could not start: {part.name} is not well", exc.evidence) from exc

    def _node_reading(self, blueprint: Blueprint) -> Reading:
        try:
            node: Any = blueprint.admin_api().get(f"/api/v1/nodes/{NODE}", timeout_s=2.0)
        except LabError as exc:
            return Reading(False, f"{exc.what} {exc.evidence}")
        conditions = {item["type"]: item for item in node.get("status", {}).get("conditions", ())}
        ready = conditions.get("Ready", {})
        return Reading(ready.get("status") == "True", str(ready.get("message", "no status yet")))

    @staticmethod
    def _forget_readiness(blueprint: Blueprint) -> None:
        """Say that nothing is known of the node: what stands there is from before its kubelet ended."""
        unknown = {"type": "Ready", "status": "Unknown", "message": "its kubelet is being started"}
        # At the first start there is no node yet.
        with contextlib.suppress(LabError):
            blueprint.admin_api().patch(f"/api/v1/nodes/{NODE}/status", {"status": {"conditions": [unknown]}})

    def _failure(self, how: str, log: str) -> ClusterUnavailable:
        return ClusterUnavailable(
            f"The offline cluster {how}.",
            evidence=log,
            fix=f"The whole logs are in {self.places.logs}. Run `opchaos up --cluster` again; when that does not "
            "help, `opchaos down` and up again begins afresh.",
        )

    def _refuse_beside_another(self) -> None:
        other = host.other_node(self._processes())
        if other:
            raise ClusterUnavailable(
                "Another Kubernetes node runs on this machine; two would write the same firewall rules.",
                evidence=other,
                fix="Stop it, or use its cluster: OPCHAOS_CONTEXT and `opchaos allow-context` name it.",
            )

    def _provide_pause_image(self) -> None:
        """Make the image that holds a pod's network: one static program that waits."""
        from docker.errors import ImageNotFound

        with contextlib.closing(self._engine.connect(timeout_s=60)) as client:
            with contextlib.suppress(ImageNotFound):
                client.images.get(PAUSE_IMAGE)
                return
            repository, _, tag = PAUSE_IMAGE.rpartition(":")
            client.api.import_image_from_data(
                _tar_of(self.places.program("pause")),
                repository=repository,
                tag=tag,
                changes=['ENTRYPOINT ["/pause"]'],
            )

    # Stop

    @property
    def _engine(self) -> Address:
        return Address(f"unix://{self.places.engine.socket}")

    def _processes(self) -> Sequence[psutil.Process]:
        """All processes that name our folder: the components, and whatever they started."""
        return naming(f"{self.places.folder}/")

    def _remove_pods(self) -> None:
        from docker.errors import DockerException, NotFound
        from requests import RequestException

        if not self.places.engine.socket.exists():
            return
        with (
            contextlib.suppress(DockerException, RequestException),
            contextlib.closing(self._engine.connect(timeout_s=60)) as client,
        ):
            for item in client.api.containers(all=True, filters={"label": _POD_LABEL}):
                with contextlib.suppress(NotFound):
                    client.api.remove_container(item["Id"], force=True, v=True)


def install_programs(progress: ProgressSink) -> None:
    """Install what the node needs of Debian's, unless all of it is there.

    Raises:
        ClusterUnavailable: apt could not install it.
    """
    try:
        install(PACKAGES, PROGRAMS, progress)
    except EngineUnavailable as exc:
        fix = f"Mend apt first, or `apt-get install {' '.join(PACKAGES)}`; then run `opchaos up --cluster` again."
        raise ClusterUnavailable(exc.what, evidence=exc.evidence, fix=fix) from exc


def _tar_of(program: Path) -> bytes:
    content = program.read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        item = tarfile.TarInfo(program.name)
        item.size, item.mode = len(content), 0o755
        tar.addfile(item, io.BytesIO(content))
    return buffer.getvalue()
