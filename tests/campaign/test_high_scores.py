from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from chaos_lib import sqlite_file
from chaos_lib.campaign.high_scores import HighScores, Score
from chaos_lib.errors import JournalDamaged, LabBusy

SCORE = Score(100.0, 7, "Ada", 250, 3, 0, 3, 4, 20.0, 60.0, 15.0, "EMBEDDED", "finished")


@pytest.fixture
def scores(tmp_path):
    return HighScores(tmp_path / "deep" / "scores.sqlite")


def test_a_table_that_nobody_has_played_is_empty_and_is_not_made(scores):
    assert scores.top() == ()
    assert not scores.path.parent.exists()


def test_a_game_comes_back_as_it_was_entered(scores):
    scores.add(SCORE)

    assert scores.top() == [SCORE]


def test_a_game_that_is_entered_twice_stands_there_once(scores):
    scores.add(SCORE)
    scores.add(replace(SCORE, how="cut off"))

    assert scores.top() == [SCORE]


def test_most_points_come_first_then_who_recovered_faster(scores):
    best = replace(SCORE, started_at=1, points=300)
    fast = replace(SCORE, started_at=2, mean_recover_s=10.0)
    never = replace(SCORE, started_at=3, mean_recover_s=None)
    for score in (never, SCORE, fast, best):
        scores.add(score)

    assert scores.top() == [best, fast, SCORE, never]
    assert scores.top(2) == [best, fast]


def test_names_are_only_text(scores):
    hostile = replace(SCORE, player="'); DROP TABLE score; --")
    scores.add(hostile)

    assert scores.top() == [hostile]


def test_a_file_that_is_no_table_is_told(scores):
    scores.path.parent.mkdir()
    scores.path.write_text("this is not SQLite at all, and long enough to be noticed as such")

    with pytest.raises(JournalDamaged, match="high scores cannot be read") as caught:
        scores.top()
    assert str(scores.path) in caught.value.evidence
    assert "Move the file away" in caught.value.fix


def test_a_table_that_is_held_by_another_is_told(scores, monkeypatch):
    monkeypatch.setattr(sqlite_file, "_BUSY_S", 0.01)
    scores.add(SCORE)
    other = sqlite3.connect(scores.path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LabBusy, match="writing to the high scores") as caught:
            scores.add(replace(SCORE, started_at=5))
        assert caught.value.fix
    finally:
        other.close()
