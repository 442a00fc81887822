"""The result of a headless run, as values: what the display, the files in `out/` and the exit code are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from chaos_lib.errors import ChaosError, Interrupted, NotebookFailed

EXIT_PASSED = 0
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


class Outcome(str, Enum):
    """How a notebook or a graded cell ended."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    INTERRUPTED = "INTERRUPTED"
    NOT_PLAYED = "NOT PLAYED"

    @property
    def symbol(self) -> str:
        """A sign that goes with the word, so that nothing depends on colour."""
        return {"PASS": "✔", "FAIL": "✘", "INTERRUPTED": "■", "NOT PLAYED": "–"}[self.value]


class FailureKind(str, Enum):
    """What made a notebook fail."""

    ERROR = "error"
    TIME_LIMIT = "time limit"
    DEAD_KERNEL = "dead kernel"
    NOTEBOOK = "notebook"
    KERNEL_START = "kernel start"


@dataclass(frozen=True)
class Failure:
    """Why a notebook failed.

    Attributes:
        kind: What made it fail.
        phase: The notebook's phase.
        what: What happened, one sentence.
        evidence: What was seen.
        fix: What to do next.
        cell_number: The failing cell's place among the executed cells, from 1; 0 when no cell is to blame.
        headline: Last Markdown heading before that cell.
        source: The cell's code.
        output: The last lines the cell printed.
    """

    kind: FailureKind
    phase: str
    what: str
    evidence: str = ""
    fix: str = ""
    cell_number: int = 0
    headline: str = ""
    source: str = ""
    output: str = ""

    @property
    def place(self) -> str:
        """Where it failed, as people say it."""
        if not self.cell_number:
            return self.phase
        return f"{self.phase}, cell {self.cell_number}" + (f" “{self.headline}”" if self.headline else "")

    def error(self) -> NotebookFailed:
        """The failure as an error that can be raised."""
        return NotebookFailed(f"{self.place}: {self.what}", evidence=self.evidence, fix=self.fix)


@dataclass(frozen=True)
class GradedCell:
    """A graded cell and what it brought.

    Attributes:
        grade_id: nbgrader's id.
        headline: Last Markdown heading before the cell.
        outcome: How it ended.
        points: Points it can bring.
        earned: Points it brought: all of them when it ran without an error, else none.
        elapsed_s: Seconds it ran.
    """

    grade_id: str
    headline: str
    outcome: Outcome
    points: float
    earned: float
    elapsed_s: float


@dataclass(frozen=True)
class MissionFacts:
    """What the mission log tells about one phase.

    Attributes:
        tiers: Facility to tier, such as `services` to `LIVE`; only facilities the phase used.
        attacks_fired: Attacks that were launched.
        attacks_caught: Those of them that a defence caught.
    """

    tiers: Mapping[str, str] = field(default_factory=dict)
    attacks_fired: int = 0
    attacks_caught: int = 0


@dataclass(frozen=True)
class NotebookResult:
    """One row of the scoreboard.

    Attributes:
        phase: The phase's name.
        outcome: How the notebook ended.
        cells_played: Cells that were executed to their end.
        cells: Cells that a complete run executes.
        graded: The graded cells in order.
        points_earned: Points of the graded cells that ran without error.
        points_possible: Points of all graded cells.
        minutes_planned: What the notebook says it takes a participant.
        minutes_used: Wall time of this run in minutes, kernel start included.
        facts: What the mission log tells.
        executed: The executed notebook; None when nothing was executed.
        failure: Why it failed, if it did.
    """

    phase: str
    outcome: Outcome
    cells_played: int = 0
    cells: int = 0
    graded: tuple[GradedCell, ...] = ()
    points_earned: float = 0.0
    points_possible: float = 0.0
    minutes_planned: float = 0.0
    minutes_used: float = 0.0
    facts: MissionFacts = MissionFacts()
    executed: Path | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class RunReport:
    """A whole headless run.

    Attributes:
        notebooks: One result a planned notebook, in the order of play.
        out: The folder everything was written to.
        mission: The mission folder the kernels used.
        elapsed_s: Seconds of the whole run.
        first_cell_after_s: Seconds from the start of this process to the start of the first cell; None when no
            cell was started.
        is_interrupted: Whether the user stopped the run.
        previous_mission: Where the mission folder of the run before was put aside; None when there was none.
        notes: Things that did not make the run fail but should be known.
    """

    notebooks: tuple[NotebookResult, ...]
    out: Path
    mission: Path
    elapsed_s: float
    first_cell_after_s: float | None
    is_interrupted: bool = False
    previous_mission: Path | None = None
    notes: Sequence[str] = ()

    @property
    def failure(self) -> Failure | None:
        """The first failure, if any."""
        return next((result.failure for result in self.notebooks if result.failure is not None), None)

    @property
    def is_success(self) -> bool:
        """Whether every planned notebook passed."""
        return all(result.outcome is Outcome.PASS for result in self.notebooks)

    @property
    def exit_code(self) -> int:
        """What the process should end with: 0 passed, 1 failed, 130 interrupted."""
        if self.is_interrupted:
            return EXIT_INTERRUPTED
        return EXIT_PASSED if self.is_success else EXIT_FAILED

    def error(self) -> ChaosError | None:
        """The run's end as an error that can be raised; None when everything passed."""
        if self.is_interrupted:
            return Interrupted(
                "The run was stopped by the user.",
                evidence=f"{sum(r.outcome is Outcome.PASS for r in self.notebooks)} of {len(self.notebooks)} notebooks had passed",
                fix=f"What was played is in {self.out}; start it again with `opchaos run`.",
            )
        return None if self.failure is None else self.failure.error()
