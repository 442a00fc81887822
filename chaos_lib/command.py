"""Run a process and say precisely how it ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from chaos_lib.errors import CommandFailed, ToolMissing, WaitTimeout
from chaos_lib.processes import all_processes
from chaos_lib.wait import Reading, wait_until

_EVIDENCE_LINES = 15
_KILL_GRACE_S = 5.0


@dataclass(frozen=True)
class CommandResult:
    """How a command ended.

    Attributes:
        argv: The command line, one item an argument.
        exit_code: The process's exit code; negative is the signal that ended it.
        output: stdout and stderr in the order written.
        elapsed_s: Wall time in seconds.
    """

    argv: tuple[str, ...]
    exit_code: int
    output: str
    elapsed_s: float

    @property
    def is_success(self) -> bool:
        """Whether the exit code is 0."""
        return self.exit_code == 0

    @property
    def last_lines(self) -> str:
        """The last lines of the output, as evidence for an error."""
        return "\n".join(self.output.rstrip().splitlines()[-_EVIDENCE_LINES:])

    def check(self, *, fix: str = "") -> CommandResult:
        """Return self when the command succeeded.

        Raises:
            CommandFailed: The exit code was not 0.
        """
        if self.is_success:
            return self
        raise CommandFailed(
            f"`{' '.join(self.argv)}` ended with exit code {self.exit_code} after {self.elapsed_s:.1f} s.",
            evidence=self.last_lines,
            fix=fix or "Read the last lines above: they name the cause.",
        )


@dataclass(frozen=True)
class Command:
    """A command line with its surroundings.

    Attributes:
        argv: The program and its arguments; never a shell string.
        cwd: Working folder; the caller's when None.
        env: The whole environment of the process; the caller's when None.
        stdin: Text fed to the process; nothing (closed) when None.
    """

    argv: Sequence[str]
    cwd: Path | None = None
    env: Mapping[str, str] | None = field(default=None, repr=False)
    stdin: str | None = field(default=None, repr=False)

    def run(self, *, timeout_s: float, on_line: Callable[[str], None] | None = None) -> CommandResult:
        """Run to the end, collecting the output.

        The process gets a process group of its own. On a timeout, an exception or Ctrl-C the whole group is
        ended (SIGTERM, then SIGKILL), so that no grandchild survives.

        Args:
            timeout_s: Longest run in seconds.
            on_line: Called with every line of output as it comes, without its newline.

        Raises:
            ToolMissing: The program is not installed.
            WaitTimeout: It did not end in time.
        """
        argv = tuple(str(part) for part in self.argv)
        path = None if self.env is None else self.env.get("PATH")
        if shutil.which(argv[0], path=path) is None:
            raise ToolMissing(
                f"The program `{argv[0]}` was not found.",
                evidence=f"PATH={path or os.environ.get('PATH', '')}",
                fix="Run `opchaos doctor`: it names the package to install on your system.",
            )
        start = time.monotonic()
        process = subprocess.Popen(
            argv,
            cwd=self.cwd,
            env=None if self.env is None else dict(self.env),
            stdin=subprocess.DEVNULL if self.stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        lines: list[str] = []
        reader = threading.Thread(target=_collect, args=(process, lines, on_line), daemon=True)
        reader.start()
        try:
            if self.stdin is not None:
                assert process.stdin is not None
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(self.stdin)
                process.stdin.close()
            process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired as exc:
            end_process_group(process)
            reader.join(timeout=1.0)
            raise WaitTimeout(
                f"`{' '.join(argv)}` did not end within {timeout_s:.0f} s and was stopped.",
                evidence="".join(lines[-_EVIDENCE_LINES:]),
                fix="Look at its last lines: what was it waiting for?",
            ) from exc
        except BaseException:
            end_process_group(process)
            raise
        finally:
            # A grandchild that outlives its parent may keep the pipe open: do not wait for it for ever.
            reader.join(timeout=5.0)
        return CommandResult(argv, process.returncode, "".join(lines), time.monotonic() - start)


def _collect(process: subprocess.Popen[str], lines: list[str], on_line: Callable[[str], None] | None) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.append(line)
            if on_line is not None:
                on_line(line.rstrip("\n"))


def end_process_group(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """End a process and all its children: SIGTERM first, SIGKILL for those that are still there after five seconds."""
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(WaitTimeout):
        wait_until(
            "the process group has ended",
            lambda: Reading(process.poll() is not None and not _is_alive(process.pid)),
            timeout_s=_KILL_GRACE_S,
            interval_s=0.02,
        )
        return
    _signal_group(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_KILL_GRACE_S)


def _is_alive(group: int) -> bool:
    """Whether a process group has a process that is not just waiting to be reaped by a slow init."""
    if not _signal_group(group, 0):
        return False
    for process in all_processes():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group, 0 to none of them; whether it still has a process."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
