"""The panel of an offensive: a button for each move. No logic: a press is one call to the campaign."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from typing import Any, Protocol

import ipywidgets as widgets
from IPython.display import display

from chaos_lib.campaign.gates import GatesRun, OnGate
from chaos_lib.campaign.rounds import Alarm, FixChecked, Outcome
from chaos_lib.campaign.scoreboard import Scoreboard
from chaos_lib.campaign.timeline import Round
from chaos_lib.errors import ChaosError, Interrupted, InvalidInput
from chaos_lib.hints import Hint
from chaos_lib.ui import campaign_cards, cards, live
from chaos_lib.ui.announcer import Announcer
from chaos_lib.ui.campaign_board import BoardView
from chaos_lib.ui.card import Card
from chaos_lib.ui.live_log import LiveLog
from chaos_lib.ui.page import Living, Snapshot
from chaos_lib.ui.theme import STYLE


class Move(str, Enum):
    """The buttons."""

    NEXT = "next"
    INVESTIGATE = "investigate"
    HINT = "hint"
    CHECK_FIX = "check_fix"
    ROLL_BACK = "roll_back"
    REPORT_HEALTHY = "report_healthy"
    SCOREBOARD = "scoreboard"


# Label, tooltip, and what is said while it works.
_BUTTONS: Mapping[Move, tuple[str, str, str]] = {
    Move.NEXT: ("Next attack", "Let the Chaos Agent strike: you are not told where", "The Chaos Agent is at work…"),
    Move.INVESTIGATE: ("Run the pipeline", "Run the gates in order until one is red", "Running the pipeline…"),
    Move.HINT: ("Hint", "Take the next hint; it costs points", ""),
    Move.CHECK_FIX: ("Check my fix", "Ask the gate that was red whether your fix holds", "Checking your fix…"),
    Move.ROLL_BACK: ("Roll back", "Bring everything back as it was; counts half", "Bringing everything back…"),
    Move.REPORT_HEALTHY: ("Report healthy", "Say that nothing is wrong with the system", ""),
    Move.SCOREBOARD: ("Scoreboard", "Show how every round went", ""),
}  # fmt: skip


class CampaignDesk(Protocol):
    """What the panel needs of a campaign."""

    @property
    def current(self) -> Round | None:
        """The round that is open."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether every round has been played."""
        ...

    def next(self, *, on_gate: OnGate = ..., on_line: Callable[[str], None] | None = None) -> Alarm:
        """Launch the next attack."""
        ...

    def investigate(self, *, on_gate: OnGate = ..., on_line: Callable[[str], None] | None = None) -> GatesRun:
        """Run the pipeline."""
        ...

    def hint(self) -> Hint:
        """Give the next hint."""
        ...

    def check_fix(self, *, on_gate: OnGate = ..., on_line: Callable[[str], None] | None = None) -> FixChecked:
        """Ask whether a fix holds."""
        ...

    def roll_back(self) -> Outcome:
        """Bring everything back."""
        ...

    def report_healthy(self) -> Outcome | None:
        """Say that nothing is wrong."""
        ...

    def scoreboard(self) -> Scoreboard:
        """How every round went."""
        ...


