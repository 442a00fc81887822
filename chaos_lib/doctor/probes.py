"""What the doctor asks a machine. Each question is small, so that a fake can give any answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chaos_lib.doctor.report import Family
from chaos_lib.lab.engine import EngineSearch
from chaos_lib.lab.facility import FacilityReport

# Who holds a port when this very process was started by it.
OWN_JUPYTERLAB = "the JupyterLab that this notebook is open in"


@dataclass(frozen=True)
class System:
    """The machine's operating system.

    Attributes:
        name: For people: "Debian 12".
        family: Whose remedies fit.
        is_root: Whether this process may install packages.
    """

    name: str
    family: Family
    is_root: bool = False


@dataclass(frozen=True)
class Interpreter:
    """The Python that runs us.

    Attributes:
        version: Major, minor and patch.
        executable: Its path, links not resolved: a virtual environment's own.
    """

    version: tuple[int, int, int]
    executable: str


@dataclass(frozen=True)
class DockerClient:
    """A `docker` program on this machine.

    Attributes:
        path: Where it is.
        version: "20.10.24+dfsg1"; empty when it does not say.
        can_build_kit: Whether it builds with BuildKit.
    """

    path: str
    version: str
    can_build_kit: bool


class Probes(Protocol):
    """The questions. None of them may change the machine."""

    def system(self) -> System:
        """Return the operating system."""
        ...

    def python(self) -> Interpreter:
        """Return the Python that runs us."""
        ...

    def git_version(self) -> str | None:
        """Return git's version, None when there is no git."""
        ...

    def package_version(self, name: str) -> str | None:
        """Return the version of an installed Python package, by its name on the package index."""
        ...

    def kernel_command(self) -> tuple[str, ...] | None:
        """Return the command line of the Jupyter kernel `python3`, None when it is not registered."""
        ...

    def docker_clients(self) -> tuple[DockerClient, ...]:
        """Return all `docker` programs in the order in which the lab tries them: PATH's first."""
        ...

    def program(self, name: str) -> str | None:
        """Return the path of a program on PATH, None when there is none."""
        ...

    def engine(self) -> EngineSearch:
        """Return the engine that answers, or why none does."""
        ...

    def storage_folders(self) -> Mapping[str, Path]:
        """Return the folders that will grow, by what they hold: "the engine's images"."""
        ...

    def free_bytes(self, path: Path) -> int:
        """Return the free space, in bytes, of the disk that holds `path` or would hold it."""
        ...

    def memory_bytes(self) -> int:
        """Return the memory that this machine or container may use, in bytes."""
        ...

    def port_holder(self, port: int) -> str | None:
        """Return who listens on a local TCP port ("" when unknown), None when it is free."""
        ...

    def facilities(self) -> tuple[FacilityReport, ...]:
        """Return what the lab would use for each facility."""
        ...
