from __future__ import annotations

from collections.abc import Callable

import pytest

from chaos_lib.errors import ChaosError, Interrupted, InvalidInput, UnknownAttack
from chaos_lib.mission import AttackState
from chaos_lib.settings import Tier
from chaos_lib.ui.attack_card import Action
from chaos_lib.ui.panel import AttackPanel, panel_text

from .fake_mission import HOSTILE, FakeMission, an_attack, an_error

NAME = "service_absent"


@pytest.fixture
def panel(mission: FakeMission) -> AttackPanel:
    return AttackPanel(mission, [NAME])


def state_shown(panel: AttackPanel, name: str = NAME) -> str:
    return str(panel.card(name).html)


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("launch", [("launch", NAME)]),
        ("symptom", [("defend", "integration-tests")]),
        ("hint", [("hint", NAME)]),
        ("command", []),
    ],
)
def test_each_button_is_one_call_to_the_mission(
    mission: FakeMission, panel: AttackPanel, action: str, call: list[tuple[str, str]]
) -> None:
    before = mission.looks
    panel.button(action, NAME).click()
    assert mission.calls == call
    assert mission.looks - before == (1 if action == "command" else 0)


def test_undo_is_one_call_once_something_is_broken(mission: FakeMission, panel: AttackPanel) -> None:
    panel.press("launch", NAME)
    mission.calls.clear()
    panel.button("undo", NAME).click()
    assert mission.calls == [("undo", NAME)]
    assert "↺ healed" in state_shown(panel)
    assert "tests/integration/conftest.py" in state_shown(panel)


def test_the_life_of_an_attack_is_shown_by_symbol_and_word(mission: FakeMission, panel: AttackPanel) -> None:
    seen: list[str] = []
    mission.during = lambda: seen.append(state_shown(panel))
    assert "○ idle" in state_shown(panel)
    panel.press("launch", NAME)
    assert "◌ launching" in seen[0]
    assert "✗ broken" in state_shown(panel)
    panel.press("symptom", NAME)
    assert "✗ RED" in str(panel.card(NAME).latest)
    mission.is_fixed = True
    panel.press("symptom", NAME)
    assert "✓ caught" in state_shown(panel)


def test_a_caught_attack_is_celebrated_and_debriefed(mission: FakeMission, panel: AttackPanel) -> None:
    assert "Caught!" not in state_shown(panel)
    mission.states[NAME] = AttackState.CAUGHT
    panel.refresh()
    assert "Caught! “Nobody home” did not get past you." in state_shown(panel)
    assert "Tests that bring their own never notice." in state_shown(panel)


def test_a_red_verdict_goes_when_the_attack_was_caught_by_another_cell(
    mission: FakeMission, panel: AttackPanel
) -> None:
    panel.press("launch", NAME)
    panel.press("symptom", NAME)
    assert "SERVICE_UNREACHABLE" in state_shown(panel)
    mission.states[NAME] = AttackState.CAUGHT
    panel.refresh()
    assert "SERVICE_UNREACHABLE" not in state_shown(panel)
    assert "SERVICE_UNREACHABLE" not in panel.snapshot.text


def test_a_red_verdict_of_something_else_that_is_broken_stays() -> None:
    mission = FakeMission(an_attack("one"), an_attack("two"))
    mission.states["two"] = AttackState.BROKEN
    panel = AttackPanel(mission, ["one"])
    panel.press("symptom")
    panel.refresh()
    assert "SERVICE_UNREACHABLE" in state_shown(panel, "one")


def test_the_button_of_the_defence_says_what_it_is_for(mission: FakeMission, panel: AttackPanel) -> None:
    button = panel.button("symptom", NAME)
    assert button.description == "Run the defence"
    panel.press("launch", NAME)
    assert button.description == "See the symptom"
    panel.press("symptom", NAME)
    assert button.description == "Check my fix"
    mission.is_fixed = True
    panel.press("symptom", NAME)
    assert button.description == "Run the defence"


def test_only_what_makes_sense_can_be_pressed(panel: AttackPanel) -> None:
    def usable() -> set[str]:
        return {action.value for action in Action if not panel.button(action.value, NAME).disabled}

    assert usable() == {"launch", "symptom", "hint", "command"}
    panel.press("launch", NAME)
    assert usable() == {"symptom", "hint", "command", "undo"}
    panel.press("undo", NAME)
    assert usable() == {"launch", "symptom", "hint", "command"}


