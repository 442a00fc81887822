"""The game in a terminal: rounds, a countdown, and a handful of words to type."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from chaos_lib.campaign.gates import OnGate, require_steady
from chaos_lib.campaign.ground import GameGround
from chaos_lib.campaign.rounds import Campaign
from chaos_lib.cli.interrupts import undisturbed
from chaos_lib.errors import ChaosError
from chaos_lib.ui import campaign_cards, cards
from chaos_lib.ui.card import Card, Part, PartKind, Tone

FINISHED, TIME_IS_UP, QUIT, STOPPED = "finished", "time is up", "quit", "stopped"


@dataclass(frozen=True)
class Work:
    """Where a long step tells how far it is.

    Attributes:
        on_gate: Told before each gate.
        on_line: Told each line of a gate's output.
    """

    on_gate: OnGate
    on_line: Callable[[str], None]


class Terminal(Protocol):
    """Where the game is played."""

    def ask(self, prompt: str) -> str | None:
        """Return what was typed; None at the end of the input."""
        ...

    def show(self, card: Card) -> None:
        """Show a card."""
        ...

    def say(self, text: str) -> None:
        """Print a line."""
        ...

    def working(self, doing: str) -> AbstractContextManager[Work]:
        """Show that something takes time, while the block lasts."""
        ...


# What is typed: the word of each command, what it does, and other words for it.
COMMANDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "look": ("run the pipeline: the gates in order, until one is red", ("l", "run", "investigate")),
    "diff": ("show which files changed since all was well", ("d",)),
    "hint": ("take the next hint; it costs points", ("h",)),
    "check": ("ask the red gate whether your fix holds", ("c", "fix", "fixed")),
    "back": ("roll back: everything as it was, for half of the points", ("b", "roll back", "rollback", "undo")),
    "healthy": ("report that nothing is wrong", ("ok", "report healthy")),
    "score": ("show how every round went", ("s", "scores")),
    "help": ("show this", ("?",)),
    "quit": ("end the game; what is open is undone, your score is kept", ("q", "exit")),
}  # fmt: skip
_MEANINGS = {word: name for name, (_, others) in COMMANDS.items() for word in (name, *others)}


def meaning_of(typed: str) -> str:
    """Return the command that was meant; empty for none."""
    return _MEANINGS.get(" ".join(typed.casefold().split()), "")


class Game:
    """One game.

    Args:
        ground: Where it is played.
        terminal: How it is played.
        seed: Of the draw.
        minutes: How long it may take.
        count: How many attacks are drawn.
        player: Who plays.
    """

    def __init__(
        self,
        ground: GameGround,
        terminal: Terminal,
        *,
        seed: int,
        minutes: float,
        count: int,
        player: str,
    ) -> None:
        self._ground = ground
        self._terminal = terminal
        self._minutes = minutes
        mission = ground.mission
        self.campaign = Campaign.begin(mission, seed=seed, count=count, player=player, minutes=minutes)
        self._deadline = mission.now() + minutes * 60

    def play(self) -> str:
        """Play until all is played, the time is up, or the player has enough; the score is entered in each case.

        Returns:
            How it ended.

        Raises:
            KeyboardInterrupt: Ctrl-C; everything was brought back, and the score is entered.
            AttackRefused: The finished project is red on this machine: there is nothing to play with.
        """
        how = STOPPED
        try:
            self._open()
            how = self._rounds()
        finally:
            with undisturbed():
                self._end(how)
        return how

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return max(0.0, self._deadline - self._ground.mission.now())

    def _open(self) -> None:
        story = self.campaign.story
        with self._terminal.working("Is all green before we begin?") as work:
            require_steady(self._ground.mission, story.gates, on_gate=work.on_gate, on_line=work.on_line)
        # The clock starts when the game does, not while the gates warm up.
        self._deadline = self._ground.mission.now() + self._minutes * 60
        self._terminal.show(
            Card(
                Tone.VILLAIN, "⚔", "GAME", f"{len(story.sequence)} attacks, {self._minutes:g} minutes, seed {story.seed}", (), (
                    Part("You will not know what I did. You will not even know whether I did anything.", "The Chaos Agent says"),
                    Part(f"{self._ground.mission.workspace.folder}", "Your workspace: edit there, in any editor", PartKind.OUTPUT),
                    Part(_help(), "What you can type", PartKind.OUTPUT),
                ),
            )
        )  # fmt: skip

    def _rounds(self) -> str:
        while not self.campaign.is_over:
            if not self.left_s:
                return self._time_is_up()
            if self.campaign.current is None:
                self._next()
                continue
            typed = self._terminal.ask(self._prompt())
            if typed is None:
                return QUIT
            if not self.left_s:
                return self._time_is_up()
            command = meaning_of(typed)
            if command == "quit":
                return QUIT
            if typed.strip():
                self._obey(command, typed)
        return FINISHED

    def _next(self) -> None:
        self._ground.put_back()
        with self._terminal.working("The Chaos Agent is at work") as work:
            alarm = self.campaign.next(on_gate=work.on_gate, on_line=work.on_line)
        self._terminal.show(campaign_cards.alarm(alarm))

    def _prompt(self) -> str:
        story, left = self.campaign.story, round(self.left_s)
        return f"[round {len(story.rounds)} of {len(story.sequence)}, {left // 60}:{left % 60:02} left] > "

    def _obey(self, command: str, typed: str) -> None:
        """Do what was typed; an error is shown, and the game goes on."""
        try:
            self._act(command, typed)
        except ChaosError as exc:
            self._terminal.show(cards.error(exc))

    def _act(self, command: str, typed: str) -> None:
        campaign, terminal = self.campaign, self._terminal
        if command == "look":
            with terminal.working("Running the pipeline") as work:
                run = campaign.investigate(on_gate=work.on_gate, on_line=work.on_line)
            terminal.show(campaign_cards.gates(run))
        elif command == "check":
            with terminal.working("Checking your fix") as work:
                checked = campaign.check_fix(on_gate=work.on_gate, on_line=work.on_line)
            terminal.show(campaign_cards.fix(checked))
        elif command == "hint":
            terminal.show(cards.hint(campaign.hint()))
        elif command == "back":
            terminal.show(campaign_cards.outcome(campaign.roll_back()))
        elif command == "healthy":
            ended = campaign.report_healthy()
            terminal.show(campaign_cards.not_healthy() if ended is None else campaign_cards.outcome(ended))
        elif command == "diff":
            terminal.say(self._ground.mission.workspace.changes() or "No file has changed.")
        elif command == "score":
            terminal.say(str(campaign.scoreboard().headline))
        elif command == "help":
            terminal.say(_help())
        else:
            near = difflib.get_close_matches(typed.strip().casefold(), _MEANINGS, n=1)
            meant = f" Did you mean `{_MEANINGS[near[0]]}`?" if near else ""
            terminal.say(f"`{typed.strip()}` is no command.{meant} `help` lists them.")

    def _time_is_up(self) -> str:
        self._terminal.say("Time is up.")
        return TIME_IS_UP

    def _end(self, how: str) -> None:
        self.campaign.give_up()
        if self.campaign.story.rounds:
            # Entered before it is finished: a kill between the two is made good by the next start.
            self._ground.enter_score(self.campaign, how)
        self.campaign.finish()


def _help() -> str:
    width = max(len(name) for name in COMMANDS)
    return "\n".join(f"{name.ljust(width)}  {words}" for name, (words, _) in COMMANDS.items())