class OffensivePanel(Living):
    """An offensive for JupyterLab; shows as plain text where there are no widgets.

    Args:
        campaign: Does everything that a button asks for.

    Attributes:
        campaign: The same.
        widget: The ipywidgets container.
        latest: What was shown last; None before the first move.
    """

    def __init__(self, campaign: CampaignDesk) -> None:
        super().__init__()
        self.campaign = campaign
        self.latest: Card | BoardView | None = None
        self.log = LiveLog("Live log of the gates")
        self._error: ChaosError | None = None
        self._is_working = False
        self._announcer = Announcer()
        self._state = widgets.HTML()
        self._busy = widgets.HTML()
        self._result = widgets.HTML()
        self.buttons: Mapping[Move, Any] = {move: self._button(move) for move in Move}
        row = widgets.Box(tuple(self.buttons.values()))
        row.add_class("oc-buttons")
        inside = widgets.VBox((self._state, row, self._busy, self.log.widget, self._result))
        inside.add_class("oc-attack")
        self.widget: Any = widgets.VBox((widgets.HTML(STYLE), inside, self._announcer))
        self.widget.add_class("oc-panel")
        self.refresh()
        live.watch(self)

    # The moves, as calls: each presses its button.

    def next(self) -> None:
        """Let the Chaos Agent strike; nobody says where."""
        self.press("next")

    def investigate(self) -> None:
        """Run the gates of the pipeline in order until one is red."""
        self.press("investigate")

    def hint(self) -> None:
        """Take the next hint."""
        self.press("hint")

    def check_fix(self) -> None:
        """Ask the gate that was red whether your fix holds."""
        self.press("check_fix")

    def roll_back(self) -> None:
        """Bring everything back as it was before the attack."""
        self.press("roll_back")

    def report_healthy(self) -> None:
        """Say that nothing is wrong with the system."""
        self.press("report_healthy")

    def scoreboard(self) -> BoardView:
        """Return how every round went."""
        return BoardView(self.campaign.scoreboard())

    def button(self, action: str) -> Any:
        """Return the real button, so that a cell or a headless run can `.click()` it.

        Args:
            action: `next`, `investigate`, `hint`, `check_fix`, `roll_back`, `report_healthy` or `scoreboard`.

        Raises:
            InvalidInput: There is no such button.
        """
        try:
            return self.buttons[Move(action)]
        except ValueError as exc:
            raise InvalidInput(
                f"This panel has no button `{action}`.",
                evidence=f"buttons: {', '.join(move.value for move in Move)}",
                fix="Choose a button of this panel.",
            ) from exc

    def press(self, action: str) -> None:
        """Press a button, show what came of it below the cell too, and raise what went wrong.

        Args:
            action: As for `button`.

        Raises:
            InvalidInput: There is no such button, or it cannot be pressed now.
            ChaosError: What the pressed button met.
        """
        button = self.button(action)
        if button.disabled:
            raise InvalidInput(
                f"“{button.description}” cannot be pressed now.",
                evidence=self._standing(),
                fix="Launch an attack, run the pipeline, then fix it, roll back, or report that all is healthy.",
            )
        button.click()
        if self._error is not None:
            raise self._error
        display(self.latest)

    def refresh(self) -> None:
        """Read the offensive again and show it."""
        try:
            played, is_over = self.campaign.current, self.campaign.is_over
            standing = self._standing()
        except ChaosError as exc:
            self._state.value = cards.error(exc).body
            return
        self._state.value = f'<div class="oc"><p class="oc-p">{html.escape(standing)}</p></div>'
        usable = {Move.SCOREBOARD}
        if played is not None:
            usable |= {Move.INVESTIGATE, Move.HINT, Move.CHECK_FIX, Move.ROLL_BACK, Move.REPORT_HEALTHY}
        elif not is_over:
            usable |= {Move.NEXT}
        main = Move.NEXT if played is None else Move.CHECK_FIX if played.caught_by else Move.INVESTIGATE
        for move, button in self.buttons.items():
            button.disabled = self._is_working or move not in usable
            (button.add_class if move is main else button.remove_class)("oc-main")
        if not self._is_working:
            self.renew_snapshot()

    def _standing(self) -> str:
        board, played = self.campaign.scoreboard(), self.campaign.current
        if played is None:
            return f"The offensive is over. {board.headline}" if self.campaign.is_over else board.headline
        where = f"Round {len(board.rows)} of {board.planned}"
        if played.caught_by:
            return f"{where}: {played.caught_by} is red. Find the cause, fix it, then check."
        if played.is_all_green:
            return f"{where}: all gates are green. Is anything wrong?"
        return f"{where}: something may have happened. Run the pipeline."

    def _on_press(self, move: Move) -> None:
        # A second click may have been on its way while the first one worked.
        if self._is_working or self.buttons[move].disabled:
            return
        self._error = None
        self._work(move)
        try:
            self._show(self._act(move))
        except ChaosError as exc:
            self._fail(exc, cards.error(exc))
        except Exception as exc:  # shown as a card: a traceback in a widget helps nobody
            shown = cards.unexpected(exc)
            failure = ChaosError(shown.heading, evidence=f"{type(exc).__name__}: {exc}")
            failure.__cause__ = exc
            self._fail(failure, shown)
        except KeyboardInterrupt:
            stopped = Interrupted("Stopped.", fix="Press the button again when you are ready.")
            self._fail(stopped, cards.error(stopped))
            raise
        finally:
            self._is_working = False
            self.log.flush()
            self._busy.value = ""
            live.refresh_all()

    def _act(self, move: Move) -> Card | BoardView:
        campaign = self.campaign
        if move is Move.NEXT:
            return campaign_cards.alarm(campaign.next(on_gate=self._on_gate, on_line=self.log.add))
        if move is Move.INVESTIGATE:
            return campaign_cards.gates(campaign.investigate(on_gate=self._on_gate, on_line=self.log.add))
        if move is Move.HINT:
            return cards.hint(campaign.hint())
        if move is Move.CHECK_FIX:
            return campaign_cards.fix(campaign.check_fix(on_gate=self._on_gate, on_line=self.log.add))
        if move is Move.ROLL_BACK:
            return campaign_cards.outcome(campaign.roll_back())
        if move is Move.REPORT_HEALTHY:
            ended = campaign.report_healthy()
            return campaign_cards.not_healthy() if ended is None else campaign_cards.outcome(ended)
        return BoardView(campaign.scoreboard())

    def _work(self, move: Move) -> None:
        self._is_working = True
        for button in self.buttons.values():
            button.disabled = True
        doing = _BUTTONS[move][2]
        if doing:
            self.latest = None
            self._result.value = ""
            self.log.start()
            self._show_busy(doing)

    def _on_gate(self, name: str, number: int, total: int) -> None:
        self._show_busy(f"{name} ({number} of {total})…")

    def _show_busy(self, doing: str) -> None:
        self._busy.value = (
            f'<div class="oc oc-villain"><div class="oc-label">{html.escape(doing)}</div>'
            '<div class="oc-bar oc-busy"><div class="oc-fill"></div></div></div>'
        )
        self._say(doing)

    def _show(self, shown: Card | BoardView) -> None:
        self.latest = shown
        self._result.value = shown.body
        self._say(f"{shown.word}. {shown.heading}" if isinstance(shown, Card) else shown.board.headline)

    def _fail(self, error: ChaosError, shown: Card) -> None:
        self._error = error
        self._show(shown)
        self._say(f"Problem: {error.what}")

    def _say(self, message: str) -> None:
        self._announcer.message = message

    def _button(self, move: Move) -> Any:
        label, tooltip, _ = _BUTTONS[move]
        button = widgets.Button(description=label, tooltip=tooltip)
        button.add_class("oc-btn")
        button.on_click(lambda _: self._on_press(move))
        # ipywidgets handles the click first, then calls this: only for a press in the page, never for `.click()`.
        button.on_msg(partial(self._after_page_press, move))
        return button

    def _after_page_press(self, move: Move, *_: Any) -> None:
        # A button that was disabled while it worked has lost the keyboard's focus: give it back, or to the next move.
        button = self.buttons[move]
        if button.disabled:
            usable = [each for each in self.buttons.values() if not each.disabled]
            button = usable[0] if usable else button
        button.focus()

    @property
    def snapshot(self) -> Snapshot:
        """The panel as it stands, without the buttons."""
        latest = "" if self.latest is None else f"\n\n{self.latest.text}"
        return Snapshot(
            f'{STYLE}<div class="oc-attack">{self._state.value}{self.log.widget.value}{self._result.value}</div>',
            f"⚔ The offensive\n{self._standing()}{latest}",
        )
