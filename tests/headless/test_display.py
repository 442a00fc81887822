from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from chaos_lib.headless import Display, Outcome, RunReport
from chaos_lib.headless import events as run_events
from chaos_lib.headless.report import Failure, FailureKind, MissionFacts, NotebookResult

FAILURE = Failure(
    FailureKind.ERROR,
    "phase-1-tests",
    "Redis is [not] there.",
    evidence="connection refused",
    fix="Start it.",
    cell_number=4,
    headline="Fixtures",
    source="redis.ping()",
    output="trying …",
)
PASSED = NotebookResult(
    "phase-0-setup",
    Outcome.PASS,
    cells_played=2,
    cells=2,
    points_earned=2,
    points_possible=2,
    minutes_planned=15,
    minutes_used=0.5,
    facts=MissionFacts({"containers": "LIVE", "services": "EMBEDDED"}, 3, 2),
)
FAILED = NotebookResult("phase-1-tests", Outcome.FAIL, cells=3, points_possible=4, failure=FAILURE)
REPORT = RunReport(
    (PASSED, FAILED, NotebookResult("phase-2-docker", Outcome.NOT_PLAYED)),
    out=Path("out"),
    mission=Path("out/mission"),
    elapsed_s=61.2,
    first_cell_after_s=3.25,
    notes=("something to know",),
)


def shown(*, terminal: bool = False, encoding: str = "utf-8", width: int = 130) -> str:
    buffer = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=buffer, force_terminal=terminal, width=width, highlight=False)
    ticks = iter(range(1000))
    with Display(console, now=lambda: float(next(ticks))) as display:
        display(run_events.RunStarted(("phase-0-setup", "phase-1-tests", "phase-2-docker")))
        display(run_events.NotebookStarted("phase-0-setup", 2))
        display(run_events.CellStarted("phase-0-setup", 1, "Press [bold] the button", 3.2))
        display(run_events.CellFinished("phase-0-setup", 1, True, 0.1))
        for result in REPORT.notebooks:
            display(run_events.NotebookFinished(result))
        display(run_events.WritingReport())
        display(run_events.RunFinished(REPORT))
    buffer.seek(0)
    return buffer.read()


def test_without_a_terminal_there_are_plain_lines_and_no_escape_codes() -> None:
    text = shown()
    assert "\x1b" not in text
    assert "\r" not in text
    assert "1.0 s  ● phase-0-setup: 2 cells" in text
    assert "phase-0-setup [1/2] Press [bold] the button" in text
    assert "✔ PASS phase-0-setup: 2 of 2 cells, 2 of 2 points" in text
    assert "– NOT PLAYED phase-2-docker" in text


def test_the_scoreboard_has_every_number_and_a_word_for_every_result() -> None:
    lines = shown().splitlines()
    row = next(line for line in lines if "phase-0-setup" in line and "│" in line)
    for piece in ("containers LIVE", "2 / 2", "15", "0.5", "3", "2", "✔ PASS"):
        assert piece in row
    assert any("services EMBEDDED" in line for line in lines)
    assert any("✘ FAIL" in line for line in lines)
    assert any("Total" in line and "1 of 3 passed" in line for line in lines)
    assert "✘ FAIL in 61.2 s (first cell after 3.2 s)" in lines
    assert "Note: something to know" in lines
    assert "Report: out/report.html" in lines


def test_the_failing_cell_is_shown_with_its_three_parts() -> None:
    text = shown()
    for piece in (
        "✘ FAIL phase-1-tests, cell 4 “Fixtures”",
        "redis.ping()",
        "trying …",
        "Redis is [not] there.",
        "connection refused",
        "Start it.",
    ):
        assert piece in text


def test_a_terminal_gets_live_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    text = shown(terminal=True)
    assert "\x1b[" in text
    assert "Notebooks" in text
    assert "✔ PASS" in text


def test_no_color_is_honoured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    text = shown(terminal=True)
    assert not any(f"\x1b[{code}" in text for code in ("31m", "32m", "1;31m", "1;32m", "38;"))
    assert "✔ PASS" in text


def test_a_console_without_unicode_gets_ascii() -> None:
    text = shown(encoding="ascii")
    assert "+ PASS" in text
    assert "x FAIL" in text
    assert text.isascii()


def test_a_log_file_is_wide_enough_for_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    buffer = io.StringIO()
    monkeypatch.setattr("sys.stdout", buffer)
    Display().scoreboard(REPORT)
    assert any("phase-0-setup" in line and "✔ PASS" in line for line in buffer.getvalue().splitlines())


def test_eighty_columns_are_enough_for_the_scoreboard() -> None:
    lines = shown(width=80).splitlines()
    start = lines.index(next(line for line in lines if line.startswith("Scoreboard")))
    table = lines[start:]
    assert "…" not in "".join(table[:-4])
    for word in ("containers", "EMBEDDED", "caught", "✔ PASS", "– NOT PLAYED", "1 of 3 passed"):
        assert any(word in line for line in table)
