"""The panel of the offensive: each button one call, nothing told too early."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos_lib import phases
from chaos_lib.attacks import codename_scrambled
from chaos_lib.campaign.gates import GatesRun
from chaos_lib.campaign.rounds import Alarm, FixChecked, Outcome
from chaos_lib.campaign.scoreboard import Row, Scoreboard
from chaos_lib.campaign.timeline import Ending, Round
from chaos_lib.errors import Interrupted, InvalidInput
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.ui import campaign_cards
from chaos_lib.ui.campaign_board import BoardView
from chaos_lib.ui.campaign_panel import Move, OffensivePanel

from .fake_mission import HOSTILE, an_error, green, red

ATTACK = codename_scrambled.ATTACK
MOVES = {"next", "investigate", "hint", "check_fix", "roll_back", "report_healthy", "scoreboard"}


class FakeCampaign:
    """A campaign that records what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.played: list[Round] = []
        self.is_over = False
        self.failure: BaseException | None = None
        self.is_green = self.is_fixed = False
        self.during = lambda: None

    @property
    def current(self) -> Round | None:
        return next((each for each in self.played if each.ending is Ending.OPEN), None)

    def next(self, *, on_gate, on_line=None) -> Alarm:
        self._record("next")
        self.played.append(Round(ATTACK.name, 0.0))
        return Alarm(len(self.played), 3)

    def investigate(self, *, on_gate, on_line=None) -> GatesRun:
        on_gate("unit-tests", 1, 2)
        if on_line is not None:
            on_line(f"a line {HOSTILE}")
        self._record("investigate")
        if self.is_green:
            self.played[-1] = replace(self.played[-1], is_all_green=True)
            return GatesRun((green(),), 1)
        self.played[-1] = replace(self.played[-1], caught_by="integration-tests", reason="X", detected_at=3.0)
        return GatesRun((red(HOSTILE),), 4)

    def hint(self) -> Hint:
        self._record("hint")
        return Hint("Look closer.", is_new=True, is_last=False)

    def check_fix(self, *, on_gate, on_line=None) -> FixChecked:
        self._record("check_fix")
        if not self.is_fixed:
            return FixChecked(GatesRun((red(),), 1), None)
        return FixChecked(GatesRun((green(),), 1), self._ended(Ending.FIXED))

    def roll_back(self) -> Outcome:
        self._record("roll_back")
        return self._ended(Ending.ROLLED_BACK)

    def report_healthy(self) -> Outcome | None:
        self._record("report_healthy")
        return self._ended(Ending.SEEN_THROUGH) if self.is_green else None

    def scoreboard(self) -> Scoreboard:
        rows = tuple(
            Row(
                number=number, attack="?", title="?", layer="?", caught_by=each.caught_by, reason=each.reason,
                detect_s=each.detect_s, recover_s=each.recover_s, ending=each.ending, hints=0, points=0,
            )
            for number, each in enumerate(self.played, start=1)
        )  # fmt: skip
        return Scoreboard(seed=7, player="", planned=3, rows=rows)

    def _ended(self, how: Ending) -> Outcome:
        self.played[-1] = replace(self.played[-1], ending=how, ended_at=9.0)
        return Outcome(ATTACK, self.played[-1], 120, Healed((ATTACK.name,), ("a.py",), "abc1234"))

    def _record(self, what: str) -> None:
        self.calls.append(what)
        self.during()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def campaign() -> FakeCampaign:
    return FakeCampaign()


@pytest.fixture
def panel(campaign: FakeCampaign) -> OffensivePanel:
    return OffensivePanel(campaign)


def usable(panel: OffensivePanel) -> set[str]:
    return {move.value for move, button in panel.buttons.items() if not button.disabled}


def test_every_move_is_a_button_and_a_function(panel):
    assert {move.value for move in Move} == MOVES
    for name in MOVES:
        assert callable(getattr(panel, name))
        assert panel.button(name).description
        assert panel.button(name).tooltip


@pytest.mark.parametrize("move", sorted(MOVES - {"next", "scoreboard"}))
def test_each_button_is_one_call(panel, campaign, move):
    panel.press("next")
    campaign.calls.clear()
    panel.button(move).click()

    assert campaign.calls == [move]


@pytest.mark.parametrize("move", sorted(MOVES - {"next", "scoreboard"}))
def test_each_function_presses_its_button(panel, campaign, move):
    panel.next()
    campaign.calls.clear()
    getattr(panel, move)()

    assert campaign.calls == [move]


