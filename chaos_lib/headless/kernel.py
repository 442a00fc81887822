"""The kernel of a headless run: this very Python, in surroundings that leave the user's own files alone."""

from __future__ import annotations

import contextlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from chaos_lib.headless.kernel_client import KernelClient
from chaos_lib.processes import carrying
from chaos_lib.settings import Settings

MARK = "OPCHAOS_KERNEL_MARK"
"""Environment variable on a kernel and on all it starts: what still carries it after a forced stop is ended.

A process that is meant to outlive the kernel (the lab's own engine) is started without it.
"""

_TERM_GRACE_S = 3.0
_LOG_LINES = 8


class ThisPythonOnly(KernelSpecManager):
    """Knows one kernel, `python3`: the interpreter that runs this process.

    With no folder to look in, jupyter_client falls back to ipykernel's built-in spec, whose command is
    `sys.executable`. A `python3` spec in the user's or the system's Jupyter folders is therefore never taken.
    """

    def _kernel_dirs_default(self) -> list[str]:
        return []


@dataclass(frozen=True)
class KernelHome:
    """Where the kernel of one notebook keeps its files, and what marks its processes.

    Attributes:
        folder: Receives IPython's profile, Jupyter's folders, the connection file and the kernel's own log.
        phase: The notebook's phase; names the log.
        mark: Unique value of the environment variable `MARK`.
    """

    folder: Path
    phase: str
    mark: str

    @classmethod
    def make(cls, folder: Path, phase: str) -> KernelHome:
        """Create the folders."""
        home = cls(folder, phase, uuid.uuid4().hex)
        for name in ("ipython", "jupyter/config", "jupyter/data", "jupyter/runtime"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return home

    @property
    def log(self) -> Path:
        """What the kernel process itself wrote, outside of any cell."""
        return self.folder / f"kernel-{self.phase}.log"

    @property
    def last_log_lines(self) -> str:
        """The end of the log, as evidence; empty when there is none."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])

    def environment(self, settings: Settings) -> dict[str, str]:
        """Return the whole environment of the kernel: the caller's, with our settings and folders in it.

        Args:
            settings: Handed on field by field, so that the kernel sees what the run was given.
        """
        env = dict(os.environ)
        # IPython would run the user's start-up file in the participant's story.
        env.pop("PYTHONSTARTUP", None)
        for name in Settings.model_fields:
            value = getattr(settings, name)
            variable = f"OPCHAOS_{name.upper()}"
            env.pop(variable, None)
            if value is not None:
                env[variable] = str(getattr(value, "value", value))
        env.update(
            {
                MARK: self.mark,
                "OPCHAOS_HEADLESS": "1",
                "IPYTHONDIR": str(self.folder / "ipython"),
                "JUPYTER_CONFIG_DIR": str(self.folder / "jupyter/config"),
                "JUPYTER_DATA_DIR": str(self.folder / "jupyter/data"),
                "JUPYTER_RUNTIME_DIR": str(self.folder / "jupyter/runtime"),
                "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            }
        )
        return env

    def manager(self, **options: Any) -> AsyncKernelManager:
        """Return a manager for a kernel that is not started yet."""
        return AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=ThisPythonOnly(),
            connection_file=str(self.folder / "jupyter/runtime" / f"kernel-{self.mark}.json"),
            client_factory=KernelClient,
            **options,
        )

    def end_leftovers(self) -> tuple[str, ...]:
        """End every process that still carries this kernel's mark: SIGTERM, then SIGKILL after three seconds.

        Returns:
            The names of the processes that were ended.
        """
        left = carrying(MARK, self.mark)
        names = []
        for process in left:
            with contextlib.suppress(psutil.Error):
                names.append(process.name())
                process.terminate()
        _, alive = psutil.wait_procs(left, timeout=_TERM_GRACE_S)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(alive, timeout=_TERM_GRACE_S)
        return tuple(names)
