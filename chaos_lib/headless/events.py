"""What a run tells while it goes on; the display is one listener, tests are another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chaos_lib.headless.report import NotebookResult, RunReport


@dataclass(frozen=True)
class RunStarted:
    """The run is about to open its first notebook.

    Attributes:
        phases: The planned phases, in the order of play.
    """

    phases: tuple[str, ...]


@dataclass(frozen=True)
class NotebookStarted:
    """A notebook was read and its kernel is being started.

    Attributes:
        phase: The phase's name.
        cells: How many cells will be executed.
    """

    phase: str
    cells: int


@dataclass(frozen=True)
class CellStarted:
    """A cell is being executed.

    Attributes:
        phase: The phase's name.
        number: Place among the executed cells, from 1.
        headline: Last Markdown heading before the cell.
        since_process_start_s: Seconds since the process began.
    """

    phase: str
    number: int
    headline: str
    since_process_start_s: float


@dataclass(frozen=True)
class CellFinished:
    """A cell ended, one way or the other.

    Attributes:
        phase: The phase's name.
        number: Place among the executed cells, from 1.
        is_success: Whether it ended without an error.
        elapsed_s: Seconds it ran.
    """

    phase: str
    number: int
    is_success: bool
    elapsed_s: float


@dataclass(frozen=True)
class StopRequested:
    """The user asked to stop; the kernel is being ended in good order."""


@dataclass(frozen=True)
class NotebookFinished:
    """A notebook ended, was stopped, or could not be started.

    Attributes:
        result: Its row of the scoreboard, as known at this moment.
    """

    result: NotebookResult


@dataclass(frozen=True)
class WritingReport:
    """All playing is over; the report is being written."""


@dataclass(frozen=True)
class RunFinished:
    """The run is over and its files are written.

    Attributes:
        report: Everything.
    """

    report: RunReport


RunEvent: TypeAlias = (
    RunStarted
    | NotebookStarted
    | CellStarted
    | CellFinished
    | StopRequested
    | NotebookFinished
    | WritingReport
    | RunFinished
)
