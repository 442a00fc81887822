"""One attack's card in the panel: what it looks like in each state. It decides nothing."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import ipywidgets as widgets

from chaos_lib.attacks.base import Attack
from chaos_lib.defences.base import Verdict
from chaos_lib.hints import Hint
from chaos_lib.settings import Tier
from chaos_lib.ui import cards
from chaos_lib.ui.card import Card, inline
from chaos_lib.ui.live_log import LiveLog
from chaos_lib.ui.marks import CardState, tier_mark


class Action(str, Enum):
    """The buttons of a card."""

    LAUNCH = "launch"
    SYMPTOM = "symptom"
    HINT = "hint"
    COMMAND = "command"
    UNDO = "undo"


_LABELS: Mapping[Action, str] = {
    Action.LAUNCH: "Launch attack",
    Action.SYMPTOM: "See the symptom",
    Action.HINT: "Hint",
    Action.COMMAND: "Command",
    Action.UNDO: "Undo",
}
# The button that runs the defence says what for: to look, to see the damage, or to prove a fix.
_LOOK, _PROVE = "Run the defence", "Check my fix"
_TOOLTIPS: Mapping[Action, str] = {
    Action.LAUNCH: "Launch the attack “{title}” on your workspace; it can be undone at any time",
    Action.SYMPTOM: "Run the defence {defence}: it must catch “{title}”",
    Action.HINT: "Take the next hint for “{title}”",
    Action.COMMAND: "Show what a practitioner types to see “{title}”",
    Action.UNDO: "Undo “{title}”: bring every file back as it was",
}


class AttackCard:
    """The widgets of one attack.

    Args:
        attack: What is shown.
        tier: The tier it would play on now.
        on_press: Called with the action when a button is pressed.

    Attributes:
        widget: What to put on the page.
        buttons: The real buttons.
        log: Lines of the running defence.
        state: The state shown.
        latest: The card that was shown last; None before the first.
    """

    def __init__(self, attack: Attack, tier: Tier, on_press: Callable[[Action], None]) -> None:
        self.attack = attack
        self.state = CardState.IDLE
        self.log = LiveLog(f"Live log of {attack.defence}")
        self.latest: Card | None = None
        self._has_seen_red = False
        self.buttons: Mapping[Action, Any] = {action: self._button(action, on_press) for action in Action}
        self._head = widgets.HTML(_head(attack, tier))
        self._state = widgets.HTML()
        self._busy = widgets.HTML()
        self._hint = widgets.HTML()
        self._command = widgets.HTML()
        self._result = widgets.HTML()
        self._end = widgets.HTML()
        row = widgets.Box(tuple(self.buttons.values()))
        row.add_class("oc-buttons")
        self.widget: Any = widgets.VBox(
            (
                self._head, self._state, row, self._busy, self.log.widget,
                self._result, self._hint, self._command, self._end,
            )
        )  # fmt: skip
        self.widget.add_class("oc-attack")

    def show_state(self, state: CardState, *, is_working: bool = False) -> None:
        """Show a state: its mark, which buttons can be pressed, and the celebration once it is caught."""
        is_broken = state is CardState.BROKEN
        if self.state is CardState.BROKEN and not is_broken and self._has_seen_red:
            # Caught or undone from elsewhere, such as a check's cell: the red verdict is no longer true.
            self._has_seen_red = False
            self.latest = None
            self._result.value = ""
        self.state = state
        self._state.value = (
            f'<div class="oc {state.css}"><span class="oc-state" role="img" aria-label="State: {state.value}">'
            f"{state.mark}</span> {inline(self.next_move)}</div>"
        )
        for action, button in self.buttons.items():
            usable = (
                is_broken if action is Action.UNDO else not is_broken if action is Action.LAUNCH else True
            )
            button.disabled = is_working or not usable
        damage = _PROVE if self._has_seen_red else _LABELS[Action.SYMPTOM]
        self.buttons[Action.SYMPTOM].description = damage if is_broken else _LOOK
        main = Action.SYMPTOM if is_broken else Action.LAUNCH if state is CardState.IDLE else None
        for action, button in self.buttons.items():
            (button.add_class if action is main else button.remove_class)("oc-main")
        self._end.value = self._celebration() if state is CardState.CAUGHT else ""

    @property
    def next_move(self) -> str:
        """What the learner can do now, in one sentence."""
        attack = self.attack
        broken = "Something is broken. See the symptom, then find the cause."
        return {
            CardState.IDLE: f"All is well. The defence `{attack.defence}` stands guard.",
            CardState.LAUNCHING: "The Chaos Agent is at work…",
            CardState.BROKEN: "Find the cause, fix it, and look again." if self._has_seen_red else broken,
            CardState.CAUGHT: f"Your fix holds: `{attack.defence}` is green.",
            CardState.HEALED: "Everything is back as it was.",
        }[self.state]

    def show_busy(self, doing: str) -> None:
        """Show that work goes on; an empty text ends it."""
        self._busy.value = doing and (
            f'<div class="oc oc-villain"><div class="oc-label">{html.escape(doing)}</div>'
            '<div class="oc-bar oc-busy"><div class="oc-fill"></div></div></div>'
        )

    def start_run(self) -> None:
        """Take away the last verdict and log: they must not be taken for those of the run that begins."""
        self.latest = None
        self._result.value = ""
        self.log.start()

    def show_verdict(self, verdict: Verdict) -> None:
        """Show what the defence said."""
        self._has_seen_red = not verdict.is_green
        self._show(self._result, cards.verdict(verdict))

    def show_result(self, card: Card) -> None:
        """Show a heal or an error in the place of the verdict."""
        self._show(self._result, card)

    def show_hint(self, hint: Hint) -> None:
        """Show a hint."""
        self._show(self._hint, cards.hint(hint))

    def show_command(self) -> None:
        """Show the practitioner's command."""
        self._show(self._command, cards.command(self.attack))

    @property
    def html(self) -> str:
        """The card as it stands, without its buttons: for pages without widgets."""
        parts = (self._head, self._state, self.log.widget, self._result, self._hint, self._command, self._end)
        return f'<div class="oc-attack">{"".join(part.value for part in parts)}</div>'

    def clear(self) -> None:
        """Take away what belongs to the time before a launch."""
        self.latest = None
        self._has_seen_red = False
        for part in (self._result, self._hint, self._command):
            part.value = ""
        self.log.start()

    def _show(self, place: Any, card: Card) -> None:
        self.latest = card
        place.value = card.body

    def _celebration(self) -> str:
        attack = self.attack
        return (
            f'<div class="oc"><div class="oc-party"><span aria-hidden="true">🎉</span> Caught! '
            f"“{inline(attack.title)}” did not get past you.</div>"
            f"<details><summary>Debrief: why this happens in real life</summary>{cards.debrief(attack).body}"
            "</details></div>"
        )

    def _button(self, action: Action, on_press: Callable[[Action], None]) -> Any:
        tooltip = _TOOLTIPS[action].format(title=self.attack.title, defence=self.attack.defence)
        button = widgets.Button(description=_LABELS[action], tooltip=tooltip)
        button.add_class("oc-btn")
        button.on_click(lambda _: on_press(action))
        return button


def _head(attack: Attack, tier: Tier) -> str:
    plays = tier_mark(tier) if tier in attack.tiers else f"needs {' or '.join(map(tier_mark, attack.tiers))}"
    facts = (attack.difficulty.value, f"{attack.minutes} min", "core" if attack.is_core else "bonus", plays)
    badges = " ".join(f'<span class="oc-badge">{html.escape(fact)}</span>' for fact in facts)
    return (
        f'<div class="oc"><div class="oc-top"><span class="oc-emoji" aria-hidden="true">{html.escape(attack.emoji)}'
        '</span><div style="flex:1"><div class="oc-head">'
        f'<span class="oc-name" role="heading" aria-level="4">{inline(attack.title)}</span> '
        f'<span class="oc-badges">{badges}</span></div>'
        f'<p class="oc-quote">{inline(attack.story)}</p></div></div></div>'
    )
