"""Play the workshop's notebooks without a browser, in order, up to the scoreboard."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from chaos_lib.errors import ChaosError, Interrupted
from chaos_lib.headless import events as run_events
from chaos_lib.headless.engine import ENGINE, CellRun, Performance
from chaos_lib.headless.events import RunEvent
from chaos_lib.headless.facts import facts_of
from chaos_lib.headless.kernel import KernelHome
from chaos_lib.headless.out_folder import OutFolder, unwritable
from chaos_lib.headless.plan import Plan, PlannedNotebook
from chaos_lib.headless.report import (
    Failure,
    FailureKind,
    GradedCell,
    NotebookResult,
    Outcome,
    RunReport,
)
from chaos_lib.headless.source import NotebookSource, SourceCell, read_source
from chaos_lib.headless.stopping import StopSwitch
from chaos_lib.mission_log import MissionLog

OnEvent = Callable[[RunEvent], None]


def play(plan: Plan, *, on_event: OnEvent = lambda _event: None) -> RunReport:
    """Play the planned notebooks and write everything to `plan.out`.

    The kernels get a mission folder of their own (`out/mission`); the one of the run before is put aside. Ctrl-C ends the
    running kernel in good order and leads to a complete report of what was played; pressed again, it ends it at once.

    Args:
        plan: What to play.
        on_event: Told about every step, in this thread.

    Returns:
        The report; its `exit_code` is what the process should end with. A failed notebook is a result, not an exception.

    Raises:
        InvalidInput: The folder `out` cannot be used.
        DiskFull: There is no room for the files of the run.
        LabBusy: Another run is using it.
    """
    out = OutFolder(plan.out)
    stop = StopSwitch()
    with (
        out.prepared() as previous_mission,
        stop.listening(),
    ):
        run = _Run(plan, out, stop, on_event)
        on_event(run_events.RunStarted(tuple(notebook.phase for notebook in plan.notebooks)))
        results = run.play_all()
        on_event(run_events.WritingReport())
        results, notes = _with_facts(results, out)
        report = RunReport(
            notebooks=tuple(results),
            out=out.root,
            mission=out.mission,
            elapsed_s=time.monotonic() - run.started,
            first_cell_after_s=run.first_cell_after_s,
            is_interrupted=stop.is_requested and any(r.outcome is not Outcome.PASS for r in results),
            previous_mission=previous_mission,
            notes=notes,
        )
        # nbconvert takes seconds to import: not before the first cell.
        from chaos_lib.headless.writing import write_report

        try:
            write_report(report, out)
        except OSError as exc:
            raise unwritable(out.root, exc) from exc
    on_event(run_events.RunFinished(report))
    return report


@dataclass
class _Run:
    plan: Plan
    out: OutFolder
    stop: StopSwitch
    on_event: OnEvent
    started: float = field(default_factory=time.monotonic)
    first_cell_after_s: float | None = None

    def play_all(self) -> list[NotebookResult]:
        results: list[NotebookResult] = []
        for notebook in self.plan.notebooks:
            has_failed = any(result.outcome is Outcome.FAIL for result in results)
            if self.stop.is_requested or (has_failed and self.plan.stops_at_first_failure):
                result = self._not_played(notebook)
            else:
                result = self._play(notebook)
            results.append(result)
            self.on_event(run_events.NotebookFinished(result))
        return results

    def _not_played(self, notebook: PlannedNotebook) -> NotebookResult:
        try:
            source = read_source(notebook.path, {})
        except ChaosError:
            # It would have failed; nobody asked it yet.
            return NotebookResult(notebook.phase, Outcome.NOT_PLAYED)
        return _result(notebook.phase, Outcome.NOT_PLAYED, source, [])

    def _play(self, notebook: PlannedNotebook) -> NotebookResult:
        started = time.monotonic()
        phase = notebook.phase
        try:
            source = read_source(notebook.path, self.plan.parameters)
        except ChaosError as exc:
            failure = Failure(FailureKind.NOTEBOOK, phase, exc.what, exc.evidence, exc.fix)
            return NotebookResult(phase, Outcome.FAIL, failure=failure)
        self.on_event(run_events.NotebookStarted(phase, len(source.cells)))
        performance = Performance(
            phase=phase,
            source=source,
            settings=self.plan.settings.model_copy(update={"home": self.out.mission}),
            home=KernelHome.make(self.out.kernels, phase),
            stop=self.stop,
            cwd=notebook.path.parent,
            cell_timeout_s=self.plan.cell_timeout_s,
            on_cell_started=lambda cell: self._cell_started(phase, cell),
            on_cell_finished=lambda cell: self._cell_finished(phase, cell),
            on_stop=lambda: self.on_event(run_events.StopRequested()),
        )
        executed = self.out.notebooks / f"{phase}.ipynb"
        self._perform(performance, notebook.path, executed)
        if performance.failure is not None:
            outcome = Outcome.FAIL
        else:
            outcome = Outcome.INTERRUPTED if performance.is_stopped else Outcome.PASS
        return replace(
            _result(phase, outcome, source, performance.runs),
            minutes_used=(time.monotonic() - started) / 60,
            executed=executed if executed.is_file() else None,
            failure=performance.failure,
        )

    def _perform(self, performance: Performance, source: Path, executed: Path) -> None:
        try:
            execute_notebook(
                _literal(source),
                _literal(executed),
                parameters=dict(self.plan.parameters),
                engine_name=ENGINE,
                language="python",
                progress_bar=False,
                start_timeout=self.plan.kernel_start_timeout_s,
                cwd=str(performance.cwd),
                performance=performance,
            )
        except PapermillExecutionError:
            # Papermill has saved the notebook with its banner; why it failed is in the performance.
            assert performance.failure is not None or performance.is_stopped
        except Interrupted:
            assert performance.is_stopped
        except OSError as exc:
            performance.failure = Failure(
                FailureKind.NOTEBOOK,
                performance.phase,
                "The notebook could not be played: a file could not be written or a process not be started.",
                evidence=str(exc),
                fix=f"Make room on the disk, and see who else writes to {self.out.root}.",
            )
        except RuntimeError as exc:
            # jupyter_client knows no error of its own for a kernel that dies or hangs while it starts.
            performance.failure = Failure(
                FailureKind.KERNEL_START,
                performance.phase,
                "The kernel did not start, or broke off.",
                evidence="\n".join(
                    part for part in (f"{type(exc).__name__}: {exc}", performance.home.last_log_lines) if part
                ),
                fix="Run `opchaos doctor`: it checks the kernel. Its own log is "
                f"{performance.home.log.relative_to(self.out.root)} in {self.out.root.name}/.",
            )

    def _cell_started(self, phase: str, cell: SourceCell) -> None:
        since_s = time.time() - psutil.Process().create_time()
        if self.first_cell_after_s is None:
            self.first_cell_after_s = since_s
        self.on_event(run_events.CellStarted(phase, cell.number, cell.headline, since_s))

    def _cell_finished(self, phase: str, run: CellRun) -> None:
        self.on_event(run_events.CellFinished(phase, run.number, run.is_success, run.elapsed_s))


def _result(phase: str, outcome: Outcome, source: NotebookSource, runs: Sequence[CellRun]) -> NotebookResult:
    by_number = {run.number: run for run in runs}
    graded = [_graded(cell, by_number.get(cell.number), outcome) for cell in source.cells if cell.is_graded]
    graded += [
        GradedCell(grade_id, "", Outcome.NOT_PLAYED, points, 0.0, 0.0)
        for grade_id, points in source.unplayable_grades
    ]
    return NotebookResult(
        phase=phase,
        outcome=outcome,
        cells_played=sum(run.is_success for run in runs),
        cells=len(source.cells),
        graded=tuple(graded),
        points_earned=sum(cell.earned for cell in graded),
        points_possible=source.points_possible,
        minutes_planned=source.minutes_planned,
    )


def _graded(cell: SourceCell, run: CellRun | None, notebook: Outcome) -> GradedCell:
    if run is None:
        outcome = Outcome.NOT_PLAYED
    elif run.is_success:
        outcome = Outcome.PASS
    else:
        outcome = Outcome.INTERRUPTED if notebook is Outcome.INTERRUPTED else Outcome.FAIL
    earned = cell.points if outcome is Outcome.PASS else 0.0
    return GradedCell(
        cell.grade_id, cell.headline, outcome, cell.points, earned, run.elapsed_s if run else 0.0
    )


def _with_facts(
    results: Sequence[NotebookResult], out: OutFolder
) -> tuple[list[NotebookResult], tuple[str, ...]]:
    try:
        events = MissionLog(out.mission_log).events()
    except ChaosError as exc:
        return list(results), (exc.text,)
    except sqlite3.Error as exc:
        return list(results), (f"The mission log could not be read: {exc}",)
    return [replace(result, facts=facts_of(events, result.phase)) for result in results], ()


def _literal(path: Path) -> str:
    # Papermill formats paths with the parameters: a brace in a folder's name would be taken for a field.
    return str(path.resolve()).replace("{", "{{").replace("}", "}}")
