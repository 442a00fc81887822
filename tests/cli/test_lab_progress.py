"""Progress: a living list in a terminal, lines elsewhere."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.lab.facility import Progress

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def play(progress: LabProgress, clock: Clock) -> None:
    for step, detail, fraction, after_s in (
        ("Building postgres:15", "unpacking", None, 1.0),
        ("Building postgres:15", "installing", 0.5, 2.0),
        ("Starting Postgres", "a container", None, 12.5),
        ("Starting Postgres", "waiting", None, 1.0),
        ("Starting Postgres", "still waiting", None, 11.0),
        ("Starting Postgres", "answers", 1.0, 0.5),
    ):
        progress(Progress(step, detail, fraction))
        clock.now += after_s


def test_without_a_terminal_each_step_is_a_line_and_news_come_rarely():
    out, clock = io.StringIO(), Clock()
    with LabProgress(Console(file=out, width=100), now=clock) as progress:
        play(progress, clock)

    assert out.getvalue().splitlines() == [
        "    0.0 s  Building postgres:15: unpacking",
        "    3.0 s  Starting Postgres: a container",
        "   15.5 s  Starting Postgres: waiting",
        "   27.5 s  Starting Postgres: answers",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_in_a_terminal_the_list_ends_with_what_was_done_and_how_long_it_took(width):
    out, clock = io.StringIO(), Clock()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    with LabProgress(console, now=clock) as progress:
        play(progress, clock)

    last = [line for line in out.getvalue().splitlines() if "✓" in line][-2:]
    assert "✓ Building postgres:15 3.0 s installing" in last[0]
    assert "✓ Starting Postgres     24 s answers" in last[1]
    assert "╌" not in last[0]
    assert all(len(_CONTROL.sub("", line)) <= width for line in last)


def test_in_a_terminal_a_failure_marks_the_step_it_happened_in():
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None)

    def fail():
        with LabProgress(console) as progress:
            progress(Progress("Starting Postgres"))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fail()

    assert "✗ Starting Postgres" in out.getvalue()


def test_no_color_is_honoured(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    with LabProgress(Console(file=out, width=80, force_terminal=True)) as progress:
        progress(Progress("Starting Postgres", "", 1.0))

    assert "\x1b[32m" not in out.getvalue()
