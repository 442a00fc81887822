"""Run in a network namespace of its own: start an engine with its firewall, stop it, print what it left."""

import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.own_engine import OwnEngine


def rules() -> str:
    both = [
        subprocess.run(["iptables", "-t", table, "-S"], capture_output=True, text=True, check=True).stdout
        for table in ("filter", "nat")
    ]
    return "".join(both)


def links() -> list[str]:
    return sorted(name for _, name in socket.if_nameindex())


def main() -> None:
    forward = Path("/proc/sys/net/ipv4/ip_forward")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # A rule of the machine's owner must survive.
    subprocess.run(["iptables", "-A", "FORWARD", "-i", "lo", "-j", "ACCEPT"], check=True)
    report: dict[str, object] = {
        "rules_before": rules(),
        "links_before": links(),
        "ip_forward_before": forward.read_text(),
    }
    engine = OwnEngine(EnginePlaces.of(Path(sys.argv[1])))
    try:
        engine.start(no_progress)
        with contextlib.closing(engine.address.connect(timeout_s=20)) as client:
            client.networks.create("a-network")
        report |= {"rules_up": rules(), "links_up": links()}
    finally:
        engine.stop(no_progress)
    report |= {"rules_after": rules(), "links_after": links(), "ip_forward_after": forward.read_text()}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