def test_every_button_of_every_card_is_off_while_one_works() -> None:
    mission = FakeMission(an_attack("one"), an_attack("two"))
    panel = AttackPanel(mission, ["one", "two"])
    disabled: list[bool] = []
    mission.during = lambda: disabled.extend(
        panel.button(action.value, name).disabled for action in Action for name in ("one", "two")
    )
    panel.press("symptom", "one")
    assert len(disabled) == 10
    assert all(disabled)
    assert not panel.button("launch", "two").disabled


def test_a_second_click_while_the_first_one_works_is_dropped(
    mission: FakeMission, panel: AttackPanel
) -> None:
    mission.during = lambda: panel.button("launch", NAME).click() if len(mission.calls) < 5 else None
    panel.button("launch", NAME).click()
    panel.button("launch", NAME).click()
    assert mission.calls == [("launch", NAME)]


def test_the_live_log_is_on_the_page_while_the_defence_runs(mission: FakeMission, panel: AttackPanel) -> None:
    mission.lines = [f"line {n} {HOSTILE}" for n in range(1000)]
    panel.press("symptom", NAME)
    log = panel.card(NAME).log
    assert len(log.lines) == 200
    assert "line 999" in log.widget.value
    assert "(800 earlier lines are not shown)" in log.widget.value
    assert "<script" not in log.widget.value
    assert 'role="log"' in log.widget.value
    assert 'tabindex="0"' in log.widget.value


def test_an_old_verdict_is_gone_while_the_next_run_works(mission: FakeMission, panel: AttackPanel) -> None:
    panel.press("launch", NAME)
    panel.press("symptom", NAME)
    seen: list[str] = []
    mission.during = lambda: seen.append(state_shown(panel))
    panel.press("symptom", NAME)
    assert "SERVICE_UNREACHABLE" not in seen[0]
    assert "SERVICE_UNREACHABLE" in state_shown(panel)


def test_work_is_announced_and_its_bar_goes_away(mission: FakeMission, panel: AttackPanel) -> None:
    busy: list[str] = []
    mission.during = lambda: busy.append(panel.card(NAME)._busy.value)
    panel.press("symptom", NAME)
    assert "Running integration-tests…" in busy[0]
    assert panel.card(NAME)._busy.value == ""
    assert panel._announcer.message.startswith("integration-tests: green.")


@pytest.mark.parametrize("action", ["launch", "symptom", "hint"])
def test_an_error_is_a_card_and_the_panel_goes_on(
    mission: FakeMission, panel: AttackPanel, action: str
) -> None:
    mission.failure = an_error()
    panel.button(action, NAME).click()
    assert "It did not work." in state_shown(panel)
    assert "Turn it off and on again." in state_shown(panel)
    assert "Traceback" not in state_shown(panel)
    mission.failure = None
    panel.press(action, NAME)


def test_an_unforeseen_error_is_a_card_too(mission: FakeMission, panel: AttackPanel) -> None:
    mission.failure = ZeroDivisionError("by zero")
    panel.button("launch", NAME).click()
    assert "ZeroDivisionError: by zero" in state_shown(panel)
    with pytest.raises(ChaosError) as caught:
        panel.press("launch", NAME)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_press_raises_what_the_card_shows_so_that_a_headless_run_cannot_miss_it(
    mission: FakeMission, panel: AttackPanel
) -> None:
    mission.failure = an_error()
    with pytest.raises(ChaosError) as caught:
        panel.press("launch", NAME)
    assert caught.value is mission.failure


def test_press_refuses_a_button_that_is_off_and_says_why(panel: AttackPanel) -> None:
    with pytest.raises(InvalidInput) as caught:
        panel.press("undo", NAME)
    assert "cannot be pressed now" in caught.value.what
    assert caught.value.evidence == "the attack is idle"
    assert "Launch an attack" in caught.value.fix


