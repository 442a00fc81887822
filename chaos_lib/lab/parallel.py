"""Run a few commands side by side and end all of them together when something goes wrong."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.command import CommandResult, end_process_group
from chaos_lib.errors import WaitTimeout
from chaos_lib.wait import Reading, wait_until


@dataclass(frozen=True)
class Job:
    """A command with a name for the progress.

    Attributes:
        name: What it makes: "postgres:15".
        argv: The command line.
        env: The whole environment.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]


def run_side_by_side(
    jobs: Sequence[Job], *, timeout_s: float, on_line: Callable[[Job, str], None]
) -> Sequence[CommandResult]:
    """Run all jobs at once; return their results in the order given.

    On a timeout, an exception or Ctrl-C every job's process group is ended, so that nothing goes on alone.

    Args:
        jobs: Few, and about as heavy as the machine has cores.
        timeout_s: Longest run of all together, in seconds.
        on_line: Told the newest line of a job's output.

    Raises:
        WaitTimeout: They did not end in time.
    """
    with tempfile.TemporaryDirectory(prefix="opchaos-jobs-") as folder:
        running: list[_Running] = []
        try:
            running += (_Running(job, Path(folder) / str(number)) for number, job in enumerate(jobs))

            def probe() -> Reading:
                for item in running:
                    line = item.newest_line()
                    if line:
                        on_line(item.job, line)
                waiting = [item.job.name for item in running if not item.has_ended()]
                return Reading(not waiting, f"still running: {', '.join(waiting)}")

            wait_until(f"{', '.join(job.name for job in jobs)} built", probe, timeout_s=timeout_s)
            return tuple(item.result() for item in running)
        except WaitTimeout as exc:
            raise WaitTimeout(
                exc.what,
                evidence="\n".join(i.result().last_lines for i in running if not i.has_ended()),
                fix="Look at the last lines: what were they waiting for?",
            ) from exc
        finally:
            for item in running:
                item.end()


class _Running:
    def __init__(self, job: Job, log: Path) -> None:
        self.job = job
        self._log = log
        self._told = ""
        self._start = time.monotonic()
        self._elapsed_s: float | None = None
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                list(job.argv),
                env=dict(job.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def has_ended(self) -> bool:
        if self._process.poll() is None:
            return False
        if self._elapsed_s is None:
            self._elapsed_s = time.monotonic() - self._start
        return True

    def newest_line(self) -> str:
        """Return the last whole line when it is a new one; empty otherwise."""
        with self._log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 2000))
            lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
        line = lines[-1] if lines else ""
        if line == self._told:
            return ""
        self._told = line
        return line

    def result(self) -> CommandResult:
        output = self._log.read_text(encoding="utf-8", errors="replace")
        code = self._process.returncode
        elapsed_s = self._elapsed_s or time.monotonic() - self._start
        return CommandResult(tuple(self.job.argv), -1 if code is None else code, output, elapsed_s)

    def end(self) -> None:
        if self._process.poll() is None:
            end_process_group(self._process)
