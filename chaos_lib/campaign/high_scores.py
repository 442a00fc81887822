"""The table of high scores of one mission folder, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from chaos_lib import sqlite_file
from chaos_lib.campaign.scoreboard import Scoreboard
from chaos_lib.campaign.timeline import Offensive

_SCHEMA = """
CREATE TABLE IF NOT EXISTS score (
    started_at REAL NOT NULL,
    seed INTEGER NOT NULL,
    player TEXT NOT NULL,
    points INTEGER NOT NULL,
    caught INTEGER NOT NULL,
    slipped INTEGER NOT NULL,
    played INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    mean_detect_s REAL,
    mean_recover_s REAL,
    minutes REAL NOT NULL,
    tier TEXT NOT NULL,
    how TEXT NOT NULL,
    PRIMARY KEY (started_at, seed, player)
)
"""


@dataclass(frozen=True)
class Score:
    """One game.

    Attributes:
        started_at: Seconds since the epoch.
        seed: Of the draw.
        player: Who played.
        points: All together.
        caught: Attacks that a gate caught, and decoys seen through.
        slipped: Attacks that no gate noticed.
        played: Rounds that were begun.
        planned: Attacks that were drawn.
        mean_detect_s: Mean time to detect in seconds; None when nothing was detected.
        mean_recover_s: Mean time to recover in seconds; None when nothing was recovered.
        minutes: How long the game was allowed to take.
        tier: Of the lab's services.
        how: How it ended: `finished`, `time is up`, `quit`, `stopped` or `cut off`.
    """

    started_at: float
    seed: int
    player: str
    points: int
    caught: int
    slipped: int
    played: int
    planned: int
    mean_detect_s: float | None
    mean_recover_s: float | None
    minutes: float
    tier: str
    how: str


def score_of(offensive: Offensive, board: Scoreboard, *, tier: str, how: str) -> Score:
    """Return a game as an entry of the table."""
    return Score(
        started_at=offensive.started_at,
        seed=offensive.seed,
        player=offensive.player,
        points=board.points,
        caught=board.caught,
        slipped=board.slipped,
        played=len(board.rows),
        planned=board.planned,
        mean_detect_s=board.mean_detect_s,
        mean_recover_s=board.mean_recover_s,
        minutes=offensive.minutes,
        tier=tier,
        how=how,
    )


class HighScores:
    """The table.

    Args:
        path: The SQLite file; made at first use.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, score: Score) -> None:
        """Enter a game; a game that stands there already is not entered again.

        Raises:
            DiskFull: There is no room for it.
            LabBusy: Another process held the table for ten seconds.
            JournalDamaged: The file is no table of scores.
        """
        names = ", ".join(field.name for field in fields(Score))
        marks = ", ".join("?" * len(fields(Score)))
        with self._connection() as connection:
            connection.execute(f"INSERT OR IGNORE INTO score ({names}) VALUES ({marks})", astuple(score))  # noqa: S608 - our own names

    def top(self, limit: int = 10) -> Sequence[Score]:
        """Return the best games: most points first, of equals the one that recovered faster, then the earlier one.

        Raises:
            JournalDamaged: The file is no table of scores.
        """
        if not self.path.exists():
            return ()
        names = ", ".join(field.name for field in fields(Score))
        with self._connection() as connection:
            rows = connection.execute(
                f"SELECT {names} FROM score"  # noqa: S608 - our own names
                " ORDER BY points DESC, mean_recover_s IS NULL, mean_recover_s, started_at LIMIT ?",
                (limit,),
            ).fetchall()
        return [Score(*row) for row in rows]

    def _connection(self) -> AbstractContextManager[sqlite3.Connection]:
        return sqlite_file.transaction(self.path, _SCHEMA, what="high scores")
