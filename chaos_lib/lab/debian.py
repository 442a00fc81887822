"""What the lab asks of Debian: which release this is, who runs us, packages to install."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.command import Command, CommandResult
from chaos_lib.errors import DiskFull, EngineUnavailable
from chaos_lib.lab.facility import Progress, ProgressSink

_OS_RELEASE = Path("/etc/os-release")
_NO_SPACE = ("no space left on device", "enospc", "not have enough free space")


@dataclass(frozen=True)
class Machine:
    """What matters about the machine for a lab without a registry.

    Attributes:
        distribution: `ID` of os-release: `debian`, `ubuntu`; empty when unknown.
        suite: `VERSION_CODENAME`: `bookworm`; empty when unknown.
        is_root: Whether this process may install packages and start daemons.
        has_systemd: Whether systemd is the init that runs.
    """

    distribution: str
    suite: str
    is_root: bool
    has_systemd: bool

    @property
    def is_debian(self) -> bool:
        """Whether it is Debian itself: its packages and suites are the ones the lab builds from."""
        return self.distribution == "debian" and bool(self.suite)


def this_machine() -> Machine:
    """Read the facts; changes nothing."""
    facts: dict[str, str] = {}
    if _OS_RELEASE.exists():
        for line in _OS_RELEASE.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            facts[key] = value.strip().strip('"')
    return Machine(
        distribution=facts.get("ID", ""),
        suite=facts.get("VERSION_CODENAME", ""),
        is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
        has_systemd=Path("/run/systemd/system").is_dir(),
    )


def install(packages: Sequence[str], programs: Sequence[str], progress: ProgressSink) -> bool:
    """Install Debian packages, unless the programs that they bring are all there.

    Args:
        packages: Names of packages.
        programs: Programs that must exist afterwards; looked up in the system's folders too.
        progress: Told what is going on.

    Returns:
        Whether anything was installed.

    Raises:
        EngineUnavailable: apt could not install them.
        DiskFull: There was no room for them.
    """
    if all(find_program(name) for name in programs):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    step = f"Installing {', '.join(packages)}"
    options = ("-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0")
    for argv in (
        ("apt-get", "update", *options),
        ("apt-get", "install", "-y", "--no-install-recommends", *options, *packages),
    ):
        progress(Progress(step, " ".join(argv[:2])))
        result = Command(argv, env=environment).run(
            timeout_s=600, on_line=lambda line: progress(Progress(step, line[:120]))
        )
        # A repository that does not answer fails the update, but the lists that are here may be enough.
        if argv[1] == "install" and not result.is_success:
            _refuse(packages, result)
    missing = [name for name in programs if not find_program(name)]
    if missing:
        raise EngineUnavailable(
            f"Debian's packages {', '.join(packages)} did not bring {', '.join(missing)}.",
            fix="Install Docker by hand and run `opchaos up` again.",
        )
    return True


def find_program(name: str) -> Path | None:
    """Find a program, preferring the distribution's own over what else is on PATH."""
    for folder in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        path = Path(folder) / name
        if os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    return Path(found) if found else None


def says_disk_full(output: str) -> bool:
    """Whether a tool's output says that a disk is full."""
    return any(words in output.lower() for words in _NO_SPACE)


def disk_full(where: str, evidence: str) -> DiskFull:
    """Return the error for a full disk.

    Args:
        where: What was being done, completing "No room left while ...".
        evidence: The tool's last lines.
    """
    return DiskFull(
        f"No room left on a disk while {where}.",
        evidence=evidence,
        fix="Free some space (`df -h` shows where; the lab needs about 3 GB), then run the same command "
        "again: what is finished is kept. `opchaos down --purge` gives back the lab's own cache.",
    )


def _refuse(packages: Sequence[str], result: CommandResult) -> None:
    if says_disk_full(result.output):
        raise disk_full("installing packages", result.last_lines)
    raise EngineUnavailable(
        f"apt could not install {', '.join(packages)}.",
        evidence=result.last_lines,
        fix="Mend apt first (`apt-get update`, `apt-get -f install`), then run `opchaos up` again.",
    )
