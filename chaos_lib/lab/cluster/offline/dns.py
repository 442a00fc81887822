"""The cluster's DNS: Debian's dnsmasq, fed with the services by a small process of ours.

`python -m chaos_lib.lab.cluster.offline.dns ...` is that process.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chaos_lib import durable
from chaos_lib.errors import LabError
from chaos_lib.lab.cluster.offline.api import Api
from chaos_lib.lab.cluster.offline.authority import Pair
from chaos_lib.lab.cluster.offline.daemon import Daemon
from chaos_lib.lab.cluster.offline.places import DOMAIN, ClusterPlaces

_MODULE = "chaos_lib.lab.cluster.offline.dns"
_WATCH_S = 300
_RETRY_S = 1.0


def dnsmasq(program: Path, places: ClusterPlaces, address: str) -> Daemon:
    """Return the name server: it listens on the engine's bridge alone, and asks the host's servers for all else."""
    pid_file = places.folder / "dnsmasq.pid"
    argv = (
        *(str(program), "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--no-hosts"),
        *(f"--addn-hosts={places.dns_hosts}", f"--pid-file={pid_file}", "--log-facility=-"),
        *(f"--listen-address={address}", "--bind-interfaces", "--port=53"),
        # What is not known in the cluster's domain does not exist: nobody else is asked.
        *(f"--local=/{DOMAIN}/", "--domain-needed", "--neg-ttl=1", "--cache-size=1000"),
    )
    return Daemon("dnsmasq", argv, str(pid_file), places.log("dnsmasq"))


def feeder(places: ClusterPlaces, api: Api) -> Daemon:
    """Return the process that tells the name server which services there are."""
    assert api.authority is not None
    assert api.client is not None
    argv = (
        *(sys.executable, "-m", _MODULE),
        *("--host", api.host, "--port", str(api.port)),
        *("--authority", str(api.authority.certificate)),
        *("--certificate", str(api.client.certificate), "--key", str(api.client.key)),
        *("--hosts", str(places.dns_hosts), "--pid-file", str(places.folder / "dnsmasq.pid")),
    )
    # Another mission's Python may have another name.
    return Daemon("dns-feeder", argv, str(places.dns_hosts), places.log("dns-feeder"), identity=_MODULE)


def hosts(services: Iterable[Mapping[str, Any]], endpoints: Iterable[Mapping[str, Any]]) -> str:
    """Return the lines of a hosts file: every service by its full name.

    A headless service has the addresses of its ready pods, and a name for each pod that asks for one.

    Args:
        services: As the API server lists them.
        endpoints: As the API server lists them.

    Source: the specification "Kubernetes DNS-Based Service Discovery".
    """
    ready = {_key(each): each for each in endpoints}
    lines = []
    for service in services:
        namespace, name = _key(service)
        full = f"{name}.{namespace}.svc.{DOMAIN}"
        spec = service.get("spec") or {}
        address = spec.get("clusterIP") or ""
        if address and address != "None":
            lines.append(f"{address} {full}")
        elif address == "None":
            found = ready.get((namespace, name), {})
            for subset in found.get("subsets") or ():
                for item in subset.get("addresses") or ():
                    lines.append(f"{item['ip']} {full}")
                    if item.get("hostname"):
                        lines.append(f"{item['ip']} {item['hostname']}.{full}")
    return "".join(f"{line}\n" for line in sorted(set(lines)))


class Feeder:
    """Keeps the hosts file as the API server's services are.

    Args:
        api: The API server.
        hosts_file: What dnsmasq reads.
        pid_file: dnsmasq's: it is told to read again.
    """

    def __init__(self, api: Api, hosts_file: Path, pid_file: Path) -> None:
        self._api = api
        self._hosts_file = hosts_file
        self._pid_file = pid_file
        self._has_news = threading.Event()

    def run(self) -> None:
        """Follow the services until we are ended."""
        for what in ("services", "endpoints"):
            threading.Thread(target=self._follow, args=(what,), daemon=True).start()
        while True:
            with contextlib.suppress(LabError, OSError):
                self.feed()
            self._has_news.wait(timeout=30)
            self._has_news.clear()

    def feed(self) -> bool:
        """Write the file when it has to change; returns whether it had to."""
        services = self._api.get("/api/v1/services")["items"]
        endpoints = self._api.get("/api/v1/endpoints")["items"]
        content = hosts(services, endpoints).encode()
        if self._hosts_file.exists() and self._hosts_file.read_bytes() == content:
            return False
        durable.write_bytes(
            self._hosts_file,
            content,
            mode=0o644,
            draft_folder=self._hosts_file.parent / "drafts",
            is_lasting=False,
        )
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(self._pid_file.read_text(encoding="utf-8")), signal.SIGHUP)
        return True

    def _follow(self, what: str) -> None:
        pause = threading.Event()
        while True:
            for _ in self._api.watch(f"/api/v1/{what}?watch=1", timeout_s=_WATCH_S):
                self._has_news.set()
            pause.wait(_RETRY_S)


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["metadata"]["namespace"], item["metadata"]["name"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Feed the name server until we are ended."""
    parser = argparse.ArgumentParser()
    for name in ("host", "authority", "certificate", "key", "hosts", "pid-file"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args(arguments)
    client = Pair(Path(given.certificate), Path(given.key))
    authority = Pair(Path(given.authority), Path())
    api = Api(given.host, given.port, authority, client)
    Feeder(api, Path(given.hosts), Path(given.pid_file)).run()


if __name__ == "__main__":
    main()
