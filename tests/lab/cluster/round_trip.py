"""Run in a network namespace of its own: a whole cluster on an engine of its own, killed, healed, stopped; prints what it saw."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from chaos_lib.errors import WaitTimeout
from chaos_lib.lab.cluster.build.kubernetes_build import folder_of
from chaos_lib.lab.cluster.offline import host
from chaos_lib.lab.cluster.offline.offline_cluster import OfflineCluster
from chaos_lib.lab.cluster.offline.places import ClusterPlaces
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.processes import naming
from chaos_lib.settings import Settings
from chaos_lib.wait import Reading, wait_until
from tests.lab.tiny_image import tiny_tar

POD = "sleeper"
PARTS = (
    "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "dnsmasq",
    "dns-feeder",
)  # fmt: skip


class Trip:
    """One cluster with its engine."""

    def __init__(self, folder: Path) -> None:
        self.engine = OwnEngine(EnginePlaces.of(folder))
        self.cluster = OfflineCluster(ClusterPlaces(self.engine.places, folder_of(Settings().cache)))

    def up(self) -> float:
        """What `opchaos up --cluster` does; returns its seconds."""
        start = time.monotonic()
        self.engine.start(no_progress)
        self.cluster.start(no_progress)
        return round(time.monotonic() - start, 1)

    def kubectl(self, *arguments: str) -> str:
        kubectl = str(self.cluster.places.program("kubectl"))
        cache = f"--cache-dir={self.cluster.places.engine.folder / 'kubectl-cache'}"
        command = [kubectl, "--kubeconfig", str(self.cluster.places.kubeconfig), cache, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def wait_for_account(self) -> None:
        """Without it the server refuses the first pod."""
        wait_until(
            "the service account is there",
            lambda: Reading("default" in self.kubectl("get", "serviceaccounts", "-o", "name")),
            timeout_s=60,
            interval_s=0.3,
        )

    def pod_runs(self) -> bool:
        """Whether the pod comes to run within a minute."""

        def probe() -> Reading:
            pod = json.loads(self.kubectl("get", "pod", POD, "-o", "json"))
            states = pod["status"].get("containerStatuses") or [{}]
            return Reading("running" in states[0].get("state", {}) and states[0]["ready"], str(states))

        try:
            wait_until("the pod runs", probe, timeout_s=90, interval_s=0.3)
        except WaitTimeout as exc:
            print(exc.text, file=sys.stderr)
            return False
        return True

    def kill(self, parts: Sequence[str]) -> list[str]:
        """Kill processes of the cluster with SIGKILL; returns whom."""
        killed = []
        for process in naming(f"{self.cluster.places.folder}/"):
            with contextlib.suppress(psutil.NoSuchProcess):
                is_feeder = "chaos_lib.lab.cluster.offline.dns" in process.cmdline()
                name = "dns-feeder" if is_feeder else process.name()[:15]
                if any(part[:15] == name for part in parts):
                    os.kill(process.pid, signal.SIGKILL)
                    killed.append(name)
        return sorted(killed)

    def kill_engine(self) -> None:
        pid = int(self.engine.places.pid_file.read_text())
        os.kill(pid, signal.SIGKILL)
        wait_until("the engine is dead", lambda: Reading(not psutil.pid_exists(pid)), timeout_s=10)

    def traces(self) -> dict[str, object]:
        """Everything that a cluster could leave on its host."""
        places = self.cluster.places
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        logs = [
            path for folder in ("pods", "containers") for path in Path("/var/log", folder).glob(f"*{POD}*")
        ]
        return {
            "rules": rules(),
            "links": sorted(name for _, name in socket.if_nameindex()),
            "mounts": [line for line in mounts if str(places.folder) in line],
            "processes": [process.name() for process in naming(f"{places.folder}/")],
            "cgroups": [str(path) for path in host.cgroups(places.cgroup)],
            "logs": [str(path) for path in logs],
            "settings": {
                name: Path("/proc/sys", name).read_text()
                for name in host.SETTINGS
                if Path("/proc/sys", name).exists()
            },
            "folder": places.folder.exists(),
            "fixed_places": [place for place in FIXED_PLACES if Path(place).exists()],
            "containers": self.containers(),
        }

    def containers(self) -> list[str]:
        with contextlib.closing(self.engine.address.connect(timeout_s=30)) as client:
            return [container.name for container in client.containers.list(all=True)]


# Where a kubelet that was told nothing would leave its things.
FIXED_PLACES = (
    "/var/lib/kubelet", "/var/lib/dockershim", "/var/run/dockershim.sock", "/usr/libexec/kubernetes", "/etc/cni",
    "/var/lib/cni", "/var/run/kubernetes", "/etc/kubernetes",
)  # fmt: skip


def rules() -> list[str]:
    """All rules and chains, without their counters."""
    saved = []
    for table in ("filter", "nat", "mangle"):
        found = subprocess.run(["iptables", "-t", table, "-S"], capture_output=True, text=True, check=True)
        saved += [f"{table} {line}" for line in found.stdout.splitlines()]
    return saved


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    trip = Trip(Path(sys.argv[1]))
    report: dict[str, object] = {}
    try:
        trip.engine.start(no_progress)
        with contextlib.closing(trip.engine.address.connect(timeout_s=60)) as client:
            client.api.import_image_from_data(tiny_tar(), repository="opchaos.local/tiny", tag="1")
        report["before"] = trip.traces()
        report["first_start_s"] = trip.up()
        trip.wait_for_account()
        trip.kubectl(
            "run",
            POD,
            "--image=opchaos.local/tiny:1",
            "--restart=Always",
            "--command",
            "--",
            "/bin/sleep",
            "9999",
        )
        report["pod_runs"] = trip.pod_runs()
        report["up"] = trip.traces()
        report["start_when_up_s"] = trip.up()
        healed = {}
        for part in PARTS:
            killed = trip.kill([part])
            healed[part] = {"killed": killed, "seconds": trip.up(), "is_ready": trip.cluster.is_ready()}
        report["healed"] = healed
        killed = trip.kill(PARTS)
        trip.kill_engine()
        report["all"] = {"killed": killed, "seconds": trip.up(), "is_ready": trip.cluster.is_ready()}
        report["pod_runs_again"] = trip.pod_runs()
        # The hardest stop: of a cluster that was killed.
        trip.kill(PARTS)
        trip.cluster.stop(no_progress)
        report["after"] = trip.traces()
    finally:
        trip.cluster.stop(no_progress)
        trip.engine.stop(no_progress)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
