"""One embedded server: a detached process, its port, its folder, and how to end it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, ConfigDict

from chaos_lib.errors import LabError, WaitTimeout
from chaos_lib.lab.services.last_words import error_from_log
from chaos_lib.lab.services.shared_memory import forget_segment, read_segment
from chaos_lib.processes import all_processes
from chaos_lib.wait import Reading, wait_until

HOST = "127.0.0.1"
_LOG = "server.log"
_STOP_TIMEOUT_S = 5.0
_READY_TIMEOUT_S = 30.0
_PROGRAMS = ("postgres", "redis-server", "sh", "setpriv", "cp")


class Server(BaseModel):
    """A server process that was started; plain data, so that another process can take it over.

    Attributes:
        kind: Which program.
        pid: Process id.
        started: When the process was started, in seconds since the epoch: tells it from a later one with
            the same pid.
        port: TCP port on 127.0.0.1.
        folder: Its own folder: data and log. It is removed with the server.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["postgres", "redis"]
    pid: int
    started: float
    port: int
    folder: Path

    def is_running(self) -> bool:
        """Whether that very process is alive."""
        _reap(self.pid)
        try:
            process = psutil.Process(self.pid)
            return (
                abs(process.create_time() - self.started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False

    def log(self) -> str:
        """Return everything the server wrote."""
        return read_log(self.folder)

    def send(self, signal_number: int) -> None:
        """Send a signal, if that very process is still alive."""
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal_number)

    def stop(self) -> None:
        """End the server, wait until every process of it is gone, and remove its folder and shared memory."""
        self.send(signal.SIGCONT)  # it may be paused
        # SIGQUIT is Postgres' "immediate shutdown": nothing is flushed, for the data is thrown away.
        self.send(signal.SIGQUIT if self.kind == "postgres" else signal.SIGTERM)
        with contextlib.suppress(WaitTimeout):
            wait_until("the server ends", self._has_ended, timeout_s=_STOP_TIMEOUT_S, interval_s=0.01)
        remove_server_folder(self.folder)

    def wait_until_answering(
        self, probe: Callable[[], Reading], *, timeout_s: float = _READY_TIMEOUT_S
    ) -> None:
        """Wait until the server answers; notice at once when it has died.

        Args:
            probe: Asks the server.
            timeout_s: Longest wait in seconds.

        Raises:
            PortTaken: Another process listens on its port.
            DiskFull: There was no room for its data.
            ServiceDied: It ended for another reason.
            WaitTimeout: It runs but does not answer.
        """

        def read() -> Reading:
            if not self.is_running():
                raise self.obituary()
            return probe()

        wait_until(
            f"{self.kind} answers on {HOST}:{self.port}",
            read,
            timeout_s=timeout_s,
            interval_s=0.03,
            fix=f"The machine may be overloaded. The server's log is {self.folder / _LOG}.",
        )

    def obituary(self) -> LabError:
        """Return the error that says why the server ended, from its own last words."""
        return error_from_log(self.kind, self.port, self.log())

    def _has_ended(self) -> Reading:
        return Reading(not self.is_running(), f"process {self.pid} is still there")


def spawn(
    kind: Literal["postgres", "redis"], argv: Sequence[str], *, port: int, folder: Path, path: str
) -> Server:
    """Start a server process that outlives this one.

    Args:
        kind: Which program.
        argv: Its command line.
        port: The TCP port that the command line names.
        folder: Its folder, there already; the log is written into it.
        path: The process's `PATH`; the rest of our environment is kept from it.
    """
    with (folder / _LOG).open("ab") as log:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env={"PATH": path, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in our terminal is not meant for it
        )
    # Without this, Popen warns about a child that is still running when it is forgotten; that is the plan.
    process.returncode = 0
    return Server(
        kind=kind,
        pid=process.pid,
        started=psutil.Process(process.pid).create_time(),
        port=port,
        folder=folder,
    )


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def read_log(folder: Path) -> str:
    """Return the log of the server in a folder; empty when there is none."""
    log = folder / _LOG
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def remove_server_folder(folder: Path) -> None:
    """Remove a server's folder with everything that still lives on it, however its server ended."""
    if not folder.exists():
        return
    segment = read_segment(folder / "data" / "postmaster.pid")
    orphans = [process for process in all_processes() if _lives_in(process, folder)]
    for process in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    for process in psutil.wait_procs(orphans, timeout=_STOP_TIMEOUT_S)[0]:
        _reap(process.pid)
    if segment is not None:
        forget_segment(segment)
    shutil.rmtree(folder, ignore_errors=True)


def _lives_in(process: psutil.Process, folder: Path) -> bool:
    # Postgres' own children sit in the data folder too, so they are found even when their parent is gone.
    try:
        return process.name() in _PROGRAMS and Path(process.cwd()).is_relative_to(folder.resolve())
    except (psutil.Error, OSError):
        return False  # another user's, or gone meanwhile


def _reap(pid: int) -> None:
    """Take the exit status of a child of ours that has ended, so that no zombie stays."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
