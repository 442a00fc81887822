"""A build on a Jenkins controller, followed from here."""

from __future__ import annotations

import json
import threading
from urllib.parse import quote

from chaos_lib.errors import ChaosError, WaitTimeout
from chaos_lib.pipeline.controller import Controller, job_path, tolerant
from chaos_lib.pipeline.controller_answers import (
    BuildInfo,
    LogPiece,
    NodeLog,
    PendingInput,
    StageNodes,
    Stages,
    TestReport,
)
from chaos_lib.pipeline.protocol import (
    BuildListener,
    BuildRecord,
    BuildRequest,
    BuildResult,
    InputQuestion,
    JUnitCounts,
    StageRecord,
    StageStatus,
)
from chaos_lib.wait import Clock

# The controller may be restarted, or a network may be slow: so many questions in a row may go wrong.
_PATIENCE = 5
_STOPS = ("stop", "term", "kill")


class JenkinsBuild:
    """A build that runs on a controller.

    Args:
        controller: The controller.
        request: What was asked for.
        number: Of the build.
        listener: Follows it.
        interval_s: Pause between two questions.
        clock: The time source.
    """

    def __init__(
        self,
        controller: Controller,
        request: BuildRequest,
        number: int,
        listener: BuildListener,
        *,
        interval_s: float,
        clock: Clock,
    ) -> None:
        self.number = number
        self._controller = controller
        self._request = request
        self._listener = listener
        self._interval_s = interval_s
        self._clock = clock
        self._path = f"{job_path(request.job)}{number}/"
        self._stages: tuple[StageRecord, ...] = ()
        self._log: list[str] = []
        self._aborts = 0
        self._asked: set[str] = set()
        self._record: BuildRecord | None = None
        self._error: Exception | None = None
        self._over = threading.Event()
        self._worker = threading.Thread(target=self._follow, name=f"follow {request.job}", daemon=True)

    def start(self) -> JenkinsBuild:
        """Follow it."""
        self._worker.start()
        return self

    @property
    def stages(self) -> tuple[StageRecord, ...]:
        """The stages that have begun so far."""
        return self._stages

    def stage_log(self, stage_id: str) -> str:
        """Return what the steps of a stage have said so far.

        Raises:
            LabError: The controller cannot be reached, or says no.
        """
        node = f"{self._path}execution/node/{quote(stage_id, safe='')}/"
        found = self._controller.get(f"{node}wfapi/describe", StageNodes)
        pieces = []
        for each in found.nodes:
            log = self._controller.find(
                f"{self._path}execution/node/{quote(each.id, safe='')}/wfapi/log", NodeLog
            )
            pieces.append("" if log is None else log.text)
        return "".join(pieces)

    def abort(self, by: str = "") -> None:
        """Ask the controller to stop it; every further call is more forceful: stop, term, kill."""
        del by  # the controller notes its own user
        if not self._over.is_set():
            how = _STOPS[min(self._aborts, len(_STOPS) - 1)]
            self._aborts += 1
            self._controller.post(f"{self._path}{how}")

    def wait(self, timeout_s: float) -> BuildRecord:
        """Wait for its end.

        Raises:
            WaitTimeout: It is still running.
            LabError: The controller was lost while it ran.
        """
        if not self._over.wait(timeout_s):
            raise WaitTimeout(
                f"The build {self._request.job} #{self.number} did not end within {timeout_s:.0f} s.",
                evidence="".join(self._log)[-2000:],
                fix="Abort it, or give it more time.",
            )
        if self._error is not None:
            raise self._error
        assert self._record is not None
        return self._record

    def _follow(self) -> None:
        try:
            self._record = self._to_the_end()
        except Exception as exc:
            # Whoever waits for the build hears of it, our own mistakes included.
            self._error = exc
        finally:
            self._over.set()

    def _to_the_end(self) -> BuildRecord:
        start, has_more, failures = 0, True, list[Exception]()
        while has_more:
            at = start
            piece = tolerant(lambda at=at: self._next_log(at), failures=failures, limit=_PATIENCE)  # type: ignore[misc]
            if piece is not None:
                start, has_more = piece.next_start, piece.has_more
                tolerant(self._look, failures=failures, limit=_PATIENCE)
            if has_more:
                self._clock.sleep(self._interval_s)
        return self._finish(failures)

    def _next_log(self, start: int) -> LogPiece:
        piece = self._controller.log(self._path, start)
        if piece.text:
            self._log.append(piece.text)
            self._listener.text(piece.text)
        return piece

    def _look(self) -> bool:
        """Take the stages as they are now, and answer what waits for an answer; returns that it is done."""
        found = self._controller.find(f"{self._path}wfapi/describe", Stages)
        if found is None:
            return True  # no plugin for the stage view
        before = {record.id: record for record in self._stages}
        self._stages = tuple(
            StageRecord(each.id, each.name, "", each.status, each.duration_ms / 1000) for each in found.stages
        )
        for record in self._stages:
            known = before.get(record.id)
            if known is None or known.status is not record.status:
                self._listener.stage(record)
        if found.status == StageStatus.PAUSED:
            self._answer()
        return True

    def _answer(self) -> None:
        for pending in self._controller.get_all(f"{self._path}wfapi/pendingInputActions", PendingInput):
            if pending.id in self._asked:
                continue
            self._asked.add(pending.id)
            defaults = {each.name: str(each.definition.get("defaultVal", "")) for each in pending.inputs}
            answer = self._request.ask(InputQuestion(pending.message, pending.proceed_text, defaults))
            # Built from the id alone: an address in an answer could lead elsewhere.
            place = quote(pending.id, safe="")
            if not answer.proceeds:
                self._controller.post(f"{self._path}input/{place}/abort")
            elif pending.inputs:
                values = {**defaults, **answer.values}
                parameters = {"parameter": [{"name": name, "value": value} for name, value in values.items()]}
                self._controller.post(
                    f"{self._path}wfapi/inputSubmit?inputId={place}",
                    {"proceed": pending.proceed_text, "json": json.dumps(parameters)},
                )
            else:
                self._controller.post(f"{self._path}input/{place}/proceedEmpty")

    def _finish(self, failures: list[Exception]) -> BuildRecord:
        info: BuildInfo | None = None
        while info is None or info.building:
            info = tolerant(
                lambda: self._controller.get(f"{self._path}api/json", BuildInfo),
                failures=failures,
                limit=_PATIENCE,
            )
            if info is None or info.building:
                self._clock.sleep(self._interval_s)
        while not tolerant(self._look, failures=failures, limit=_PATIENCE):
            self._clock.sleep(self._interval_s)
        log = "".join(self._log)
        return BuildRecord(
            job=self._request.job,
            number=self.number,
            result=info.result or BuildResult.NOT_BUILT,
            seconds=info.duration / 1000,
            stages=self._stages,
            log=log,
            error=_error(log),
            tests=self._tests(),
            artifacts=tuple(each.path for each in info.artifacts),
        )

    def _tests(self) -> JUnitCounts:
        try:
            report = self._controller.find(f"{self._path}testReport/api/json", TestReport)
        except ChaosError:
            return JUnitCounts()
        if report is None:
            return JUnitCounts()
        return JUnitCounts(report.failed + report.passed + report.skipped, report.failed, report.skipped)


def _error(log: str) -> str:
    """Return what broke a build: the line in front of `Finished:`, if it says so."""
    lines = [line for line in log.splitlines() if line.strip()]
    return lines[-2] if len(lines) > 1 and lines[-2].startswith("ERROR: ") else ""
