"""What a Docker engine changes in the host's network, and how to take it back.

dockerd leaves its bridges, its iptables chains, `ip_forward` and the FORWARD policy as they are when it stops.
"""

from __future__ import annotations

import os
import shlex
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel

from chaos_lib.command import Command
from chaos_lib.lab.debian import find_program

_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
_DEFAULT_ROUTE = Path("/proc/net/route")
_CHAINS = ("DOCKER", "DOCKER-USER", "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2")
_TIMEOUT_S = 20


class NetworkBefore(BaseModel):
    """The host's network settings before the engine started.

    Attributes:
        ip_forward: Content of `/proc/sys/net/ipv4/ip_forward`.
        forward_policy: Policy of the FORWARD chain: ACCEPT or DROP.
    """

    ip_forward: str
    forward_policy: str


def look() -> NetworkBefore:
    """Read the settings that an engine changes."""
    policy = "ACCEPT"
    for rule in _rules("filter"):
        if rule[:2] == ["-P", "FORWARD"]:
            policy = rule[2]
    return NetworkBefore(ip_forward=_FORWARD.read_text(encoding="utf-8").strip(), forward_policy=policy)


def uplink_mtu() -> int:
    """Return the MTU, in bytes, of the interface with the default route; 1500 when there is none.

    A bridge with a larger MTU than the uplink loses big packets in tunnels and clouds.
    """
    if not _DEFAULT_ROUTE.exists():
        return 1500
    for line in _DEFAULT_ROUTE.read_text(encoding="utf-8").splitlines()[1:]:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000":
            return psutil.net_if_stats()[fields[0]].mtu
    return 1500


def add_bridge(name: str) -> None:
    """Make a network bridge, unless it is there."""
    if name not in _interfaces():
        Command((_program("ip"), "link", "add", "name", name, "type", "bridge")).run(
            timeout_s=_TIMEOUT_S
        ).check()


def is_other_engine_here(own_pids: Sequence[int]) -> bool:
    """Whether a dockerd that is not ours uses this network namespace, and with it the same chains."""
    here = _namespace(os.getpid())
    return any(
        process.info["name"] == "dockerd"
        and process.pid not in own_pids
        and _namespace(process.pid) in (here, None)
        for process in psutil.process_iter(["name"])
    )


def restore(bridges: Sequence[str], before: NetworkBefore | None, *, is_shared: bool) -> None:
    """Remove the bridges and the rules that name them; the engine must have stopped.

    Args:
        bridges: Names of the engine's bridges.
        before: The settings to go back to, when known.
        is_shared: Whether another engine uses the same chains: then those and the settings stay.
    """
    for name in bridges:
        if name in _interfaces():
            Command((_program("ip"), "link", "delete", name)).run(timeout_s=_TIMEOUT_S)
    iptables = find_program("iptables")
    if iptables is None:
        return
    chains = () if is_shared else _chains_without_foreign_rules()
    for table in ("nat", "filter"):
        for rule in _rules(table):
            names_ours = any(bridge in rule for bridge in bridges)
            jumps_there = "-j" in rule and rule[rule.index("-j") + 1] in chains
            if rule[0] == "-A" and (names_ours or jumps_there):
                _change(table, "-D", *rule[1:])
        existing = {rule[1] for rule in _rules(table) if rule[0] == "-N"}
        for chain in chains:
            if chain in existing:
                _change(table, "-F", chain)
                _change(table, "-X", chain)
    if before is not None and not is_shared:
        _change("filter", "-P", "FORWARD", before.forward_policy)
        _FORWARD.write_text(before.ip_forward, encoding="utf-8")


def _interfaces() -> Sequence[str]:
    # Not /sys/class/net: that shows the network namespace in which /sys was mounted.
    return [name for _, name in socket.if_nameindex()]


def _chains_without_foreign_rules() -> Sequence[str]:
    """DOCKER-USER belongs to the machine's owner: with a rule of theirs in it, it stays."""
    users = [rule for rule in _rules("filter") if rule[:2] == ["-A", "DOCKER-USER"]]
    if all(rule[2:] == ["-j", "RETURN"] for rule in users):
        return _CHAINS
    return tuple(chain for chain in _CHAINS if chain != "DOCKER-USER")


def _rules(table: str) -> Iterator[list[str]]:
    if find_program("iptables") is None:
        return
    result = Command((_program("iptables"), "-w", "-t", table, "-S")).run(timeout_s=_TIMEOUT_S)
    if result.is_success:
        yield from (shlex.split(line) for line in result.output.splitlines() if line.startswith("-"))


def _change(table: str, *arguments: str) -> None:
    # A rule that is gone already is what we want: no check.
    Command((_program("iptables"), "-w", "-t", table, *arguments)).run(timeout_s=_TIMEOUT_S)


def _program(name: str) -> str:
    return str(find_program(name) or name)


def _namespace(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return None
