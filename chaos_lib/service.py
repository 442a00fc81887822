"""Run the sample service from the workspace, as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from types import TracebackType

from chaos_lib.command import end_process_group
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.pytest_run import child_environment
from chaos_lib.errors import CommandFailed
from chaos_lib.wait import Reading, wait_until

_LAST_LINES = 15


@dataclass(frozen=True)
class Answer:
    """What the service answered.

    Attributes:
        status: HTTP status code; 0 when nothing answered.
        body: The body as text, or the reason why nothing answered.
    """

    status: int
    body: str


class Service:
    """The sample service, running from the workspace on a free port of this machine.

    Usable as a context manager; `stop` may be called twice.
    """

    def __init__(self, context: DefenceContext, *, timeout_s: float = 30.0) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environment = child_environment(context) | {"MISSION_PORT": str(port), "MISSION_HOST": "127.0.0.1"}
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mission_control", "serve"],
            cwd=context.workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            wait_until("the service answers /healthz", self._is_up, timeout_s=timeout_s)
        except BaseException:
            self.stop()
            raise

    def get(self, path: str) -> Answer:
        """Ask the service; an error status is an answer, not an exception."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5.0) as response:  # noqa: S310 - our own URL
                return Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as exc:
            return Answer(exc.code, exc.read().decode())
        except OSError as exc:
            return Answer(0, str(exc))

    def log(self) -> str:
        """Return the last lines that the service wrote."""
        if self._log.closed:
            return ""
        self._log.seek(0)
        return "".join(self._log.readlines()[-_LAST_LINES:])

    def stop(self) -> None:
        """End the process; it gets time to finish its requests first."""
        if not self._log.closed:
            end_process_group(self._process)
            self._log.close()

    def __enter__(self) -> Service:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _is_up(self) -> Reading:
        if self._process.poll() is not None:
            raise CommandFailed(
                f"The service ended at start with exit code {self._process.returncode}.",
                evidence=self.log(),
                fix="Read its last lines: they name the setting or the service that it misses.",
            )
        answer = self.get("/healthz")
        return Reading(answer.status == 200, f"/healthz: {answer.status} {answer.body}")
