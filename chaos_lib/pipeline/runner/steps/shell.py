"""`sh`: the step that does the work."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos_lib.pipeline.runner import shell
from chaos_lib.pipeline.runner.failures import Thrown, abort
from chaos_lib.pipeline.runner.groovy.values import Value
from chaos_lib.pipeline.runner.steps.call import StepCall

_SHELL = "/bin/sh"


def sh(call: StepCall) -> Value:
    """Run a script as `sh -xe` does, or by the interpreter of its `#!` line.

    Returns:
        Standard output with `returnStdout`, the exit code with `returnStatus`.
    """
    thread, script = call.thread, call.required("script")
    folder = thread.folder()
    folder.mkdir(parents=True, exist_ok=True)
    stream = thread.build.masker.stream(thread.console.masked)
    with _kept(script, thread.build.folder / "tmp") as path:
        result = shell.run(
            _argv(script, path),
            cwd=folder,
            env={**thread.environment(), shell.COOKIE: thread.build.cookie},
            write=stream.write,
            captures=call.flag("returnStdout"),
            interrupted=lambda: thread.attention.next(thread.context.interruption),
            on_interrupt=lambda: thread.console.line("Sending interrupt signal to process"),
        )
    stream.close()
    if result.interrupted is not None:
        thread.console.line(f"script returned exit code {result.exit_code}")
        raise result.interrupted
    if call.flag("returnStatus"):
        return result.exit_code
    if result.exit_code != 0:
        raise abort(f"script returned exit code {result.exit_code}", call.node)
    return result.output if call.flag("returnStdout") else None


@contextmanager
def _kept(script: str, folder: Path) -> Iterator[Path]:
    """Keep a script in a file while it runs: a list of processes shows no script and no secret in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"script-{uuid.uuid4().hex}.sh"
    path.touch(0o700)
    path.write_text(script, encoding="utf-8")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _argv(script: str, path: Path) -> list[str]:
    if not script.startswith("#!"):
        return [_SHELL, "-xe", str(path)]
    words = script[2:].partition("\n")[0].split()
    if not words or shutil.which(words[0]) is None:
        raise abort(f"{' '.join(words)}: not found")
    return [*words, str(path)]


def not_on_unix(call: StepCall) -> Value:
    """Refuse what only Windows has."""
    raise Thrown(
        "java.io.IOException",
        "Batch scripts can only be run on Windows nodes" if call.name == "bat" else "powershell: not found",
        node=call.node,
    )
