"""The scoreboard of an offensive: one row an attack, as values, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from chaos_lib import phases
from chaos_lib.attacks.base import Attack
from chaos_lib.campaign.scoring import points
from chaos_lib.campaign.timeline import Ending, Offensive, Round
from chaos_lib.errors import UnknownPhase
from chaos_lib.ui.marks import seconds

UNKNOWN = "–"
HIDDEN = "?"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Row(_Frozen):
    """One attack.

    Attributes:
        number: Its place in the offensive, from 1.
        attack: Its name; `?` while the round is open.
        title: For people; `?` while the round is open.
        layer: Title of the phase whose layer it attacked; `?` while the round is open.
        caught_by: The first red gate; empty when none was.
        reason: What that gate said.
        detect_s: Seconds from the launch to the first red gate; None when none was.
        recover_s: Seconds from there to the end; None while the round is open.
        ending: How it ended.
        hints: How many were taken.
        points: What it earned.
    """

    number: int
    attack: str
    title: str
    layer: str
    caught_by: str
    reason: str
    detect_s: float | None
    recover_s: float | None
    ending: Ending
    hints: int
    points: int


class Scoreboard(_Frozen):
    """The whole offensive.

    Attributes:
        seed: Of the draw.
        player: Who plays; may be empty.
        planned: How many attacks were drawn.
        rows: The rounds that have begun.
    """

    seed: int
    player: str
    planned: int
    rows: tuple[Row, ...]

    @property
    def points(self) -> int:
        """All points together."""
        return sum(row.points for row in self.rows)

    @property
    def caught(self) -> int:
        """How many attacks a gate caught, decoys that were seen through included."""
        return sum(bool(row.caught_by) or row.ending is Ending.SEEN_THROUGH for row in self.rows)

    @property
    def slipped(self) -> int:
        """How many attacks no gate noticed."""
        return sum(row.ending is Ending.SLIPPED for row in self.rows)

    @property
    def mean_detect_s(self) -> float | None:
        """Mean time to detect, over the attacks that were detected."""
        return _mean([row.detect_s for row in self.rows])

    @property
    def mean_recover_s(self) -> float | None:
        """Mean time to recover, over the rounds that were fixed, rolled back or seen through."""
        good = (Ending.FIXED, Ending.ROLLED_BACK, Ending.SEEN_THROUGH)
        return _mean([row.recover_s for row in self.rows if row.ending in good])

    @property
    def headline(self) -> str:
        """The offensive in one line."""
        played = len(self.rows)
        of = f"{played} of {self.planned} attacks" if played != self.planned else f"{played} attacks"
        slipped = f", {self.slipped} slipped through" if self.slipped else ""
        return f"{self.points} points. {of}: {self.caught} caught{slipped}."

    def to_json(self) -> str:
        """Return it for programs, with the totals."""
        totals = {
            "points": self.points,
            "caught": self.caught,
            "slipped": self.slipped,
            "mean_detect_s": self.mean_detect_s,
            "mean_recover_s": self.mean_recover_s,
        }
        return _WithTotals(**self.model_dump(), totals=totals).model_dump_json(indent=2) + "\n"


class _WithTotals(Scoreboard):
    totals: Mapping[str, float | None]


COLUMNS = ("#", "Attack", "Layer", "Caught by", "Detect", "Recover", "How", "Hints", "Points")


def scoreboard(offensive: Offensive, attacks: Mapping[str, Attack]) -> Scoreboard:
    """Return the scoreboard; an attack that is still open is not named.

    Args:
        offensive: From the mission log.
        attacks: The catalogue.
    """
    rows = tuple(
        _row(number, played, attacks.get(played.attack))
        for number, played in enumerate(offensive.rounds, start=1)
    )
    return Scoreboard(
        seed=offensive.seed, player=offensive.player, planned=len(offensive.sequence), rows=rows
    )


def texts(row: Row) -> tuple[str, ...]:
    """Return the texts of one row, one a column of `COLUMNS`."""
    return (
        str(row.number),
        row.title,
        row.layer,
        f"{row.caught_by} ({row.reason})" if row.caught_by else UNKNOWN,
        UNKNOWN if row.detect_s is None else seconds(row.detect_s),
        UNKNOWN if row.recover_s is None else seconds(row.recover_s),
        f"{row.ending.symbol} {row.ending.value}",
        str(row.hints),
        str(row.points),
    )


def total_texts(board: Scoreboard) -> tuple[str, ...]:
    """Return the texts of the last row: sums, and means of the times."""
    detect, recover = board.mean_detect_s, board.mean_recover_s
    return (
        "",
        "Total",
        "",
        f"{board.caught} of {len(board.rows)}",
        UNKNOWN if detect is None else f"mean {seconds(detect)}",
        UNKNOWN if recover is None else f"mean {seconds(recover)}",
        f"{board.slipped} slipped" if board.slipped else "",
        str(sum(row.hints for row in board.rows)),
        str(board.points),
    )


def as_text(board: Scoreboard) -> str:
    """Return the scoreboard as aligned plain text, its headline first."""
    lines = [COLUMNS, *(texts(row) for row in board.rows), total_texts(board)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join(
        [board.headline, *(line.rstrip() for line in (shown[0], rule, *shown[1:-1], rule, shown[-1]))]
    )


def _row(number: int, played: Round, attack: Attack | None) -> Row:
    is_told = played.ending is not Ending.OPEN
    return Row(
        number=number,
        attack=played.attack if is_told else HIDDEN,
        title=HIDDEN if not is_told else attack.title if attack else played.attack,
        layer=HIDDEN if not is_told else _layer(attack.phase) if attack else UNKNOWN,
        caught_by=played.caught_by,
        reason=played.reason,
        detect_s=_rounded(played.detect_s),
        recover_s=_rounded(played.recover_s),
        ending=played.ending,
        hints=played.hints,
        points=points(played, attack) if attack else 0,
    )


def _layer(name: str) -> str:
    try:
        return phases.phase(name).title
    except UnknownPhase:
        return name


def _rounded(elapsed_s: float | None) -> float | None:
    return None if elapsed_s is None else round(elapsed_s, 3)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 3) if known else None
