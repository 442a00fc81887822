from __future__ import annotations

import re
from dataclasses import replace

from chaos_lib import phases
from chaos_lib.mission import AttackState
from chaos_lib.ui import hud

from .fake_mission import HOSTILE, FakeMission, an_attack, an_error

PLAIN = "Phase 1: Test Mayhem | containers ✗ not available | services ◐ EMBEDDED | 0/60 points | 7/30 min | ✓ nothing broken"


def visible(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).strip()


def test_one_line_says_phase_tiers_points_minutes_and_what_is_broken(mission: FakeMission) -> None:
    assert hud.show(mission).text == PLAIN


def test_the_widget_and_the_plain_line_hold_the_same_facts(mission: FakeMission) -> None:
    shown = hud.show(mission)
    assert visible(shown.widget.value) == PLAIN.replace(" | ", " ")
    assert shown.bundle()["text/plain"] == PLAIN


def test_it_follows_the_mission_when_refreshed(mission: FakeMission) -> None:
    shown = hud.show(mission)
    mission.points, mission.minutes_used = 25, 33.2
    mission.states["service_absent"] = AttackState.BROKEN
    hud.refresh_all()
    assert "25/60 points" in shown.text
    assert "33/30 min, 3 over" in shown.text
    assert "✗ broken: Nobody home" in shown.text
    assert "width:42%" in shown.widget.value
    assert "width:100%" in shown.widget.value


def test_an_error_is_shown_not_raised(mission: FakeMission) -> None:
    shown = hud.show(mission)

    def fail() -> None:
        raise an_error()

    mission.during = fail
    shown.refresh()
    assert "It did not work." in shown.text
    assert "It did not work." in shown.widget.value


def test_texts_are_escaped() -> None:
    mission = FakeMission(an_attack(title=HOSTILE))
    mission.states["service_absent"] = AttackState.BROKEN
    assert "<script" not in hud.show(mission).widget.value


def test_only_the_facilities_that_the_phase_plays_on_are_named(mission: FakeMission) -> None:
    standing = mission.standing()
    briefing = replace(standing, phase=phases.phase(0))
    assert [report.facility for report in standing.facilities] == ["containers", "services"]
    assert "services" in hud.hud_text(briefing)
    assert "containers" not in hud.hud_text(briefing)
    assert "containers" not in hud.hud_html(briefing)
