"""`chaos.offensive()`, as a cell calls it."""

from __future__ import annotations

import pytest

import chaos_lib as chaos
from chaos_lib.campaign.timeline import Ending
from chaos_lib.notebook import session

from .conftest import fix


@pytest.fixture
def in_a_notebook(mission, monkeypatch):
    monkeypatch.setattr(session, "_current", [mission])
    return mission


def test_an_offensive_is_played_to_its_end_by_pressing_its_buttons(in_a_notebook, capsys):
    game = chaos.offensive(seed=3, attacks=2)
    names = game.campaign.story.sequence
    game.press("next")
    game.press("investigate")
    fix(in_a_notebook, names[0])
    game.press("check_fix")
    game.next()
    game.investigate()
    game.roll_back()

    board = game.scoreboard().board
    assert [row.ending for row in board.rows] == [Ending.FIXED, Ending.ROLLED_BACK]
    assert [row.attack for row in board.rows] == list(names)
    assert "The offensive is over." in game.text
    assert capsys.readouterr().err == ""


def test_without_a_seed_the_mission_s_own_is_taken(in_a_notebook):
    game = chaos.offensive()

    assert game.campaign.story.seed == in_a_notebook.settings.seed
    assert len(game.campaign.story.sequence) == 6


def test_calling_it_again_goes_on_and_opening_the_notebook_again_does_not_name_the_attack(
    in_a_notebook, capsys
):
    game = chaos.offensive(seed=3, attacks=2)
    game.next()
    name = game.campaign.story.sequence[0]
    capsys.readouterr()

    session.offer_to_continue(in_a_notebook)
    told = capsys.readouterr().out
    assert "A round of the offensive is open." in told
    assert name not in told
    again = chaos.offensive(seed=3, attacks=2)
    assert again.campaign.current is not None
    again.roll_back()
    assert len(again.scoreboard().board.rows) == 1
