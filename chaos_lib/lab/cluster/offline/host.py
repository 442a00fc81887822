"""What a node changes on its host outside our folder, and how to take it back: mounts, cgroups, rules, settings, logs."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel, ValidationError

from chaos_lib import durable
from chaos_lib.command import Command
from chaos_lib.lab.debian import find_program

_TIMEOUT_S = 30
_CGROUPS = Path("/sys/fs/cgroup")
_SYSTEM = Path("/proc/sys")
_BRIDGES = "net/bridge/bridge-nf-call-iptables"
# kubelet sets the first three, kube-proxy the next, and both the last.
SETTINGS = (
    "vm/overcommit_memory",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/conf/all/route_localnet",
    _BRIDGES,
)
# kubelet's folders for logs cannot be moved; they hold links to the engine's own.
_LOGS = (Path("/var/log/pods"), Path("/var/log/containers"))
_TABLES = ("filter", "nat", "mangle")
_PROGRAMS = ("kubelet", "kube-proxy", "k3s", "k3s-server", "k0s", "microk8s", "rke2", "kubelite")


class HostBefore(BaseModel):
    """The host before the cluster started.

    Attributes:
        settings: Kernel settings: path below `/proc/sys` to value.
        had_folders: The log folders that were there already.
    """

    settings: dict[str, str]
    had_folders: tuple[Path, ...] = ()


def note(path: Path) -> None:
    """Note how the host is, unless that was noted already."""
    if path.exists():
        return
    found = {name: _read(_SYSTEM / name) for name in SETTINGS}
    before = HostBefore(
        settings={name: value for name, value in found.items() if value},
        had_folders=tuple(folder for folder in _LOGS if folder.is_dir()),
    )
    durable.make_folders(path.parent)
    durable.write_bytes(path, before.model_dump_json().encode(), draft_folder=path.parent / "drafts")


def noted(path: Path) -> HostBefore | None:
    """Return what was noted, or None."""
    try:
        return HostBefore.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def restore_settings(before: HostBefore | None) -> None:
    """Set the kernel's settings back."""
    for name, value in (before.settings if before else {}).items():
        path = _SYSTEM / name
        if _read(path) != value:
            with contextlib.suppress(OSError):
                path.write_text(value, encoding="utf-8")


def bridges_are_direct() -> bool:
    """Whether traffic within a bridge passes no firewall rule."""
    return _read(_SYSTEM / _BRIDGES) in ("0", "")


def make_bridges_direct() -> None:
    """Let traffic within a bridge pass no firewall rule.

    With it a pod that asks its own service would wait for ever: the translated packet would have to leave the bridge by
    the port through which it came. Without it the host routes it, and the answers take the same way (`masqueradeAll`).
    """
    if not bridges_are_direct():
        (_SYSTEM / _BRIDGES).write_text("0", encoding="utf-8")


def other_node(ours: Sequence[psutil.Process]) -> str:
    """Return the name of a Kubernetes node's process that is not ours and shares our network; empty when none does."""
    own = {process.pid for process in ours}
    here = _network_of(os.getpid())
    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] not in _PROGRAMS or process.pid in own:
            continue
        # One that was just killed has a name still, but no network any more.
        if process.info["status"] != psutil.STATUS_ZOMBIE and _network_of(process.pid) == here:
            return f"{process.info['name']} (process {process.pid})"
    return ""


def unmount(folder: Path) -> None:
    """Unmount everything below a folder, innermost first."""
    mounts = [
        line.split()[1].encode().decode("unicode_escape")
        for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    ]
    ours = [mount for mount in mounts if Path(mount).is_relative_to(folder)]
    for mount in sorted(ours, key=len, reverse=True):
        Command(("umount", "--lazy", mount)).run(timeout_s=_TIMEOUT_S)


