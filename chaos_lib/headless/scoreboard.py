"""The scoreboard as JSON, for programs, and the words that its other forms share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from chaos_lib.headless.report import Failure, NotebookResult, Outcome, RunReport

UNKNOWN = "–"


class ScoreboardRow(BaseModel):
    """One notebook."""

    model_config = ConfigDict(frozen=True)

    phase: str
    result: Outcome
    tiers: dict[str, str]
    cells_played: int
    cells: int
    points_earned: float
    points_possible: float
    minutes_planned: float
    minutes_used: float
    attacks_fired: int
    attacks_caught: int
    failure: Failure | None


class Scoreboard(BaseModel):
    """The whole run, as written to `out/scoreboard.json`."""

    model_config = ConfigDict(frozen=True)

    is_success: bool
    is_interrupted: bool
    exit_code: int
    elapsed_s: float
    first_cell_after_s: float | None
    rows: list[ScoreboardRow]
    notes: list[str]


def scoreboard(report: RunReport) -> Scoreboard:
    """Return the report's numbers."""
    return Scoreboard(
        is_success=report.is_success,
        is_interrupted=report.is_interrupted,
        exit_code=report.exit_code,
        elapsed_s=round(report.elapsed_s, 3),
        first_cell_after_s=None if report.first_cell_after_s is None else round(report.first_cell_after_s, 3),
        rows=[_row(result) for result in report.notebooks],
        notes=list(report.notes),
    )


def _row(result: NotebookResult) -> ScoreboardRow:
    return ScoreboardRow(
        phase=result.phase,
        result=result.outcome,
        tiers=dict(result.facts.tiers),
        cells_played=result.cells_played,
        cells=result.cells,
        points_earned=result.points_earned,
        points_possible=result.points_possible,
        minutes_planned=result.minutes_planned,
        minutes_used=round(result.minutes_used, 4),
        attacks_fired=result.facts.attacks_fired,
        attacks_caught=result.facts.attacks_caught,
        failure=result.failure,
    )


COLUMNS = (
    "Phase",
    "Tier",
    "Points",
    "Minutes\nplanned",
    "Minutes\nused",
    "Attacks\nfired",
    "Attacks\ncaught",
    "Result",
)


def texts(result: NotebookResult) -> tuple[str, ...]:
    """Return the texts of one row, one a column of `COLUMNS`."""
    facts = result.facts
    is_played = result.outcome is not Outcome.NOT_PLAYED
    return (
        result.phase,
        "\n".join(f"{facility} {tier}" for facility, tier in facts.tiers.items()) or UNKNOWN,
        f"{result.points_earned:g} / {result.points_possible:g}",
        f"{result.minutes_planned:g}" if result.minutes_planned else UNKNOWN,
        f"{result.minutes_used:.1f}" if is_played else UNKNOWN,
        str(facts.attacks_fired) if is_played else UNKNOWN,
        str(facts.attacks_caught) if is_played else UNKNOWN,
        f"{result.outcome.symbol} {result.outcome.value}",
    )


def total_texts(report: RunReport) -> tuple[str, ...]:
    """Return the texts of the last row: the sums."""
    rows = report.notebooks
    passed = sum(row.outcome is Outcome.PASS for row in rows)
    return (
        "Total",
        "",
        f"{sum(row.points_earned for row in rows):g} / {sum(row.points_possible for row in rows):g}",
        f"{sum(row.minutes_planned for row in rows):g}",
        f"{sum(row.minutes_used for row in rows):.1f}",
        str(sum(row.facts.attacks_fired for row in rows)),
        str(sum(row.facts.attacks_caught for row in rows)),
        f"{passed} of {len(rows)} passed",
    )


def headline(report: RunReport) -> str:
    """Return the run's result in one line."""
    if report.is_interrupted:
        word = f"{Outcome.INTERRUPTED.symbol} INTERRUPTED"
    else:
        outcome = Outcome.PASS if report.is_success else Outcome.FAIL
        word = f"{outcome.symbol} {outcome.value}"
    first = report.first_cell_after_s
    start = "no cell was started" if first is None else f"first cell after {first:.1f} s"
    return f"{word} in {report.elapsed_s:.1f} s ({start})"
