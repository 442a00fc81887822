"""The real machine's answers. Everything here only looks: no file is written, nothing is left running."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from chaos_lib.command import Command
from chaos_lib.doctor.probes import OWN_JUPYTERLAB, DockerClient, Interpreter, System
from chaos_lib.doctor.report import Family
from chaos_lib.errors import ChaosError
from chaos_lib.lab.debian import this_machine
from chaos_lib.lab.docker_client import clients, speaks_buildkit
from chaos_lib.lab.engine import EngineSearch, candidates, default_environment, find_engine
from chaos_lib.lab.facility import FacilityReport
from chaos_lib.lab.lab import Lab
from chaos_lib.lab.own_engine import EnginePlaces
from chaos_lib.lab.ports import holder_of
from chaos_lib.settings import Settings

_COMMAND_S = 10.0
_VERSION = re.compile(r"version (\S+?),?(?:\s|$)")
# Version 2 and version 1 of control groups. Source: Linux kernel docs, "Control Group v2" and "Memory Resource Controller".
_MEMORY_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class MachineProbes:
    """Asks the machine that we run on; the engine and the lab are asked once, then remembered."""

    def __init__(self, settings: Settings) -> None:
        """Take note of where things are; nothing is asked yet.

        Args:
            settings: The kit's settings.
        """
        self._settings = settings
        self._engine: EngineSearch | None = None
        self._facilities: tuple[FacilityReport, ...] | None = None

    def system(self) -> System:
        """Return the operating system."""
        is_root = this_machine().is_root
        name = platform.system()
        if name == "Darwin":
            return System(f"macOS {platform.mac_ver()[0]}", Family.MACOS, is_root)
        if name == "Windows":
            return System(f"Windows {platform.release()}", Family.WINDOWS, is_root)
        return System(_linux_name(), Family.DEBIAN, is_root)

    def python(self) -> Interpreter:
        """Return the Python that runs us."""
        version = sys.version_info
        return Interpreter((version.major, version.minor, version.micro), sys.executable)

    def git_version(self) -> str | None:
        """Return git's version, None when there is no git."""
        return _version_of("git")

    def package_version(self, name: str) -> str | None:
        """Return the version of an installed Python package."""
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return None

    def kernel_command(self) -> tuple[str, ...] | None:
        """Return the command line of the kernel `python3`."""
        try:
            from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
            from jupyter_core.paths import jupyter_path
        except ImportError:
            return None
        # Named, because finding the default folders creates ~/.ipython.
        manager = KernelSpecManager(kernel_dirs=jupyter_path("kernels"))
        try:
            return tuple(manager.get_kernel_spec("python3").argv)
        except NoSuchKernel:
            return None

    def docker_clients(self) -> tuple[DockerClient, ...]:
        """Return all `docker` programs in the order in which the lab tries them."""
        return tuple(
            DockerClient(str(path), _version_of(str(path)) or "", speaks_buildkit(path)) for path in clients()
        )

    def program(self, name: str) -> str | None:
        """Return the path of a program on PATH."""
        return shutil.which(name)

    def engine(self) -> EngineSearch:
        """Return the engine that answers, or why none does."""
        if self._engine is None:
            socket_path = EnginePlaces.of(self._settings.engine_folder).socket
            self._engine = find_engine(candidates(default_environment(), socket_path))
        return self._engine

    def storage_folders(self) -> Mapping[str, Path]:
        """Return the folders that will grow, by what they hold."""
        folders = {"the cache": self._settings.cache, "the mission folder": self._settings.home}
        images = self._image_folder()
        return folders if images is None else {"the engine's images": images, **folders}

    def free_bytes(self, path: Path) -> int:
        """Return the free space of the disk that holds `path` or would hold it."""
        there = path.absolute()
        while not there.exists():
            there = there.parent
        return shutil.disk_usage(there).free

    def memory_bytes(self) -> int:
        """Return the memory that this machine or container may use."""
        sizes = [psutil.virtual_memory().total]
        for limit in _MEMORY_LIMITS:
            if limit.exists():
                text = limit.read_text(encoding="utf-8").strip()
                if text.isdigit():
                    sizes.append(int(text))
        return min(sizes)

    def port_holder(self, port: int) -> str | None:
        """Return who listens on a local TCP port, None when it is free."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return None
        return OWN_JUPYTERLAB if _listens_above_us(port) else holder_of(port)

    def facilities(self) -> tuple[FacilityReport, ...]:
        """Return what the lab would use for each facility."""
        if self._facilities is None:
            self._facilities = Lab(self._settings).detect()
        return self._facilities

    def _image_folder(self) -> Path | None:
        """Return the folder of a local engine's images; None when it cannot be measured from here."""
        own = EnginePlaces.of(self._settings.engine_folder)
        engine = self.engine().engine
        if engine is None:
            return own.data_root if this_machine().is_root else None
        if engine.is_own:
            return own.data_root
        if not engine.url.startswith("unix://"):
            return None
        from docker.errors import DockerException  # importing docker-py costs 0.25 s

        client = engine.connect(timeout_s=_COMMAND_S)
        try:
            folder = Path(str(client.info().get("DockerRootDir", "")))
        except DockerException:
            return None
        finally:
            client.close()
        # Docker Desktop names a folder inside its virtual machine: nothing that can be measured from here.
        return folder if folder.is_absolute() and folder.exists() else None


def _version_of(program: str) -> str | None:
    if shutil.which(program) is None:
        return None
    try:
        output = Command((program, "--version")).run(timeout_s=_COMMAND_S).check().output
    except ChaosError:
        return None
    match = _VERSION.search(output)
    return match[1] if match else output.strip()


def _linux_name() -> str:
    try:
        facts = platform.freedesktop_os_release()
    except OSError:
        return f"Linux {os.uname().release}"
    return f"{facts.get('NAME', 'Linux').removesuffix(' GNU/Linux')} {facts.get('VERSION_ID', '')}".strip()


def _listens_above_us(port: int) -> bool:
    """Whether a process that started us has the port: in a notebook, the JupyterLab that one looks at."""
    for parent in psutil.Process().parents():
        try:
            connections = parent.net_connections(kind="tcp")
        except psutil.Error:
            continue
        if any(c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port for c in connections):
            return True
    return False
