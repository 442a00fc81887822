from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from chaos_lib import phases
from chaos_lib.phases import PHASES, Phase
from chaos_lib.ui import story
from chaos_lib.ui.voice import OPENINGS

from .fake_mission import HOSTILE, an_attack


def test_the_avatar_is_one_small_picture_of_our_own_with_a_name() -> None:
    picture = ElementTree.fromstring(story.AVATAR)
    assert picture.attrib["aria-label"] == "The Chaos Agent"
    assert len(story.AVATAR) < 3000
    assert "href" not in story.AVATAR


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_every_phase_opens_with_words_of_its_own_and_says_what_can_be_won(phase: Phase) -> None:
    assert phase.number in OPENINGS
    text = story.opening(phase).text
    assert f"Phase {phase.number}: {phase.title}" in text
    assert f"{phase.minutes} minutes" in text
    assert f"{phase.points} points" in text
    assert phase.payoff in text


def test_a_launched_attack_speaks_and_names_the_first_step() -> None:
    text = story.launched(an_attack()).text
    assert "I unplugged it." in text
    assert 'chaos.symptom("service_absent")' in text


def test_words_are_escaped() -> None:
    assert "<script" not in story.speech(HOSTILE).html
    assert "<script" not in story.opening(phases.phase(1), HOSTILE).html
    assert "<script" not in story.phase_debrief(phases.phase(1), [HOSTILE]).html


def test_a_debrief_of_a_phase_numbers_its_lessons() -> None:
    text = story.phase_debrief(phases.phase(1), ["Wait, do not sleep.", "Bring your own database."]).text
    assert "What Test Mayhem taught" in text
    assert "2. Bring your own database." in text


def test_the_tour_lists_files_by_room_and_leaves_the_cellar_out(tmp_path: Path) -> None:
    for name in (
        "src/mission_control/app.py",
        "src/mission_control/__init__.py",
        "tests/unit/test_a.py",
        "tests/conftest.py",
        ".git/config",
        "pyproject.toml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    card = story.tour(tmp_path)
    assert card.badges == ("5 files",)
    assert ".git/config" not in card.text
    assert [part.text for part in card.parts] == [
        "app.py",
        "test_a.py",
        "conftest.py",
        "pyproject.toml",
    ]
