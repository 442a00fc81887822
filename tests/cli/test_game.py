"""`opchaos game`, in this process, on a lab that is up at once and gates that only read files."""

from __future__ import annotations

import json

import pytest

from chaos_lib import mission as mission_module
from chaos_lib.campaign.ground import scores_of
from tests.campaign.conftest import FakeLab, gates  # noqa: F401 - a fixture


@pytest.fixture
def playing(cli, gates, monkeypatch):  # noqa: F811
    monkeypatch.setattr(mission_module, "Lab", FakeLab)
    return cli


@pytest.fixture
def moves(tmp_path):
    def write(*lines: str) -> str:
        path = tmp_path / "moves.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    return write


def test_a_scripted_game_is_played_scored_and_entered(playing, moves):
    script = moves("look", "back", "look", "back", "look", "back")

    result = playing("game", "--seed", "3", "--attacks", "3", "--name", "Ada", "--script", script)

    assert result.exit_code == 0, result.output
    for part in (
        "⚔ GAME",
        "⚡ ALARM  Round 3 of 3",
        "CAUGHT",
        "ROLLED BACK",
        "Total",
        "Ada",
        "opchaos game --seed 3",
    ):
        assert part in result.stdout
    assert "[round 1 of 3, 15:00 left] > look" in result.stdout
    (score,) = scores_of(playing.settings).top()
    assert (score.player, score.seed, score.planned, score.how) == ("Ada", 3, 3, "finished")
    assert not playing.settings.workspace.exists()


def test_programs_get_the_scoreboard_as_json_alone(playing, moves):
    result = playing("game", "--seed", "3", "--attacks", "3", "--script", moves("look", "back"), "--json")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["seed"], told["planned"]) == (3, 3)
    assert told["rows"][0]["ending"] == "rolled back"
    assert "ALARM" in result.stderr


def test_the_same_seed_is_the_same_game(playing, moves):
    script = moves("look", "back")
    titles = []
    for _ in range(2):
        result = playing("game", "--seed", "5", "--attacks", "4", "--script", script, "--json")
        titles.append(json.loads(result.stdout)["rows"][0]["title"])

    assert titles[0] == titles[1]


def test_the_scores_are_shown_without_a_game(playing, moves):
    result = playing("game", "--scores")
    assert (result.exit_code, result.stdout) == (
        0,
        "Nobody has played yet: `opchaos game` is the first game.\n",
    )
    assert not playing.settings.home.exists()

    playing("game", "--seed", "3", "--attacks", "3", "--name", "Ada", "--script", moves("look", "back"))
    result = playing("game", "--scores")
    assert "Ada" in result.stdout
    assert "seed 3, 15 min" in result.stdout
    assert "quit" in result.stdout


def test_without_a_terminal_it_says_what_to_do(playing):
    result = playing("game")

    assert result.exit_code == 2
    assert "wants a terminal" in result.stderr
    assert "--script" in result.stderr
    assert not (playing.settings.home / "game").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--minutes", "0"], "A game of 0 minutes makes no sense."),
        (["--minutes", "1000"], "A game of 1000 minutes makes no sense."),
        (["--attacks", "0"], "A game of 0 attacks makes no sense."),
        (["--name", ""], "is no name for the table of scores"),
        (["--name", "x" * 41], "is no name for the table of scores"),
        (["--script", "nowhere.txt"], "no such file of moves"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_started(playing, arguments, said):
    result = playing("game", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr
    assert not (playing.settings.home / "game").exists()


def test_ctrl_c_is_told_with_its_own_exit_code_and_the_score_is_kept(playing, moves, gates):  # noqa: F811
    presses = iter([None, KeyboardInterrupt])  # green before the game, Ctrl-C in the first round

    def press() -> None:
        trouble = next(presses)
        if trouble is not None:
            raise trouble

    gates["settings-gate"].during = press
    result = playing("game", "--seed", "3", "--attacks", "3", "--name", "Ada", "--script", moves("look"))

    assert result.exit_code == 130
    assert "your score is kept" in result.stderr
    (score,) = scores_of(playing.settings).top()
    assert score.how == "stopped"


def test_a_folder_whose_lab_offers_nothing_is_told(playing, moves, monkeypatch):
    from chaos_lib.lab.lab_state import LabState

    monkeypatch.setattr(FakeLab, "up", lambda self, progress, also=(): LabState(run_id="abc", facilities=()))

    result = playing("game", "--script", moves("look"))

    assert result.exit_code == 1
    assert "no Postgres and no Redis" in result.stderr
