from __future__ import annotations

from typing import Any

import pytest

from chaos_lib.ui import hud
from chaos_lib.ui.confetti import celebrate
from chaos_lib.ui.page import Place, Snapshot
from chaos_lib.ui.panel import AttackPanel

from .fake_mission import FakeMission

WIDGET = "application/vnd.jupyter.widget-view+json"


class Page:
    """Stands for a notebook's page: keeps what is displayed and redrawn."""

    def __init__(self) -> None:
        self.drawn: list[Any] = []

    def show(self, value: Any, **_: Any) -> Page:
        self.drawn.append(value)
        return self

    update = show


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    page = Page()
    monkeypatch.setattr("chaos_lib.ui.page.display", page.show)
    for name in ("OPCHAOS_HEADLESS", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    return page


def test_a_person_gets_the_widget_with_html_and_text_beside_it(mission: FakeMission, page: Page) -> None:
    for living in (AttackPanel(mission, ["service_absent"]), hud.show(mission), celebrate("Done!")):
        living._ipython_display_()
        bundle = page.drawn[-1]
        assert set(bundle) == {WIDGET, "text/html", "text/plain"}


@pytest.mark.parametrize("variable", ["OPCHAOS_HEADLESS", "NBGRADER_EXECUTION"])
def test_without_a_front_end_the_notebook_keeps_html_that_follows_the_state(
    mission: FakeMission, page: Page, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    panel = AttackPanel(mission, ["service_absent"])
    panel._ipython_display_()
    panel.press("launch", "service_absent")
    panel.press("symptom", "service_absent")
    first, last = page.drawn[0], page.drawn[-1]
    assert isinstance(first, Snapshot)
    assert "○ idle" in first.html
    assert "✗ broken" in last.html
    assert "✗ RED  integration-tests" in last.text
    assert WIDGET not in last._repr_mimebundle_()


def test_where_there_is_no_page_nothing_is_redrawn() -> None:
    shown: list[object] = []
    place = Place(show=lambda value, **_: shown.append(value))
    place.put("one")
    assert not place.is_drawn
