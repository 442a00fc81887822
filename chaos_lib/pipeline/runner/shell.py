"""Runs a command of a step, and ends it with everything it started."""

from __future__ import annotations

import codecs
import contextlib
import os
import selectors
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaos_lib.command import end_process_group
from chaos_lib.pipeline.runner.failures import Thrown
from chaos_lib.processes import carries, carrying

COOKIE = "JENKINS_NODE_COOKIE"
"""Every process of a build carries this variable, as in Jenkins: what it left behind is found by it."""

_POLL_S = 0.05
_CHUNK = 65536
_KILL_GRACE_S = 5.0


@dataclass(frozen=True)
class ShellResult:
    """How a command ended.

    Attributes:
        exit_code: Its exit code; 128 and more for a signal, as a shell says it.
        output: What it wrote to standard output, if that was captured.
        interrupted: What stopped it; None if nothing did.
    """

    exit_code: int
    output: str = ""
    interrupted: Thrown | None = None


def run(
    argv: list[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    write: Callable[[str], None],
    captures: bool,
    interrupted: Callable[[], Thrown | None],
    on_interrupt: Callable[[], None],
) -> ShellResult:
    """Run a command to its end, or until it is interrupted.

    Args:
        argv: The program and its arguments.
        cwd: Where it runs.
        env: Its whole environment.
        write: Takes its output as it comes.
        captures: Whether standard output is kept for the caller instead; standard error is always written.
        interrupted: Asked every 50 ms whether to stop, and why.
        on_interrupt: Called before its processes are ended.
    """
    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if captures else subprocess.STDOUT,
        start_new_session=True,
    )
    captured: list[str] = []
    assert process.stdout is not None
    streams = {process.stdout: captured.append if captures else write}
    if process.stderr is not None:
        streams[process.stderr] = write
    why: Thrown | None = None
    try:
        with selectors.DefaultSelector() as selector:
            for stream, sink in streams.items():
                os.set_blocking(stream.fileno(), False)
                decoder = codecs.getincrementaldecoder("utf-8")("replace")
                selector.register(stream, selectors.EVENT_READ, (decoder, sink))
            while selector.get_map():
                for key, _ in selector.select(_POLL_S):
                    _pass_on(key, selector)
                why = why or _stopped(process, env, interrupted, on_interrupt)
                # A grandchild in the background may keep the pipe open: Jenkins does not wait for it either.
                if process.poll() is not None and not selector.select(0):
                    break
            for key in list(selector.get_map().values()):
                _pass_on(key, selector)
        # A command may close its output and go on.
        while process.poll() is None and why is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)
            why = _stopped(process, env, interrupted, on_interrupt)
    except BaseException:
        end_process_group(process)
        raise
    finally:
        for stream in streams:
            stream.close()
    code = process.wait()
    return ShellResult(code if code >= 0 else 128 - code, "".join(captured), why)


def _pass_on(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    decoder, sink = key.data
    with contextlib.suppress(BlockingIOError):
        data = os.read(key.fd, _CHUNK)
        text = decoder.decode(data, final=not data)
        if text:
            sink(text)
        if not data:
            selector.unregister(key.fileobj)


def _stopped(
    process: subprocess.Popen[bytes],
    env: Mapping[str, str],
    interrupted: Callable[[], Thrown | None],
    on_interrupt: Callable[[], None],
) -> Thrown | None:
    """End the command when it is to stop; returns why."""
    why = interrupted()
    if why is not None:
        on_interrupt()
        _end(process, env)
    return why


def _end(process: subprocess.Popen[bytes], env: Mapping[str, str]) -> None:
    """End a command's group, and whatever of it went into a session of its own."""
    children = []
    with contextlib.suppress(psutil.Error):
        children = psutil.Process(process.pid).children(recursive=True)
    end_process_group(process)
    end_all(child for child in children if carries(child, COOKIE, env.get(COOKIE, "")))


def end_all(processes: Iterable[psutil.Process]) -> None:
    """End processes: SIGTERM, then SIGKILL for those that are still there after five seconds."""
    left = []
    for process in list(processes):
        with contextlib.suppress(psutil.Error):
            process.terminate()
            left.append(process)
    _, stubborn = psutil.wait_procs(left, timeout=_KILL_GRACE_S)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_KILL_GRACE_S)


def left_behind(cookie: str) -> Sequence[psutil.Process]:
    """Return the processes that a build left behind: those that still carry its cookie."""
    return carrying(COOKIE, cookie)
