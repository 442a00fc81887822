"""The papermill engine of a headless run: cell by cell, with limits, a stop switch and no way to miss an error."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat.v4
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.output_widget import OutputWidget
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines

from chaos_lib.errors import Interrupted
from chaos_lib.headless import failures
from chaos_lib.headless.failures import ErrorOutput
from chaos_lib.headless.kernel import KernelHome
from chaos_lib.headless.report import Failure
from chaos_lib.headless.source import NotebookSource, SourceCell, is_executed
from chaos_lib.headless.stopping import StopSwitch
from chaos_lib.settings import Settings

ENGINE = "opchaos"
_INTERRUPT_GRACE_S = 5.0
_IOPUB_TIMEOUT_S = 30

# Both log on their way to an exception that tells the same; without a handler Python would print it.
_log = logging.getLogger("chaos_lib.headless")
_log.addHandler(logging.NullHandler())
_log.propagate = False
logging.getLogger("papermill").addHandler(logging.NullHandler())


@dataclass
class CellRun:
    """How one cell went.

    Attributes:
        number: Place among the executed cells, from 1.
        is_success: Whether it ended without an error.
        elapsed_s: Seconds it ran.
    """

    number: int
    is_success: bool
    elapsed_s: float


@dataclass
class Performance:
    """One notebook being played: what the engine needs, and what it found.

    Attributes:
        phase: The notebook's phase.
        source: The notebook's source.
        settings: The settings the kernel is given.
        home: The kernel's surroundings.
        stop: The stop switch of the run.
        cwd: Working folder of the kernel.
        cell_timeout_s: Time limit of a cell that has none of its own, in seconds.
        on_cell_started: Called before a cell is sent to the kernel.
        on_cell_finished: Called after it.
        on_stop: Called when the stop switch is noticed, before the kernel is ended.
        runs: The cells that were executed, in order.
        failure: Why the notebook failed; None as long as it has not.
        is_stopped: Whether the stop switch ended it.
    """

    phase: str
    source: NotebookSource
    settings: Settings
    home: KernelHome
    stop: StopSwitch
    cwd: Path
    cell_timeout_s: float
    on_cell_started: Callable[[SourceCell], None]
    on_cell_finished: Callable[[CellRun], None]
    on_stop: Callable[[], None]
    runs: list[CellRun] = field(default_factory=list)
    failure: Failure | None = None
    is_stopped: bool = False


class HeadlessClient(PapermillNotebookClient):  # type: ignore[misc]
    """Executes the cells of one notebook in a kernel of its own."""

    def __init__(self, nb_man: Any, performance: Performance, **options: Any) -> None:
        # Errors are never allowed, not even under the tag `raises-exception`: papermill would play on to the end of
        # the notebook and report the error then.
        super().__init__(nb_man, force_raise_errors=True, iopub_timeout=_IOPUB_TIMEOUT_S, log=_log, **options)
        self._performance = performance
        self._widget_errors: dict[str, int] = {}

    def execute(self, **_options: Any) -> Any:
        """Play the notebook; what happened is in the performance, and in the notebook's outputs."""
        self.reset_execution_trackers()
        asyncio.run(self._play())
        return self.nb

    async def _play(self) -> None:
        performance = self._performance
        self.km = performance.home.manager(config=self.config)
        with performance.home.log.open("wb") as log:
            try:
                await self._unless_stopped(self._start(log))
                await self._play_cells()
            finally:
                await self._end_kernel()

    async def _start(self, log: Any) -> None:
        performance = self._performance
        await self.async_start_new_kernel(
            cwd=str(performance.cwd),
            env=performance.home.environment(performance.settings),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        await self.async_start_new_kernel_client()
        info = await self.async_wait_for_reply(self.kc.kernel_info())
        self.nb.metadata["language_info"] = info["content"]["language_info"]

    async def _play_cells(self) -> None:
        performance = self._performance
        cells = iter(performance.source.cells)
        for index, cell in enumerate(self.nb.cells):
            if not is_executed(cell):
                continue
            is_injected = "injected-parameters" in cell.metadata.get("tags", [])
            planned = None if is_injected else next(cells)
            if planned is not None and not performance.stop.is_requested:
                performance.on_cell_started(planned)
            started = time.monotonic()
            self.nb_man.cell_start(cell, index)
            is_success = await self._play_cell(cell, index, planned)
            if not is_success:
                self.nb_man.cell_exception(cell, cell_index=index)
            self.nb_man.cell_complete(cell, cell_index=index)
            if planned is not None:
                run = CellRun(planned.number, is_success, time.monotonic() - started)
                performance.runs.append(run)
                performance.on_cell_finished(run)
            if not is_success:
                break
        self.set_widgets_metadata()

    async def _play_cell(self, cell: Any, index: int, planned: SourceCell | None) -> bool:
        """Execute one cell; on failure its outputs end with an error, which papermill marks in the saved notebook."""
        performance = self._performance
        limit_s = (planned and planned.timeout_s) or performance.cell_timeout_s
        execution = asyncio.ensure_future(self.async_execute_cell(cell, index))
        stop = asyncio.ensure_future(performance.stop.wait())
        await asyncio.wait({execution, stop}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if performance.stop.is_requested:
            self._note_stop()
            await self._interrupt(execution)
            _append_error(cell, "Interrupted", "Stopped by the user.")
            return False
        if not execution.done():
            await self._interrupt(execution)
            performance.failure = failures.time_limit_failure(
                performance.phase, planned, limit_s, cell.outputs
            )
        else:
            performance.failure = await self._failure_of(execution, cell, planned)
        if performance.failure is None:
            return True
        if _papermill_passes_over(cell.outputs):
            _append_error(cell, performance.failure.kind.name, performance.failure.error().text)
        return False

    async def _failure_of(
        self, execution: asyncio.Future[Any], cell: Any, planned: SourceCell | None
    ) -> Failure | None:
        phase = self._performance.phase
        error = execution.exception()
        if isinstance(error, DeadKernelError):
            # The kernel's own exit code is gone once the manager has cleaned up.
            exit_code = await self.km.provisioner.poll() if self.km.provisioner else None
            log = failures.last_lines(self._performance.home.last_log_lines)
            return failures.dead_kernel_failure(phase, planned, exit_code, log, cell.outputs)
        shown = ErrorOutput.first_in(cell.outputs) or self._new_widget_error()
        if shown is None and isinstance(error, CellExecutionError):
            shown = ErrorOutput(error.ename, error.evalue, (error.traceback,))
        if shown is None and isinstance(error, CellTimeoutError):
            shown = ErrorOutput("OutputLost", f"the kernel's output did not arrive in {_IOPUB_TIMEOUT_S} s")
        if shown is not None:
            return failures.error_failure(phase, planned, shown, cell.outputs)
        if error is not None:
            raise error
        return None

    def _new_widget_error(self) -> ErrorOutput | None:
        """Find an error that an Output widget caught: it shows in the browser, but in no cell's outputs."""
        found: ErrorOutput | None = None
        for comm_id, widget in self.comm_objects.items():
            if not isinstance(widget, OutputWidget):
                continue
            errors = [output for output in widget.outputs if output["output_type"] == "error"]
            if len(errors) > self._widget_errors.get(comm_id, 0):
                found = found or ErrorOutput.first_in(errors[-1:])
            self._widget_errors[comm_id] = len(errors)
        return found

    async def _interrupt(self, execution: asyncio.Future[Any]) -> None:
        """Interrupt the kernel as Ctrl-C does, give the cell a moment to clean up, then let go of it."""
        if not execution.done():
            with contextlib.suppress(Exception):  # the kernel may be gone already
                await self.km.interrupt_kernel()
            urgent = asyncio.ensure_future(self._performance.stop.wait(is_urgent=True))
            await asyncio.wait(
                {execution, urgent}, timeout=_INTERRUPT_GRACE_S, return_when=asyncio.FIRST_COMPLETED
            )
            urgent.cancel()
        if not execution.done():
            self.shutdown_kernel = "immediate"
            execution.cancel()
        await asyncio.wait({execution})
        if not execution.cancelled():
            execution.exception()  # seen: what it says is told by whoever called

    async def _unless_stopped(self, work: Awaitable[None]) -> None:
        """Wait for `work`, or for the stop switch.

        Raises:
            Interrupted: The switch came first.
        """
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._performance.stop.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            task.result()
            return
        self._note_stop()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self.shutdown_kernel = "immediate"
        raise Interrupted("Stopped by the user while the kernel was starting.")

    def _note_stop(self) -> None:
        self._performance.is_stopped = True
        self._performance.on_stop()

    async def _end_kernel(self) -> None:
        performance = self._performance
        if performance.stop.is_urgent:
            self.shutdown_kernel = "immediate"
        if self.km is not None:
            if self.km.has_kernel or self.kc is not None:
                await self._async_cleanup_kernel()
            else:
                await self.km.cleanup_resources()
        if performance.is_stopped or performance.failure is not None:
            performance.home.end_leftovers()


class HeadlessEngine(Engine):  # type: ignore[misc]
    """Papermill's view of the client; papermill saves the notebook before and after every cell."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        _kernel_name: str,
        *,
        performance: Performance,
        start_timeout: float,
        **_options: Any,
    ) -> None:
        """Play a notebook that papermill has prepared.

        Args:
            nb_man: Papermill's wrapper around the notebook, which saves it.
            _kernel_name: Not used: the kernel is always this Python.
            performance: What to play; receives what happened.
            start_timeout: Longest wait for the kernel to answer, in seconds.
        """
        HeadlessClient(nb_man, performance, startup_timeout=math.ceil(start_timeout)).execute()


papermill_engines.register(ENGINE, HeadlessEngine)


def _append_error(cell: Any, name: str, text: str) -> None:
    cell.outputs.append(
        nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])
    )


def _papermill_passes_over(outputs: list[Any]) -> bool:
    # papermill.execute.raise_for_execution_errors takes `SystemExit` without a code for a good end.
    return all(
        output["output_type"] != "error"
        or (output["ename"] == "SystemExit" and output["evalue"] in ("", "0"))
        for output in outputs
    )
