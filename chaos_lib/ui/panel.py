"""The attack panel: a card with real buttons for each attack. No logic: a press is one call to the mission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as widgets
from IPython.display import display

from chaos_lib.errors import ChaosError, Interrupted, InvalidInput
from chaos_lib.ui import cards, live
from chaos_lib.ui.announcer import Announcer
from chaos_lib.ui.attack_card import Action, AttackCard
from chaos_lib.ui.card import Card
from chaos_lib.ui.marks import CardState, tier_mark
from chaos_lib.ui.page import Living, Snapshot
from chaos_lib.ui.theme import STYLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_lib.attacks.base import Attack
    from chaos_lib.defences.base import Verdict
    from chaos_lib.experiment import Healed
    from chaos_lib.hints import Hint
    from chaos_lib.mission import AttackState
    from chaos_lib.settings import Tier


class MissionDesk(Protocol):
    """What the panel needs of a mission."""

    def attack(self, name: str) -> Attack:
        """Return an attack by name."""
        ...

    def state_of(self, name: str) -> AttackState:
        """Where an attack is in its life."""
        ...

    def tier_for(self, attack: Attack) -> Tier:
        """The tier that an attack plays on."""
        ...

    def launch(self, name: str) -> Attack:
        """Launch an attack."""
        ...

    def defend(self, name: str, on_line: Callable[[str], None] | None = None) -> Verdict:
        """Run a defence."""
        ...

    def hint(self, name: str) -> Hint:
        """Give the next hint."""
        ...

    def undo(self, name: str) -> Healed:
        """Undo an attack."""
        ...


class AttackPanel(Living):
    """A panel of attack cards for JupyterLab; shows as plain text where there are no widgets.

    Args:
        mission: Does everything that a button asks for.
        names: The attacks, in the order shown.

    Raises:
        UnknownAttack: One of the names is no attack.

    Attributes:
        widget: The ipywidgets container.
    """

    def __init__(self, mission: MissionDesk, names: Sequence[str]) -> None:
        super().__init__()
        self._mission = mission
        self._cards: Mapping[str, AttackCard] = {
            name: AttackCard(
                mission.attack(name), mission.tier_for(mission.attack(name)), partial(self._on_press, name)
            )
            for name in names
        }
        self._errors: dict[str, ChaosError] = {}
        self._is_working = False
        self._trouble = widgets.HTML()
        self._announcer = Announcer()
        self.widget: Any = widgets.VBox(
            (
                widgets.HTML(STYLE),
                self._trouble,
                *(card.widget for card in self._cards.values()),
                self._announcer,
            )
        )
        self.widget.add_class("oc-panel")
        for card in self._cards.values():
            for action, button in card.buttons.items():
                # ipywidgets handles the click first, then calls this: only for a press in the page, never for `.click()`.
                button.on_msg(partial(self._after_page_press, card, action))
        self.refresh()
        live.watch(self)

    def button(self, action: str, name: str) -> Any:
        """Return the real button, so that a cell or a headless run can `.click()` it.

        Args:
            action: `launch`, `symptom`, `hint`, `command` or `undo`.
            name: The attack.

        Raises:
            InvalidInput: There is no such button.
        """
        try:
            return self._cards[name].buttons[Action(action)]
        except (KeyError, ValueError) as exc:
            raise InvalidInput(
                f"This panel has no button `{action}` for `{name}`.",
                evidence=f"attacks: {', '.join(self._cards)}; buttons: {', '.join(a.value for a in Action)}",
                fix="Choose an attack and a button of this panel.",
            ) from exc

    def press(self, action: str, name: str = "") -> None:
        """Press a button, show what came of it below the cell too, and raise what went wrong.

        Launching an attack that is at work already does nothing: somebody clicked the button first.

        Args:
            action: `launch`, `symptom`, `hint`, `command` or `undo`.
            name: The attack; may be left out when the panel has only one.

        Raises:
            InvalidInput: There is no such button, or it cannot be pressed in this state.
            ChaosError: What the pressed button met.
        """
        name = name or (next(iter(self._cards)) if len(self._cards) == 1 else "")
        button = self.button(action, name)
        if button.disabled:
            if action == Action.LAUNCH.value and self._cards[name].state is CardState.BROKEN:
                display(self._at_work(name))
                return
            raise InvalidInput(
                f"“{button.description}” of `{name}` cannot be pressed now.",
                evidence=f"the attack is {self._cards[name].state.value}",
                fix="Launch an attack before undoing it, and undo or fix it before launching it again.",
            )
        button.click()
        if name in self._errors:
            raise self._errors[name]
        # The panel may be out of sight, a screen or two further up.
        display(self._at_work(name) if action == Action.LAUNCH.value else self._cards[name].latest)

    def _at_work(self, name: str) -> Card:
        look = self._cards[name].buttons[Action.SYMPTOM].description
        return cards.at_work(
            self._cards[name].attack, f"Press `{look}` on the card above, or run the next cell."
        )

    def card(self, name: str) -> AttackCard:
        """Return the card of an attack, to look at what it shows."""
        return self._cards[name]

    @staticmethod
    def refresh_all() -> None:
        """Refresh every panel that is shown: for cells that change the mission's state."""
        live.refresh_all(AttackPanel)

    def refresh(self) -> None:
        """Read every attack's state again and show it."""
        self._trouble.value = ""
        for name, card in self._cards.items():
            try:
                state = CardState(self._mission.state_of(name).value)
            except ChaosError as exc:
                self._trouble.value = cards.error(exc).body
                return
            if state is not card.state:
                self._say(f"{card.attack.title}: {state.value}.")
            card.show_state(state, is_working=self._is_working)
        if not self._is_working:
            self.renew_snapshot()

    def _on_press(self, name: str, action: Action) -> None:
        card = self._cards[name]
        # A second click may have been on its way while the first one worked.
        if self._is_working or card.buttons[action].disabled:
            return
        self._errors.pop(name, None)
        self._work(card, action)
        try:
            self._act(name, card, action)
        except ChaosError as exc:
            self._fail(name, exc, cards.error(exc))
        except Exception as exc:  # shown as a card: a traceback in a widget helps nobody
            shown = cards.unexpected(exc)
            failure = ChaosError(shown.heading, evidence=f"{type(exc).__name__}: {exc}")
            failure.__cause__ = exc
            self._fail(name, failure, shown)
        except KeyboardInterrupt:
            stopped = Interrupted("Stopped.", fix="Press the button again when you are ready.")
            self._fail(name, stopped, cards.error(stopped))
            raise
        finally:
            self._is_working = False
            card.log.flush()
            card.show_busy("")
            live.refresh_all()

    def _act(self, name: str, card: AttackCard, action: Action) -> None:
        mission = self._mission
        if action is Action.LAUNCH:
            mission.launch(name)
            card.clear()
        elif action is Action.SYMPTOM:
            verdict = mission.defend(card.attack.defence, card.log.add)
            card.show_verdict(verdict)
            self._say(f"{verdict.defence}: {'green' if verdict.is_green else 'red'}. {verdict.summary}")
        elif action is Action.HINT:
            hint = mission.hint(name)
            card.show_hint(hint)
            self._say(f"Hint: {hint.text}")
        elif action is Action.COMMAND:
            mission.attack(name)
            card.show_command()
            self._say(f"{cards.PRACTITIONER}: {card.attack.command}")
        else:
            healed = mission.undo(name)
            card.clear()
            card.show_result(cards.healed(healed))

    def _work(self, card: AttackCard, action: Action) -> None:
        self._is_working = True
        for other in self._cards.values():
            other.show_state(other.state, is_working=True)
        if action is Action.LAUNCH:
            card.show_state(CardState.LAUNCHING, is_working=True)
            card.show_busy("Launching the attack…")
        elif action is Action.SYMPTOM:
            card.start_run()
            card.show_busy(f"Running {card.attack.defence}…")
            self._say(f"Running {card.attack.defence}.")
        elif action is Action.UNDO:
            card.show_busy("Bringing everything back…")

    def _fail(self, name: str, error: ChaosError, shown: Card) -> None:
        self._errors[name] = error
        self._cards[name].show_result(shown)
        self._say(f"Problem: {error.what}")

    def _say(self, message: str) -> None:
        self._announcer.message = message

    def _after_page_press(self, card: AttackCard, action: Action, *_: Any) -> None:
        # A button that was disabled while it worked has lost the keyboard's focus: give it back, or to the next move.
        button = card.buttons[action]
        if button.disabled:
            button = card.buttons[Action.SYMPTOM if card.state is CardState.BROKEN else Action.LAUNCH]
        button.focus()

    @property
    def snapshot(self) -> Snapshot:
        """Every card as it stands, without the buttons."""
        shown = [panel_text(self._mission, list(self._cards))]
        shown += [card.latest.text for card in self._cards.values() if card.latest is not None]
        return Snapshot(
            STYLE + self._trouble.value + "".join(card.html for card in self._cards.values()),
            "\n\n".join(shown),
        )


def panel_text(mission: MissionDesk, names: Sequence[str]) -> str:
    """Return the panel for terminals: the same facts, and what to type instead of pressing buttons."""
    return "\n\n".join(_card_text(mission, name) for name in names)


def _card_text(mission: MissionDesk, name: str) -> str:
    attack = mission.attack(name)
    tier = mission.tier_for(attack)
    state = CardState(mission.state_of(name).value)
    plays = tier_mark(tier) if tier in attack.tiers else f"needs {' or '.join(map(tier_mark, attack.tiers))}"
    facts = (attack.difficulty.value, f"{attack.minutes} min", "core" if attack.is_core else "bonus", plays)
    return "\n".join(
        [
            f"{attack.emoji} {attack.title}  ({', '.join(facts)})",
            f"   State: {state.mark}",
            f"   The Chaos Agent says: “{attack.story}”",
            f"   Caught by the defence: {attack.defence}",
            f"   Launch: opchaos attack {name}    Undo: opchaos heal {name}",
            f"   {cards.PRACTITIONER}: {attack.command}",
        ]
    )