def test_only_what_makes_sense_can_be_pressed(panel, campaign):
    assert usable(panel) == {"next", "scoreboard"}
    panel.press("next")
    assert usable(panel) == MOVES - {"next"}
    panel.press("roll_back")
    assert usable(panel) == {"next", "scoreboard"}
    campaign.is_over = True
    panel.refresh()
    assert usable(panel) == {"scoreboard"}
    with pytest.raises(InvalidInput, match="“Next attack” cannot be pressed now") as caught:
        panel.press("next")
    assert "over" in caught.value.evidence
    assert caught.value.fix


def test_an_unknown_button_names_the_known_ones(panel):
    with pytest.raises(InvalidInput, match="no button `dance`") as caught:
        panel.press("dance")
    assert "investigate" in caught.value.evidence


def test_the_panel_tells_where_the_player_stands(panel, campaign):
    assert "0 points" in panel.text
    panel.press("next")
    assert "Round 1 of 3: something may have happened" in panel.text
    panel.press("investigate")
    assert "integration-tests is red" in panel.text
    panel.press("check_fix")
    assert "NOT YET" in panel.text
    campaign.is_fixed = True
    panel.press("check_fix")
    assert "FIXED" in panel.text
    assert "120 points" in panel.text


def test_green_gates_ask_the_question(panel, campaign):
    campaign.is_green = True
    panel.press("next")
    panel.press("investigate")

    assert "all gates are green. Is anything wrong?" in panel.text
    panel.press("report_healthy")
    assert "SEEN THROUGH" in panel.text


def test_a_false_report_is_told(panel):
    panel.press("next")
    panel.press("report_healthy")

    assert "NOT HEALTHY" in panel.text


def test_nothing_can_be_pressed_while_something_works(panel, campaign):
    seen = []
    campaign.during = lambda: seen.append(usable(panel))
    panel.press("next")

    assert seen == [set()]


def test_a_second_click_while_the_first_works_is_dropped(panel, campaign):
    campaign.during = lambda: panel.button("next").click() if len(campaign.calls) < 5 else None
    panel.button("next").click()

    assert campaign.calls == ["next"]


def test_an_error_is_shown_as_a_card_and_raised_for_who_pressed(panel, campaign):
    campaign.failure = an_error()
    with pytest.raises(type(campaign.failure)):
        panel.press("next")

    assert "Turn it off and on again." in panel.text
    campaign.failure = None
    panel.press("next")
    assert "ALARM" in panel.text


def test_an_unforeseen_error_is_no_traceback(panel, campaign):
    campaign.failure = ZeroDivisionError("oops")
    panel.button("next").click()

    assert "did not foresee" in panel.text
    assert "ZeroDivisionError: oops" in panel.text


def test_ctrl_c_stops_the_move_and_leaves_the_buttons_usable(panel, campaign):
    campaign.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        panel.button("next").click()

    assert "Stopped." in panel.text
    assert isinstance(panel._error, Interrupted)
    assert "next" in usable(panel)


def test_what_gates_say_is_escaped_and_the_log_is_on_the_page(panel):
    panel.press("next")
    panel.press("investigate")

    assert "a line" in panel.log.widget.value
    assert "<script" not in panel.snapshot.html
    assert "3 more were not run" in panel.text


def test_the_scoreboard_is_a_view_with_both_forms(panel):
    panel.press("next")
    view = panel.scoreboard()
    panel.press("scoreboard")

    assert isinstance(view, BoardView)
    assert panel.latest == view
    assert "SCOREBOARD" in view.html
    assert "still open" in view.text


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.OPEN])
def test_every_ending_has_words_and_a_debrief(ending):
    played = Round(ATTACK.name, 0.0, ended_at=5.0, ending=ending)
    text = campaign_cards.outcome(Outcome(ATTACK, played, 0)).text

    assert ending.value.upper() in text
    assert ATTACK.debrief in text
    assert ATTACK.name in text


@pytest.mark.parametrize(
    ("phase", "command"),
    [
        ("phase-1-tests", "git revert"),
        ("phase-4-k8s", "rollout undo deployment/mission-control-blue"),
        ("phase-9-own", "git revert"),
    ],
)
def test_a_roll_back_shows_what_a_practitioner_types(phase, command):
    played = Round(ATTACK.name, 0.0, caught_by="x", detected_at=1.0, ended_at=5.0, ending=Ending.ROLLED_BACK)
    text = campaign_cards.outcome(Outcome(replace(ATTACK, phase=phase), played, 50)).text

    assert command in text
    assert phases.FINAL.number == 5
