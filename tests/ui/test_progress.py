from __future__ import annotations

import io
from typing import Any

import pytest

from chaos_lib.errors import ChaosError
from chaos_lib.lab.facility import Progress
from chaos_lib.ui.page import Place
from chaos_lib.ui.progress import LabProgress, LineScreen, PageScreen

from .fake_mission import HOSTILE


class Page:
    def __init__(self) -> None:
        self.html: list[str] = []
        self.text: list[str] = []

    def update(self, value: Any) -> None:
        bundle = value._repr_mimebundle_()
        self.html.append(bundle["text/html"])
        self.text.append(bundle["text/plain"])

    def show(self, value: Any, **_: Any) -> Page:
        self.update(value)
        return self


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_step_detail_and_share_are_shown_in_place_and_end_as_one_line() -> None:
    page, clock = Page(), Clock()
    with LabProgress("Starting the lab", screen=PageScreen(Place(page.show)), now=clock) as progress:
        progress(Progress("Building postgres:15", "unpacking", 0.4))
        clock.now = 3.0
        progress(Progress("Starting redis"))
    assert page.text[1] == "◌ WORKING  Starting the lab: Building postgres:15 · 40% unpacking [0.0 s]"
    assert "width:40%" in page.html[1]
    assert page.text[-1] == "✓ DONE  Starting the lab  [2 steps, 3.0 s]"


def test_a_flood_of_news_is_drawn_ten_times_a_second_at_most() -> None:
    page, clock = Page(), Clock()
    with LabProgress("Pulling", screen=PageScreen(Place(page.show)), now=clock) as progress:
        for number in range(1000):
            clock.now = number / 1000
            progress(Progress("layer 1", f"{number} MB"))
    assert len(page.text) <= 14


def test_a_failure_names_the_step_and_goes_on_up() -> None:
    page = Page()

    def work() -> None:
        with LabProgress("Starting", screen=PageScreen(Place(page.show))) as progress:
            progress.step("Building redis:7")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        work()
    assert page.text[-1].startswith("✗ STOPPED  Starting, at: Building redis:7")


def test_lines_of_a_tool_are_the_latest_news_of_the_step() -> None:
    page, clock = Page(), Clock()
    with LabProgress("Running tests", screen=PageScreen(Place(page.show)), now=clock) as progress:
        progress.step("pytest", 0.5)
        clock.now = 1.0
        progress.line("  test_one PASSED\n")
    assert "pytest · 50% test_one PASSED" in page.text[2]


def test_texts_are_escaped() -> None:
    page = Page()
    with LabProgress(HOSTILE, screen=PageScreen(Place(page.show))) as progress:
        progress(Progress(HOSTILE, HOSTILE, 7.0))
    assert not any("<script" in html for html in page.html)
    assert "width:100%" in page.html[1]


def test_a_terminal_gets_one_line_a_step_on_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with LabProgress("Starting the lab") as progress:
        progress(Progress("Starting redis", "redis:7"))
        progress(Progress("Starting redis", "still"))
    lines = capfd.readouterr().out.splitlines()
    assert lines[:2] == ["Starting the lab …", "… Starting redis: redis:7"]
    assert lines[2].startswith("✓ DONE  Starting the lab  [")
    assert len(lines) == 3


def test_lines_can_go_to_another_place() -> None:
    out = io.StringIO()
    with LabProgress("Work", screen=LineScreen(out)):
        pass
    assert out.getvalue().startswith("Work …\n✓ DONE  Work")


def test_what_is_followed_by_its_result_leaves_nothing() -> None:
    page, out = Page(), io.StringIO()
    with LabProgress("Running unit-tests", is_transient=True, screen=PageScreen(Place(page.show))):
        pass
    with LabProgress("Running unit-tests", is_transient=True, screen=LineScreen(out)):
        pass
    assert page.text[-1] == ""
    assert out.getvalue() == "Running unit-tests …\n"


def test_what_is_stopped_half_way_says_where_even_when_nothing_would_have_stayed() -> None:
    page = Page()

    def work(error: BaseException) -> None:
        with LabProgress("Checking", is_transient=True, screen=PageScreen(Place(page.show))) as progress:
            progress.step("pytest")
            raise error

    with pytest.raises(KeyboardInterrupt):
        work(KeyboardInterrupt())
    assert page.text[-1].startswith("✗ STOPPED  Checking, at: pytest")
    with pytest.raises(ChaosError):
        work(ChaosError("It says itself what happened."))
    assert page.text[-1] == ""
