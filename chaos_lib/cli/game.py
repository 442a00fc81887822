"""`opchaos game`."""

from __future__ import annotations

import contextlib
import getpass
import secrets
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.text import Text

from chaos_lib.campaign.ground import own_ground, scores_of
from chaos_lib.campaign.high_scores import HighScores
from chaos_lib.campaign.scoreboard import COLUMNS, UNKNOWN, Scoreboard, texts, total_texts
from chaos_lib.cli import card_view
from chaos_lib.cli.game_loop import QUIT, Game, Work
from chaos_lib.cli.interrupts import undisturbed
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import Session, begin
from chaos_lib.errors import Interrupted, InvalidInput
from chaos_lib.lab.facility import Progress
from chaos_lib.ui.card import Card
from chaos_lib.ui.marks import seconds

app, this_command = command(
    "opchaos game",
    "opchaos game --seed 7 --minutes 15",
    "opchaos game --scores",
    "opchaos --tier embedded game --script moves.txt --json",
)
_LONGEST_NAME = 40
_LONGEST_MINUTES = 240
_LARGEST_SEED = 9999


@this_command
def game(
    ctx: typer.Context,
    seed: Annotated[
        int | None,
        typer.Option(help="Of the draw: the same seed is the same game [dim](default: any)[/dim]."),
    ] = None,
    minutes: Annotated[float, typer.Option(help="How long it may take.")] = 15.0,
    attacks: Annotated[
        int | None, typer.Option(help="How many attacks are drawn [dim](default: one for two minutes)[/dim].")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Who plays [dim](default: your user name)[/dim].")] = None,
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Read the moves from a file, one a line; `-` is standard input."),
    ] = None,
    scores: Annotated[bool, typer.Option("--scores", help="Show the high scores; play nothing.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the scoreboard as one JSON object at the end, for programs.")
    ] = False,
) -> None:
    """Play the Chaos Agent's offensive: attacks of rising difficulty, against the clock.

    It is played in a copy of the finished project beside your mission; your workspace is not touched. Ctrl-C brings everything
    back and keeps your score.
    """
    session = begin(ctx)
    table_of_scores = scores_of(session.settings)
    if scores:
        _show_scores(table_of_scores, session)
        return
    if not 0 < minutes <= _LONGEST_MINUTES:
        raise InvalidInput(
            f"A game of {minutes:g} minutes makes no sense.", fix=f"Choose up to {_LONGEST_MINUTES}."
        )
    count = attacks if attacks is not None else max(3, round(minutes / 2))
    if count < 1:
        raise InvalidInput(f"A game of {count} attacks makes no sense.", fix="Choose 1 or more.")
    player = _player(name)
    chosen = seed if seed is not None else secrets.randbelow(_LARGEST_SEED) + 1
    with _moves(script) as moves:
        # For programs standard output is kept for the JSON.
        screen = Screen(session.err if as_json else session.out, session.err, moves)
        board, how = _play(session, screen, seed=chosen, minutes=minutes, count=count, player=player)
    if as_json:
        typer.echo(board.to_json(), nl=False)
        return
    _show_board(board, session)
    words = "You stopped early" if how == QUIT else how.capitalize()
    say(session.out, f"{words}. `opchaos game --seed {chosen}` is the same game again.")
    _show_scores(table_of_scores, session)


def _play(
    session: Session, screen: Screen, *, seed: int, minutes: float, count: int, player: str
) -> tuple[Scoreboard, str]:
    stack = contextlib.ExitStack()
    try:
        with LabProgress(session.err) as progress:
            ground = stack.enter_context(own_ground(session.settings, progress))
        if ground.cut_off is not None:
            say(
                session.err,
                f"Your last game was cut off: it is healed, and its {ground.cut_off} points are kept.",
                "yellow",
            )
        played = Game(ground, screen, seed=seed, minutes=minutes, count=count, player=player)
        try:
            how = played.play()
        except KeyboardInterrupt:
            raise Interrupted(
                "Stopped. Everything is as it was, and your score is kept.",
                evidence=played.campaign.scoreboard().headline,
                fix=f"`opchaos game --seed {seed}` plays the same game again, `opchaos game --scores` shows the scores.",
            ) from None
        return played.campaign.scoreboard(), how
    finally:
        with undisturbed(lambda: say(session.err, "Putting everything away; Ctrl-C again to leave it.")):
            stack.close()


