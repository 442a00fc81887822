"""One build from its first line to its last."""

from __future__ import annotations

import atexit
import contextlib
import shutil
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from chaos_lib.errors import WaitTimeout
from chaos_lib.pipeline.groovy.statements import ExpressionStatement, MethodDefinition, Script
from chaos_lib.pipeline.model import Directive
from chaos_lib.pipeline.protocol import BuildRecord, BuildResult, StageRecord
from chaos_lib.pipeline.runner import shell
from chaos_lib.pipeline.runner.builds import LOG, Job, write_record
from chaos_lib.pipeline.runner.console import Console
from chaos_lib.pipeline.runner.context import BuildThread, Context
from chaos_lib.pipeline.runner.declarative import Declarative
from chaos_lib.pipeline.runner.failures import Thrown, interruption
from chaos_lib.pipeline.runner.groovy.statements import Method, run
from chaos_lib.pipeline.runner.state import BuildState
from chaos_lib.pipeline.runner.surroundings import frame_of

_EXIT_S = 10.0
_QUEUE_POLL_S = 0.1


class Build:
    """A build that runs in a thread of its own.

    Args:
        state: What it is and knows.
        script: The whole file.
        job: Whose build it is.
    """

    def __init__(self, state: BuildState, script: Script, job: Job) -> None:
        self._state = state
        self._script = script
        self._job = job
        self._log: list[str] = []
        self._record: BuildRecord | None = None
        self._broken: BaseException | None = None
        self._over = threading.Event()
        self._begun = time.monotonic()
        state.root.attach(self._take)
        self._worker = threading.Thread(target=self._run, name=f"build {state.number}", daemon=True)

    def start(self) -> Build:
        """Let it run."""
        self._file = (self._state.folder / LOG).open("w", encoding="utf-8")
        atexit.register(self._end_at_exit)
        self._worker.start()
        return self

    @property
    def number(self) -> int:
        """Its number."""
        return self._state.number

    @property
    def folder(self) -> Path:
        """Its directory."""
        return self._state.folder

    @property
    def stages(self) -> tuple[StageRecord, ...]:
        """The stages that have begun so far."""
        with self._state.lock:
            return tuple(entry.record() for entry in self._state.stages)

    def stage_log(self, stage_id: str) -> str:
        """Return what a stage has said so far, without the stages in it."""
        with self._state.lock:
            return next(("".join(entry.log) for entry in self._state.stages if entry.id == stage_id), "")

    def abort(self, by: str = "") -> None:
        """Interrupt what runs now; `post` still runs. A second call interrupts that as well."""
        cause = f"Aborted by {by or 'anonymous'}"
        with self._state.lock:
            if self._file.closed:  # it is over
                return
            self._state.said.add(cause)
            self._state.root.line(self._state.masker.mask(cause))
        self._state.interruption.interrupt(interruption(cause))

    def wait(self, timeout_s: float) -> BuildRecord:
        """Wait for its end.

        Raises:
            WaitTimeout: It is still running.
        """
        if not self._over.wait(timeout_s):
            raise WaitTimeout(
                f"The build {self._state.request.job} #{self.number} did not end within {timeout_s:.0f} s.",
                evidence="".join(self._log)[-2000:],
                fix="Abort it, or give it more time.",
            )
        if self._broken is not None:
            raise self._broken
        assert self._record is not None
        return self._record

    def _take(self, text: str) -> None:
        self._log.append(text)
        self._file.write(text)
        self._file.flush()
        self._state.listener.text(text)

    def _run(self) -> None:
        try:
            self._build()
        except BaseException as exc:
            # Our own mistake, or the machine's: whoever waits for the build hears of it.
            self._broken = exc
        finally:
            with self._state.lock:
                self._file.close()
            atexit.unregister(self._end_at_exit)
            self._over.set()

    def _build(self) -> None:
        state = self._state
        console = Console(state.root, state.masker)
        thread = BuildThread(state, Context(state.interruption), console)
        thrown: Thrown | None = None
        try:
            with ExitStack() as stack:
                if self._option("disableConcurrentBuilds") is not None:
                    stack.enter_context(
                        self._job.alone(lambda: thread.attention.sleep(_QUEUE_POLL_S, state.interruption))
                    )
                    state.previous = self._job.previous(state.number)
                thrown = self._run_pipeline(thread)
        except Thrown as stopped:  # aborted while it waited for its turn
            thrown = stopped
        finally:
            shell.end_all(shell.left_behind(state.cookie))
            for name in ("tmp", "stashes"):
                shutil.rmtree(state.folder / name, ignore_errors=True)
        result = state.current_result
        if thrown is not None:
            result = result.combine(thrown.result)
        console.line("[Pipeline] End of Pipeline")
        error = self._say_error(console, thrown)
        with state.lock:
            console.line(f"Finished: {result.value}")
            self._file.close()
        self._keep(result, error, thread.tags)

    def _run_pipeline(self, thread: BuildThread) -> Thrown | None:
        thread.enter("Start of Pipeline")
        try:
            frame = frame_of(thread)
            for statement in self._script.statements:
                if isinstance(statement, MethodDefinition):
                    thread.build.methods[statement.name] = Method(statement)
            for statement in self._script.statements:
                if not _is_pipeline(statement):
                    run([statement], frame)
            thread.build.variables |= frame.scope.names
            Declarative(thread.build.pipeline, thread).run(thread)
        except Thrown as thrown:
            return thrown
        return None

    def _say_error(self, console: Console, thrown: Thrown | None) -> str:
        """Write what broke the build as Jenkins does at the end; returns it, masked."""
        if thrown is None:
            return ""
        if thrown.is_interruption:
            lines = [cause for cause in thrown.causes if cause not in self._state.said]
            for line in lines:
                console.line(line)
            return self._state.masker.mask("\n".join(thrown.causes))
        said = f"ERROR: {thrown.message}" if thrown.is_a("hudson.AbortException") else str(thrown)
        console.line(said)
        if thrown.node is not None and not thrown.is_a("hudson.AbortException"):
            console.line(f"\tat WorkflowScript.run(WorkflowScript:{thrown.node.span.line})")
        return self._state.masker.mask(said)

    def _keep(self, result: BuildResult, error: str, tags: list[tuple[str, str]]) -> None:
        state = self._state
        record = BuildRecord(
            job=state.request.job,
            number=state.number,
            result=result,
            seconds=round(time.monotonic() - self._begun, 3),
            stages=self.stages,
            log="".join(self._log),
            error=error,
            tests=state.tests,
            artifacts=tuple(state.artifacts),
            folder=state.folder,
        )
        shown = {
            name: value if isinstance(value, bool) else state.masker.mask(str(value))
            for name, value in state.parameters.items()
        }
        write_record(record, tags, shown)
        discarder = self._option("buildDiscarder")
        if discarder is not None:
            self._job.keep(_number_to_keep(discarder), running=state.number)
        self._record = record

    def _option(self, name: str) -> Directive | None:
        return next((option for option in self._state.pipeline.options if option.name == name), None)

    def _end_at_exit(self) -> None:
        """Leave no process behind when Python ends while the build runs."""
        self.abort("the end of the program")
        if not self._over.wait(_EXIT_S):
            with contextlib.suppress(OSError):
                shell.end_all(shell.left_behind(self._state.cookie))


def _is_pipeline(statement: object) -> bool:
    from chaos_lib.pipeline.groovy.expressions import Call

    return (
        isinstance(statement, ExpressionStatement)
        and isinstance(statement.expression, Call)
        and statement.expression.method == "pipeline"
    )


_KEEP_ALL = 1_000_000


def _number_to_keep(discarder: Directive) -> int:
    """Return how many builds `buildDiscarder(logRotator(numToKeepStr: '10'))` keeps."""
    from chaos_lib.pipeline.groovy.expressions import Call, Literal

    rotator = discarder.arguments.positional[0] if discarder.arguments.positional else None
    if isinstance(rotator, Call):
        for argument in rotator.named:
            if argument.name == "numToKeepStr" and isinstance(argument.value, Literal):
                text = str(argument.value.value)
                return int(text) if text.isdecimal() and int(text) > 0 else _KEEP_ALL
    return _KEEP_ALL
