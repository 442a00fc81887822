"""The ports and address ranges of the offline cluster: free ones, chosen at the first start and then kept."""

from __future__ import annotations

import ipaddress
import random
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel, ValidationError

from chaos_lib import durable

# Below the ports that the kernel gives to outgoing connections (from 32768) and the node ports (from 30000).
_PORTS = range(20000, 29000)
_SERVICE_RANGES = tuple(f"10.{second}.0.0/16" for second in range(213, 250))


class Ports(BaseModel):
    """Who listens where, on the machine's own addresses.

    Attributes:
        api: kube-apiserver, on the engine's bridge.
        etcd: etcd, for the API server.
        etcd_peer: etcd, for other members; there are none.
        controllers: kube-controller-manager.
        scheduler: kube-scheduler.
        kubelet: kubelet, for logs and exec.
        kubelet_health: kubelet, "are you well".
        proxy_health: kube-proxy, "are you well".
        proxy_metrics: kube-proxy, its metrics.
    """

    api: int
    etcd: int
    etcd_peer: int
    controllers: int
    scheduler: int
    kubelet: int
    kubelet_health: int
    proxy_health: int
    proxy_metrics: int


class Numbers(BaseModel):
    """What is chosen once for a cluster.

    Attributes:
        ports: Who listens where.
        services: The range of the services' addresses.
    """

    ports: Ports
    services: str

    @property
    def api_service(self) -> str:
        """Address of the service `kubernetes`: the first of the range."""
        return str(ipaddress.ip_network(self.services)[1])


def numbers(path: Path, *, seed: str) -> Numbers:
    """Return what was chosen, or choose now and keep it.

    Args:
        path: Where it is kept.
        seed: Two clusters on a machine do not begin their search at the same port.
    """
    try:
        return Numbers.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return choose(path, seed=seed)


def choose(path: Path, *, seed: str) -> Numbers:
    """Choose anew and keep it."""
    names = list(Ports.model_fields)
    ports = dict(zip(names, free_ports(len(names), seed=seed), strict=True))
    chosen = Numbers(ports=Ports(**ports), services=free_range(_own_networks()))
    durable.make_folders(path.parent)
    durable.write_bytes(path, chosen.model_dump_json(indent=2).encode(), draft_folder=path.parent / "drafts")
    return chosen


def free_ports(count: int, *, seed: str) -> Sequence[int]:
    """Return ports on which nobody listens."""
    order = random.Random(seed).sample(_PORTS, len(_PORTS))  # noqa: S311
    found: list[int] = []
    for port in order:
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return tuple(found)
    raise AssertionError("nine thousand ports cannot all be taken")


def is_free(port: int) -> bool:
    """Whether nobody listens on a port, whatever the address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104
        except OSError:
            return False
    return True


def free_range(networks: Iterable[str]) -> str:
    """Return a range for services that none of these networks overlaps."""
    taken = [ipaddress.ip_network(network) for network in networks]
    for candidate in _SERVICE_RANGES:
        if not any(ipaddress.ip_network(candidate).overlaps(each) for each in taken):
            return candidate
    return _SERVICE_RANGES[0]


def _own_networks() -> Iterable[str]:
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family == socket.AF_INET and address.netmask:
                yield str(ipaddress.ip_interface(f"{address.address}/{address.netmask}").network)
