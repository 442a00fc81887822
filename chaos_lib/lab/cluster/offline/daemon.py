"""Start a process that outlives us, find it again by what stands on its command line, and end it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaos_lib.processes import naming

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_STOP_S = 8.0
_LOG_LINES = 8


@dataclass(frozen=True)
class Daemon:
    """A process of the cluster.

    Attributes:
        name: Of the component.
        argv: Its command line; the first argument that names `mark` makes it known again.
        mark: A path that only this cluster's process names.
        log: Where its output goes.
        identity: An argument that tells it from the cluster's other processes; the program's name does when empty.
    """

    name: str
    argv: tuple[str, ...]
    mark: str
    log: Path
    identity: str = ""

    def processes(self, among: Sequence[psutil.Process] | None = None) -> Sequence[psutil.Process]:
        """Return its processes: one, none after a kill, two after a very unlucky one.

        Args:
            among: Where to look, when several are looked for at once; all that name its mark when None.
        """
        found = []
        for process in naming(self.mark) if among is None else among:
            with contextlib.suppress(psutil.NoSuchProcess):
                argv = process.cmdline()
                is_it = self.identity in argv if self.identity else self._is_program(argv)
                if is_it and any(self.mark in part for part in argv):
                    found.append(process)
        return found

    def _is_program(self, argv: Sequence[str]) -> bool:
        return bool(argv) and Path(argv[0]).name == Path(self.argv[0]).name

    @property
    def is_running(self) -> bool:
        """Whether there is one."""
        return bool(self.processes())

    def start(self) -> None:
        """Start it, as a child of init: neither a Ctrl-C here nor our end reaches it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            subprocess.run(
                ["setsid", "--fork", *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Nothing of ours: a headless run ends every process that carries its mark.
                env={"PATH": _PATH, "HOME": "/root", "LC_ALL": "C.UTF-8"},
                cwd="/",
                check=True,
            )

    def stop(self) -> None:
        """End it; nothing happens when it does not run."""
        end(self.processes())

    @property
    def last_lines(self) -> str:
        """The end of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(line[:400] for line in text.splitlines()[-_LOG_LINES:])


def end(processes: Sequence[psutil.Process]) -> None:
    """End processes: SIGTERM first, SIGKILL for those that are still there after eight seconds."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=_STOP_S)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=_STOP_S)