@pytest.mark.parametrize(("action", "name"), [("explode", NAME), ("launch", "nothing")])
def test_a_button_that_is_not_there_is_named(panel: AttackPanel, action: str, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        panel.button(action, name)
    assert f"`{action}` for `{name}`" in caught.value.what
    assert NAME in caught.value.evidence
    assert caught.value.fix


def test_an_unknown_attack_makes_no_panel(mission: FakeMission) -> None:
    with pytest.raises(UnknownAttack):
        AttackPanel(mission, ["nothing"])


def test_stopping_it_leaves_a_usable_panel_and_still_stops_the_cell(
    mission: FakeMission, panel: AttackPanel
) -> None:
    mission.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        panel.button("symptom", NAME).click()
    assert "Stopped." in state_shown(panel)
    assert isinstance(panel._errors[NAME], Interrupted)
    assert not panel.button("symptom", NAME).disabled


def test_a_change_by_a_code_cell_is_shown_after_refresh_all(mission: FakeMission, panel: AttackPanel) -> None:
    mission.states[NAME] = AttackState.BROKEN
    assert "✗ broken" not in state_shown(panel)
    AttackPanel.refresh_all()
    assert "✗ broken" in state_shown(panel)
    assert panel._announcer.message == "Nobody home: broken."


def test_a_state_that_cannot_be_read_is_an_error_card(mission: FakeMission, panel: AttackPanel) -> None:
    def damaged(name: str) -> AttackState:
        raise an_error()

    looks: Callable[[str], AttackState] = mission.state_of
    mission.state_of = damaged  # type: ignore[method-assign]
    panel.refresh()
    assert "It did not work." in panel._trouble.value
    mission.state_of = looks  # type: ignore[method-assign]
    panel.refresh()
    assert panel._trouble.value == ""


def test_a_press_in_the_page_gives_the_focus_to_the_next_move(
    mission: FakeMission, panel: AttackPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    focused: list[str] = []
    for action in Action:
        button = panel.button(action.value, NAME)
        monkeypatch.setattr(type(button), "focus", lambda self: focused.append(self.description))
    launch = panel.button("launch", NAME)
    launch._handle_custom_msg({"event": "click"}, [])
    assert mission.calls == [("launch", NAME)]
    assert focused == ["See the symptom"]


def test_a_press_from_a_cell_leaves_the_focus_alone(
    panel: AttackPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    focused: list[str] = []
    launch = panel.button("launch", NAME)
    monkeypatch.setattr(type(launch), "focus", lambda self: focused.append(self.description))
    launch.click()
    assert focused == []


def test_every_button_says_in_its_tooltip_which_attack_it_belongs_to(panel: AttackPanel) -> None:
    for action in Action:
        assert "Nobody home" in panel.button(action.value, NAME).tooltip


def test_the_text_twin_holds_the_facts_of_the_card(mission: FakeMission, panel: AttackPanel) -> None:
    text = panel_text(mission, [NAME])
    attack = mission.attacks[NAME]
    for fact in (
        attack.emoji, attack.title, attack.story, attack.defence, attack.command,
        "beginner", "6 min", "core", "● LIVE", "○ idle", f"opchaos attack {NAME}", f"opchaos heal {NAME}",
    ):  # fmt: skip
        assert fact in text
    assert repr(panel) == text
    assert panel.bundle()["text/plain"] == text


def test_a_tier_on_which_the_attack_does_not_happen_is_said() -> None:
    mission = FakeMission(an_attack(tiers=(Tier.LIVE,)), tier=Tier.EMBEDDED)
    assert "needs ● LIVE" in panel_text(mission, [NAME])
    assert "needs ● LIVE" in AttackPanel(mission, [NAME]).snapshot.html


def test_stories_from_learners_are_escaped() -> None:
    mission = FakeMission(an_attack(title=HOSTILE, story=HOSTILE, debrief=HOSTILE, emoji="<b>"))
    panel = AttackPanel(mission, [NAME])
    mission.states[NAME] = AttackState.CAUGHT
    panel.refresh()
    assert "<script" not in panel.snapshot.html
    assert "<b>" not in panel.snapshot.html


def test_a_press_from_a_cell_shows_its_result_below_the_cell_too(
    panel: AttackPanel, capfd: pytest.CaptureFixture[str]
) -> None:
    panel.press("launch", NAME)
    assert capfd.readouterr().out.startswith("✗ BROKEN  “Nobody home” is at work.")
    panel.press("launch", NAME)
    assert capfd.readouterr().out.startswith("✗ BROKEN")
    panel.press("symptom", NAME)
    assert capfd.readouterr().out.startswith("✗ RED")
    panel.press("hint", NAME)
    assert capfd.readouterr().out.startswith("? HINT")
    panel.press("undo", NAME)
    assert capfd.readouterr().out.startswith("↺ HEALED")
