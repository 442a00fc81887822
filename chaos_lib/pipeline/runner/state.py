"""What a build knows of itself while it runs: result, stages, variables, stashes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from chaos_lib.pipeline.credentials_file import CredentialSource
from chaos_lib.pipeline.masking import Masker
from chaos_lib.pipeline.model import Pipeline
from chaos_lib.pipeline.protocol import (
    BuildListener,
    BuildRequest,
    BuildResult,
    JUnitCounts,
    StageRecord,
    StageStatus,
)
from chaos_lib.pipeline.runner.builds import PreviousBuild
from chaos_lib.pipeline.runner.console import Channel
from chaos_lib.pipeline.runner.groovy.statements import Method
from chaos_lib.pipeline.runner.groovy.values import Value
from chaos_lib.pipeline.runner.interrupts import Interruption

FAILED_AND_CONTINUED = "FAILED_AND_CONTINUED"


@dataclass
class StageEntry:
    """One stage while it runs.

    Attributes:
        order: Where it stands in the log, parallel branches one after the other.
        name, parent: As in its record.
        started: Seconds of monotonic time.
        status: So far.
        ended: Seconds of monotonic time; None while it runs.
        skipped: Why it was skipped.
        warning: The worst that `unstable`, `catchError` and `junit` said in it or in a stage within.
        log: What it said, in pieces.
    """

    order: tuple[int, ...]
    name: str
    parent: StageEntry | None
    started: float
    status: StageStatus = StageStatus.IN_PROGRESS
    ended: float | None = None
    skipped: str = ""
    warning: BuildResult = BuildResult.SUCCESS
    log: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Unique in its build."""
        return ".".join(str(number) for number in self.order)

    def record(self) -> StageRecord:
        """Return it as others may see it."""
        end = time.monotonic() if self.ended is None else self.ended
        parent = "" if self.parent is None else self.parent.id
        return StageRecord(
            self.id, self.name, parent, self.status, round(end - self.started, 3), self.skipped
        )


@dataclass
class BuildState:
    """A build while it runs. Its threads share it.

    Attributes:
        request: What was asked for.
        pipeline: The model that is run.
        number: Of the build.
        folder: Its directory.
        cookie: Marks its processes.
        previous: The last build of the job that is over; None for the first one.
        store: The credentials.
        masker: Hides secrets.
        listener: Follows the build.
        root: The console's root.
        interruption: Stops the whole build.
        lock: Around everything that changes.
        result: What `currentBuild.result` is; None while nothing worsened it.
        variables: The script's own: `x = 1` without `def`.
        methods: Defined beside the `pipeline` block.
        environment: What `env.X = ...` set.
        parameters: Their values.
        stages: In the order of the log.
        said: Causes of interruptions that the log has already.
    """

    request: BuildRequest
    pipeline: Pipeline
    number: int
    folder: Path
    cookie: str
    previous: PreviousBuild | None
    store: CredentialSource
    masker: Masker
    listener: BuildListener
    root: Channel
    lock: threading.RLock
    interruption: Interruption = field(default_factory=Interruption)
    started: float = field(default_factory=time.time)
    result: BuildResult | None = None
    variables: dict[str, Value] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Value] = field(default_factory=dict)
    properties: dict[str, Value] = field(default_factory=dict)
    stages: list[StageEntry] = field(default_factory=list)
    stashes: dict[str, Path] = field(default_factory=dict)
    artifacts: list[str] = field(default_factory=list)
    tests: JUnitCounts = field(default_factory=JUnitCounts)
    said: set[str] = field(default_factory=set)

    @property
    def current_result(self) -> BuildResult:
        """What `currentBuild.currentResult` is."""
        return self.result or BuildResult.SUCCESS

    def worsen(self, result: BuildResult) -> None:
        """Make the build's result at least as bad as this; it never gets better."""
        with self.lock:
            self.result = result if self.result is None else self.result.combine(result)

    def open_stage(self, order: tuple[int, ...], name: str, parent: StageEntry | None) -> StageEntry:
        """Begin a stage."""
        with self.lock:
            entry = StageEntry(order, self.masker.mask(name), parent, time.monotonic())
            self.stages.append(entry)
            self.stages.sort(key=lambda each: each.order)
            self.listener.stage(entry.record())
        return entry

    def change_stage(self, entry: StageEntry, status: StageStatus) -> None:
        """Give a stage another status; one that is over has ended."""
        with self.lock:
            entry.status = status
            if status.is_over and entry.ended is None:
                entry.ended = time.monotonic()
            self.listener.stage(entry.record())

    def warn(self, entry: StageEntry | None, result: BuildResult) -> None:
        """Note in a stage and those around it that something was not as it should be."""
        with self.lock:
            while entry is not None:
                entry.warning = entry.warning.combine(result)
                entry = entry.parent
