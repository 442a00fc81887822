from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.attacks.base import Difficulty
from chaos_lib.campaign.scoreboard import COLUMNS, as_text, scoreboard, texts
from chaos_lib.campaign.scoring import points, worth
from chaos_lib.campaign.timeline import Ending, Offensive, Round, latest
from chaos_lib.mission_log import Event
from chaos_lib.ui.campaign_board import BoardView

ATTACKS = catalogue.load()
ENV = ATTACKS["env_var_missing"]  # a beginner's attack, five planned minutes
FIXED = Round(
    "env_var_missing",
    100.0,
    "d",
    "settings-gate",
    "SETTING_MISSING",
    130.0,
    ended_at=280.0,
    ending=Ending.FIXED,
)
SLIPPED = Round("clock_in_test", 300.0, is_all_green=True, ended_at=400.0, ending=Ending.SLIPPED, hints=2)
OPEN = Round("tests_share_rows", 500.0, "d", "random-order", "ORDER_DEPENDENT", 520.0)


def an_offensive(*rounds: Round, player: str = "") -> Offensive:
    return Offensive(
        7, ("env_var_missing", "clock_in_test", "tests_share_rows"), (), 90.0, None, player, 0, rounds
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ended_at": 130.0}, 150),  # at once: half as much again
        ({"ended_at": 280.0}, 125),  # half of the planned time
        ({"ended_at": 9999.0}, 100),  # late
        ({"ended_at": 9999.0, "hints": 2}, 70),
        ({"ended_at": 9999.0, "false_reports": 1}, 75),
        ({"ended_at": 9999.0, "hints": 9}, 0),  # never below nothing
        ({"ended_at": 9999.0, "ending": Ending.ROLLED_BACK}, 50),
        ({"ended_at": 130.0, "ending": Ending.ROLLED_BACK}, 50),  # no speed in pressing a button
        ({"ending": Ending.SLIPPED}, 0),
        ({"ending": Ending.FOOLED}, 0),
        ({"ending": Ending.GIVEN_UP}, 0),
        ({"ended_at": None, "ending": Ending.OPEN}, 0),
    ],
)
def test_a_round_earns(change, expected):
    assert points(replace(FIXED, **change), ENV) == expected


def test_harder_attacks_are_worth_more():
    worths = [worth(replace(ENV, difficulty=difficulty)) for difficulty in Difficulty]

    assert worths == [100, 150, 200]


def test_the_scoreboard_has_a_row_an_attack_and_totals():
    board = scoreboard(an_offensive(FIXED, SLIPPED), ATTACKS)

    assert texts(board.rows[0]) == (
        "1", "The missing variable", "Test Mayhem", "settings-gate (SETTING_MISSING)", "30 s", "2 min 30 s", "✓ fixed", "0", "125",
    )  # fmt: skip
    assert (board.points, board.caught, board.slipped) == (125, 1, 1)
    assert (board.mean_detect_s, board.mean_recover_s) == (30, 150)
    assert board.headline == "125 points. 2 of 3 attacks: 1 caught, 1 slipped through."


def test_an_open_round_is_not_named_and_has_no_end():
    (row,) = scoreboard(an_offensive(OPEN), ATTACKS).rows

    assert (row.attack, row.title, row.layer, row.recover_s) == ("?", "?", "?", None)
    assert row.caught_by == "random-order"


def test_an_attack_that_the_catalogue_has_forgotten_is_told_by_its_name():
    (row,) = scoreboard(an_offensive(replace(FIXED, attack="long_gone")), ATTACKS).rows

    assert (row.title, row.points) == ("long_gone", 0)


def test_the_text_is_a_table_whose_columns_stand_under_each_other():
    lines = as_text(scoreboard(an_offensive(FIXED, SLIPPED, OPEN), ATTACKS)).splitlines()

    head = next(line for line in lines if line.startswith("#"))
    row = next(line for line in lines if line.startswith("1 "))
    for column in COLUMNS:
        assert column in head
    assert head.index("How") == row.index("✓ fixed")
    assert "Total" in lines[-1]


def test_the_json_holds_rows_and_totals():
    told = json.loads(scoreboard(an_offensive(FIXED, SLIPPED, player="Ada"), ATTACKS).to_json())

    assert told["rows"][0]["ending"] == "fixed"
    assert told["rows"][0]["recover_s"] == 150
    assert told["totals"] == {
        "points": 125, "caught": 1, "slipped": 1, "mean_detect_s": 30.0, "mean_recover_s": 150.0,
    }  # fmt: skip
    assert (told["player"], told["seed"], told["planned"]) == ("Ada", 7, 3)


def test_the_page_says_the_same_as_the_text_and_escapes_names():
    view = BoardView(scoreboard(an_offensive(FIXED, player="<b>Ada</b>"), ATTACKS))

    for cell in ("The missing variable", "settings-gate (SETTING_MISSING)", "✓ fixed", "125"):
        assert cell in view.html
        assert cell in view.text
    assert "<b>Ada" not in view.html
    assert view.html.count('scope="col"') == len(COLUMNS)
    assert view._repr_mimebundle_()["text/plain"] == view.text == repr(view)


def test_a_board_without_rounds_is_shown_too():
    board = scoreboard(an_offensive(), ATTACKS)

    assert board.headline == "0 points. 0 of 3 attacks: 0 caught."
    assert BoardView(board).html
    assert as_text(board)


def event(at, kind, name="env_var_missing", **data):
    return Event(at, "phase-5-final", kind, name, data)


START = event(
    0.0, "offensive_started", "seed 7", seed=7, sequence=["env_var_missing"], gates=["settings-gate"]
)
LAUNCH = event(1.0, "attack_launched", is_hidden=True)


def test_only_the_latest_offensive_counts_and_only_its_own_rounds():
    events = [
        START, LAUNCH, event(2.0, "attack_undone"), event(3.0, "offensive_finished", "seed 7"),
        event(4.0, "offensive_started", "seed 8", seed=8, sequence=["clock_in_test"]),
        event(5.0, "attack_launched", "codename_scrambled"),
    ]  # fmt: skip

    told = latest(events, ATTACKS)

    assert told is not None
    assert (told.seed, told.rounds, told.finished_at) == (8, (), None)
    assert latest([event(5.0, "attack_launched")], ATTACKS) is None


def test_what_happens_after_a_round_or_after_the_end_changes_nothing():
    events = [
        START, LAUNCH, event(2.0, "gates_run", red="settings-gate", reason="SETTING_MISSING"), event(3.0, "attack_caught"),
        event(4.0, "hint_taken"), event(5.0, "attack_undone"), event(6.0, "offensive_finished", "seed 7"),
        event(7.0, "attack_launched", "clock_in_test", is_hidden=True),
    ]  # fmt: skip

    told = latest(events, ATTACKS)

    assert told is not None
    (played,) = told.rounds
    assert (played.ending, played.ended_at, played.hints) == (Ending.FIXED, 3.0, 0)
    assert told.finished_at == 6.0


def test_the_first_red_gate_is_the_detection_and_later_ones_are_not():
    events = [
        START, LAUNCH, event(2.0, "gates_run", red=""), event(3.0, "gates_run", red="unit-tests", reason="TESTS_FAILED"),
        event(9.0, "gates_run", red="settings-gate", reason="SETTING_MISSING"),
    ]  # fmt: skip

    told = latest(events, ATTACKS)

    assert told is not None
    assert (told.rounds[0].caught_by, told.rounds[0].detected_at) == ("unit-tests", 3.0)
