"""Where the offline cluster keeps its things: all in one folder beside the engine that it runs on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.lab.engine_places import EnginePlaces

VERSION = "1.20.2"
CONTEXT = "opchaos-offline"
NODE = "opchaos-node"
PAUSE_IMAGE = "opchaos.local/pause:1"
DOMAIN = "cluster.local"


@dataclass(frozen=True)
class ClusterPlaces:
    """The cluster's files; nothing of it is elsewhere, except what `leftovers` knows.

    Attributes:
        engine: The engine that it runs on.
        programs: Folder with kube-apiserver, kubelet, etcd and the others.
    """

    engine: EnginePlaces
    programs: Path

    @property
    def folder(self) -> Path:
        """Everything that a running cluster has; gone after a stop."""
        return self.engine.folder / "cluster"

    @property
    def lock(self) -> Path:
        """Held while the cluster is started or stopped; outside the folder, which goes."""
        return self.engine.folder / "cluster.lock"

    @property
    def kubeconfig(self) -> Path:
        """For people and programs: its administrator, readable by root alone."""
        return self.folder / "kubeconfig"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.folder / "pki"

    @property
    def settings(self) -> Path:
        """The ports and ranges that were chosen at the first start."""
        return self.folder / "settings.json"

    @property
    def host_before(self) -> Path:
        """The host's settings before the start."""
        return self.folder / "host-before.json"

    @property
    def etcd(self) -> Path:
        """Etcd's data."""
        return self.folder / "etcd"

    @property
    def kubelet(self) -> Path:
        """Kubelet's root: volumes of pods, mounted."""
        return self.folder / "kubelet"

    @property
    def config(self) -> Path:
        """Configuration files and kubeconfigs of the components."""
        return self.folder / "config"

    @property
    def logs(self) -> Path:
        """One log for each component."""
        return self.folder / "logs"

    @property
    def dns_hosts(self) -> Path:
        """The names that the cluster's DNS knows."""
        return self.folder / "dns-hosts"

    @property
    def cgroup(self) -> str:
        """Name of the cgroup, below the root of each hierarchy, that holds all pods."""
        if self.engine == EnginePlaces.of(EnginePlaces.default_folder()):
            return "opchaos"
        return f"opchaos-{hashlib.sha256(str(self.engine.folder).encode()).hexdigest()[:8]}"

    def program(self, name: str) -> Path:
        """Return the path of one of the cluster's programs."""
        return self.programs / name

    def log(self, name: str) -> Path:
        """Return the log of a component."""
        return self.logs / f"{name}.log"