def make_cgroup(name: str) -> None:
    """Make the cgroup that holds all pods, in every hierarchy: kubelet expects its root to be there."""
    for root in _hierarchies():
        with contextlib.suppress(OSError):
            (root / name).mkdir(exist_ok=True)
            _inherit_cpuset(root, root / name)
    controllers = _read(_CGROUPS / "cgroup.controllers").split()
    if controllers:
        # Version 2: a group's children have only the controllers that it hands down.
        wanted = " ".join(f"+{each}" for each in controllers)
        for group in (_CGROUPS, _CGROUPS / name):
            with contextlib.suppress(OSError):
                (group / "cgroup.subtree_control").write_text(wanted, encoding="utf-8")


def remove_cgroup(name: str) -> None:
    """Remove that cgroup with all that is below it; its processes must have ended."""
    for root in _hierarchies():
        top = root / name
        folders = [Path(folder) for folder, _, _ in os.walk(top, topdown=False)]
        for folder in folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def cgroups(name: str) -> Sequence[Path]:
    """Return where that cgroup still is."""
    return tuple(root / name for root in _hierarchies() if (root / name).is_dir())


def remove_rules() -> None:
    """Remove every rule and chain that kube-proxy and kubelet made, in all tables."""
    for program in ("iptables", "ip6tables"):
        found = find_program(program)
        if found is None:
            continue
        for table in _TABLES:
            rules = list(_rules(found, table))
            chains = [rule[1] for rule in rules if rule[0] == "-N" and rule[1].startswith("KUBE-")]
            for rule in rules:
                target = rule[rule.index("-j") + 1] if "-j" in rule else ""
                if rule[0] == "-A" and target in chains and rule[1] not in chains:
                    _change(found, table, "-D", *rule[1:])
            # All are emptied before the first goes: they jump to each other.
            for action in ("-F", "-X"):
                for chain in chains:
                    _change(found, table, action, chain)


def remove_logs(data_root: Path, before: HostBefore | None) -> None:
    """Remove kubelet's links to the logs of containers that lay in `data_root`, and the folders that it made.

    Another kubelet's links lead elsewhere and stay.
    """
    pods, containers = _LOGS
    for link in containers.glob("*"):
        target = _leads_to(link)
        # Of two links behind each other the second may be gone already.
        if target is not None and (target.is_relative_to(data_root) or target.is_relative_to(pods)):
            second = _leads_to(target) if target.is_relative_to(pods) else target
            if second is None or second.is_relative_to(data_root):
                link.unlink(missing_ok=True)
    for pod in pods.glob("*"):
        links = [path for path in pod.rglob("*") if path.is_symlink()]
        if all((_leads_to(link) or data_root).is_relative_to(data_root) for link in links) and (
            links or not any(path.is_file() for path in pod.rglob("*"))
        ):
            shutil.rmtree(pod, ignore_errors=True)
    for folder in _LOGS:
        if before is not None and folder not in before.had_folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _hierarchies() -> Sequence[Path]:
    if (_CGROUPS / "cgroup.controllers").exists():
        return (_CGROUPS,)
    # A name like `cpu` may be a link to `cpu,cpuacct`.
    return tuple(path for path in sorted(_CGROUPS.glob("*")) if path.is_dir() and not path.is_symlink())


def _inherit_cpuset(parent: Path, child: Path) -> None:
    """A new group of the hierarchy `cpuset` (version 1) may use no CPU until it is told which."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (child / name).exists() and not _read(child / name):
            (child / name).write_text(_read(parent / name), encoding="utf-8")


def _rules(program: Path, table: str) -> Iterator[list[str]]:
    result = Command((str(program), "-w", "-t", table, "-S")).run(timeout_s=_TIMEOUT_S)
    if result.is_success:
        yield from (shlex.split(line) for line in result.output.splitlines() if line.startswith("-"))


def _change(program: Path, table: str, *arguments: str) -> None:
    # A rule that is gone already is what we want: no check.
    Command((str(program), "-w", "-t", table, *arguments)).run(timeout_s=_TIMEOUT_S)


def _leads_to(link: Path) -> Path | None:
    try:
        return link.readlink() if link.is_symlink() else None
    except OSError:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _network_of(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return None