class Screen:
    """The terminal, or a file of moves.

    Args:
        out: Where the game is shown.
        err: Where progress is shown.
        moves: Where moves are read from.
    """

    def __init__(self, out: Console, err: Console, moves: TextIO) -> None:
        self._out = out
        self._err = err
        self._moves = moves
        self._is_typed = moves is sys.stdin and moves.isatty()

    def ask(self, prompt: str) -> str | None:
        """Return the next move; None at the end of the input."""
        if self._is_typed:
            try:
                return input(prompt)
            except EOFError:
                return None
        line = self._moves.readline()
        if not line:
            return None
        self.say(f"{prompt}{line.rstrip()}")
        return line

    def show(self, card: Card) -> None:
        """Show a card."""
        card_view.show(card, self._out)

    def say(self, text: str) -> None:
        """Print a line."""
        self._out.print(Text(text), soft_wrap=not self._out.is_terminal)

    @contextlib.contextmanager
    def working(self, doing: str) -> Iterator[Work]:
        """Show each gate while it is asked."""
        with LabProgress(self._err, is_transient=True) as progress:
            progress(Progress(doing))

            def on_gate(name: str, number: int, total: int) -> None:
                progress(Progress(name, f"gate {number} of {total}"))

            yield Work(on_gate, progress.line)


@contextlib.contextmanager
def _moves(script: Path | None) -> Iterator[TextIO]:
    if script is not None and str(script) != "-":
        if not script.is_file():
            raise InvalidInput(
                "There is no such file of moves.",
                evidence=str(script),
                fix="Write one move a line, such as `look`.",
            )
        with script.open(encoding="utf-8") as stream:
            yield stream
        return
    if script is None and not sys.stdin.isatty():
        raise InvalidInput(
            "The game wants a terminal to type in.",
            evidence="standard input is not one",
            fix="Start it in a terminal, or give the moves with `--script FILE` (`-` for standard input).",
        )
    yield sys.stdin


def _player(name: str | None) -> str:
    if name is None:
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):
            name = "player"  # a container may give its user no name
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            f"`{name}` is no name for the table of scores.",
            evidence=f"{len(name)} characters",
            fix=f"Give one of 1 to {_LONGEST_NAME} characters with `--name`.",
        )
    return name


def _show_board(board: Scoreboard, session: Session) -> None:
    shown = table(*COLUMNS)
    for row in board.rows:
        shown.add_row(*map(Text, texts(row)))
    shown.add_row(*(Text(cell, style="bold") for cell in total_texts(board)))
    session.out.print(shown)
    say(session.out, board.headline, "bold")


def _show_scores(scores: HighScores, session: Session) -> None:
    top = scores.top()
    if not top:
        say(session.out, "Nobody has played yet: `opchaos game` is the first game.")
        return
    shown = table(
        "", "Player", "Points", "Caught", "Detect", "Recover", "Game", "Tier", "When", "How it ended"
    )
    for place, score in enumerate(top, start=1):
        when = datetime.fromtimestamp(score.started_at, tz=timezone.utc).astimezone()
        shown.add_row(
            str(place),
            Text(score.player),
            str(score.points),
            f"{score.caught} of {score.played}",
            UNKNOWN if score.mean_detect_s is None else seconds(score.mean_detect_s),
            UNKNOWN if score.mean_recover_s is None else seconds(score.mean_recover_s),
            f"seed {score.seed}, {score.minutes:g} min",
            score.tier,
            f"{when:%Y-%m-%d %H:%M}",
            score.how,
        )
    session.out.print(shown)
