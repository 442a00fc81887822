from __future__ import annotations

import pytest

from chaos_lib.attacks import nothing_is_broken
from chaos_lib.campaign.rounds import Campaign
from chaos_lib.campaign.timeline import Ending
from chaos_lib.errors import AttackRefused, InvalidInput

from .conftest import a_mission, fix

ENV, CODENAMES, ABSENT, THREE = "env_var_missing", "codename_scrambled", "service_absent", "three_at_once"
DECOY = "nothing_is_broken"


def test_a_round_goes_from_the_alarm_to_the_fix_with_its_times(against, clock, mission):
    campaign = against(CODENAMES, ENV)
    alarm = campaign.next()
    assert (alarm.number, alarm.total) == (1, 2)
    clock.at += 30
    run = campaign.investigate()
    assert run.red is not None
    assert run.red.defence == "unit-tests"
    clock.at += 60
    assert campaign.check_fix().outcome is None
    fix(mission, CODENAMES)
    checked = campaign.check_fix()

    assert checked.outcome is not None
    played = checked.outcome.played
    assert (played.caught_by, played.reason, played.ending) == ("unit-tests", "TESTS_FAILED", Ending.FIXED)
    assert (played.detect_s, played.recover_s, played.attempts) == (30, 60, 1)
    # 100 and a third of the speed bonus left after 1 of 3 planned minutes used: 100 * (1 + 0.5 * 2/3).
    assert checked.outcome.points == 133
    assert mission.experiment.state().runs == ()
    assert not campaign.is_over


def test_the_fix_stays_and_a_roll_back_is_byte_identical(against, mission):
    before = mission.workspace.digest()
    campaign = against(CODENAMES, ENV)
    campaign.next()
    campaign.investigate()
    outcome = campaign.roll_back()

    assert mission.workspace.digest() == before
    assert outcome.played.ending is Ending.ROLLED_BACK
    assert outcome.healed is not None
    assert outcome.healed.attacks == (CODENAMES,)
    campaign.next()
    campaign.investigate()
    text = (mission.settings.workspace / "ci.env").read_text()
    (mission.settings.workspace / "ci.env").write_text(text.replace("DATABSE", "DATABASE") + "# mine\n")
    assert campaign.check_fix().outcome is not None
    assert "# mine" in (mission.settings.workspace / "ci.env").read_text()
    assert campaign.is_over


def test_the_name_is_told_only_when_the_round_is_over(against, mission):
    campaign = against(ENV)
    campaign.next()
    run = campaign.investigate()

    for verdict in run.verdicts:
        assert ENV not in f"{verdict.summary}{verdict.evidence}{verdict.remedy}{verdict.command}"
    assert ENV not in campaign.scoreboard().to_json()
    assert mission.standing().open_attacks == ("an attack of the offensive",)
    assert mission.hidden_attacks() == {ENV}
    assert campaign.roll_back().attack.name == ENV
    assert ENV in campaign.scoreboard().to_json()
    assert mission.hidden_attacks() == frozenset()


def test_hints_begin_anew_in_each_round_do_not_name_the_attack_and_cost_points(against, mission, clock):
    campaign = against(CODENAMES)
    mission.log.add("phase-0-setup", "hint_taken", CODENAMES, step=1)
    clock.at += 1
    campaign.next()
    first = campaign.hint()
    clock.at += 100
    campaign.hint()
    clock.at += 100
    last = campaign.hint()

    assert first.text == mission.attack(CODENAMES).hints[0]
    assert last.is_last
    assert CODENAMES not in last.text
    assert campaign.current is not None
    assert campaign.current.hints == 3


def test_a_decoy_that_is_left_alone_is_seen_through(against, mission):
    before = mission.workspace.digest()
    campaign = against(DECOY)
    campaign.next()
    with pytest.raises(InvalidInput, match="Nobody has looked yet"):
        campaign.report_healthy()
    assert campaign.investigate().red is None
    with pytest.raises(InvalidInput, match="nothing to fix yet") as caught:
        campaign.check_fix()
    assert "is green" in caught.value.evidence
    outcome = campaign.report_healthy()

    assert outcome is not None
    assert outcome.played.ending is Ending.SEEN_THROUGH
    assert outcome.points == 225  # 150, and half as much again for speed
    assert mission.workspace.digest() == before
    assert mission.experiment.state().runs == ()


def test_who_repairs_a_decoy_is_fooled_and_keeps_the_edit(against, mission):
    campaign = against(DECOY)
    campaign.next()
    campaign.investigate()
    (mission.settings.workspace / "README.md").write_text("to be safe")
    outcome = campaign.report_healthy()

    assert outcome is not None
    assert (outcome.played.ending, outcome.points) == (Ending.FOOLED, 0)
    assert (mission.settings.workspace / "README.md").read_text() == "to be safe"


def test_who_rolls_a_decoy_back_is_fooled(against):
    campaign = against(DECOY)
    campaign.next()
    campaign.investigate()

    assert campaign.roll_back().played.ending is Ending.FOOLED


def test_calling_a_red_pipeline_healthy_is_refused_and_costs_points(against, clock):
    campaign = against(ENV)
    campaign.next()
    campaign.investigate()

    assert campaign.report_healthy() is None
    assert campaign.current is not None
    assert campaign.current.false_reports == 1
    clock.at += 3600
    assert campaign.roll_back().points == 50 - 25


def test_an_attack_that_no_gate_catches_slips_through_and_is_undone_by_the_report(against, mission, gates):
    before = mission.workspace.digest()
    gates["settings-gate"].text = "MISSION_"  # sees nothing any more
    campaign = against(ENV)
    campaign.next()
    assert campaign.investigate().red is None
    outcome = campaign.report_healthy()

    assert outcome is not None
    assert (outcome.played.ending, outcome.points) == (Ending.SLIPPED, 0)
    assert mission.workspace.digest() == before
    assert campaign.scoreboard().slipped == 1


def test_an_attack_caught_by_another_gate_is_fixed_when_its_own_is_green_too(against, gates, mission):
    # The first gate looks for something that the fix of the second does not bring back.
    gates["settings-gate"].path, gates["settings-gate"].text = "src/mission_control/codenames.py", "!!!"
    gates["settings-gate"].is_wanted = False
    campaign = against(CODENAMES)
    campaign.next()
    run = campaign.investigate()
    assert run.red is not None
    assert run.red.defence == "settings-gate"
    gates["settings-gate"].text = "no longer looking"

    checked = campaign.check_fix()
    assert checked.outcome is None
    assert checked.run.red is not None
    assert checked.run.red.defence == "unit-tests"
    assert not mission.log.events(kind="symptom_seen")


def test_three_at_once_shows_one_fault_after_the_other(against, mission):
    campaign = against(THREE)
    campaign.next()
    reds = [campaign.investigate().red]
    behind = []
    for part in (ENV, ABSENT, "assertion_removed"):
        fix(mission, part)
        checked = campaign.check_fix()
        reds.append(checked.run.red)
        if checked.run.red is not None:
            behind.append(checked.run.red.numbers["behind"])

    assert [red.defence if red else "" for red in reds] == ["settings-gate", "triage", "triage", ""]
    assert behind == [1, 0]
    assert checked.outcome is not None
    assert checked.outcome.played.caught_by == "settings-gate"
    assert checked.outcome.played.attempts == 2


def test_one_attack_at_a_time(against):
    campaign = against(ENV, CODENAMES)
    campaign.next()

    with pytest.raises(AttackRefused, match="still in the system") as caught:
        campaign.next()
    assert "round 1 of 2" in caught.value.evidence
    assert caught.value.fix


def test_moves_without_a_round_are_refused(against):
    campaign = against(ENV)

    for move in (
        campaign.investigate,
        campaign.check_fix,
        campaign.roll_back,
        campaign.hint,
        campaign.report_healthy,
    ):
        with pytest.raises(InvalidInput, match="No attack is at work") as caught:
            move()
        assert caught.value.fix == "Launch the next one first."


def test_after_the_last_round_it_is_over(against):
    campaign = against(ENV)
    campaign.next()
    campaign.roll_back()

    assert campaign.is_over
    with pytest.raises(AttackRefused, match="offensive is over"):
        campaign.next()
    with pytest.raises(InvalidInput, match="No attack is at work") as caught:
        campaign.investigate()
    assert "over" in caught.value.fix


def test_an_attack_from_elsewhere_keeps_the_next_round_from_beginning(against, mission):
    campaign = against(ENV)
    mission.launch(CODENAMES)

    with pytest.raises(AttackRefused, match="Another attack is open") as caught:
        campaign.next()
    assert CODENAMES in caught.value.evidence
    assert "heal" in caught.value.fix


def test_a_pipeline_that_is_red_keeps_the_next_round_from_beginning(against, mission):
    campaign = against(ENV)
    (mission.settings.workspace / "ci.env").write_text("")

    with pytest.raises(AttackRefused, match="red already"):
        campaign.next()
    assert campaign.current is None


def test_a_gate_run_by_hand_does_not_settle_a_hidden_attack(against, mission):
    campaign = against(CODENAMES)
    campaign.next()
    mission.defend("settings-gate")
    fix(mission, CODENAMES)
    assert mission.defend("unit-tests").is_green

    assert mission.experiment.state().run_of(CODENAMES) is not None
    assert campaign.current is not None


def test_a_decoy_launched_by_hand_is_not_ended_by_a_green_gate(mission):
    mission.launch(DECOY)
    assert mission.defend("triage").is_green

    assert mission.experiment.state().run_of(DECOY) is not None
    assert mission.log.events(kind="symptom_seen")
    assert nothing_is_broken.ATTACK.is_decoy


def test_beginning_draws_what_this_lab_can_play(mission):
    campaign = Campaign.begin(mission, seed=3, count=6)

    assert len(campaign.story.sequence) == 6
    assert "port_taken" not in Campaign.begin(mission, seed=3, count=99).story.sequence
    assert campaign.story.gates[0] == "settings-gate"
    assert "triage" not in campaign.story.gates


def test_the_same_offensive_goes_on_after_a_restart_and_another_one_ends_it(mission, settings, clock):
    campaign = Campaign.begin(mission, seed=3, count=4)
    campaign.next()
    open_name = campaign.current.attack

    again = Campaign.begin(a_mission(settings, clock), seed=3, count=4)
    assert again.current is not None
    assert again.current.attack == open_name
    assert len(mission.log.events(kind="offensive_started")) == 1

    other = Campaign.begin(mission, seed=4, count=4)
    assert other.current is None
    assert mission.experiment.state().runs == ()
    assert len(mission.log.events(kind="offensive_finished")) == 1


def test_an_offensive_that_is_played_to_its_end_begins_anew(mission):
    campaign = Campaign.begin(mission, seed=3, count=1)
    campaign.next()
    campaign.roll_back()

    assert Campaign.begin(mission, seed=3, count=1).story.rounds == ()


def test_a_heal_from_elsewhere_ends_the_round(against, mission):
    campaign = against(ENV)
    campaign.next()
    campaign.investigate()
    mission.heal()

    assert campaign.current is None
    assert campaign.story.rounds[0].ending is Ending.ROLLED_BACK


def test_a_kill_between_undo_and_record_is_noticed(against, mission):
    campaign = against(ENV)
    campaign.next()
    mission.experiment.undo(ENV)

    with pytest.raises(InvalidInput, match="No attack is at work"):
        campaign.investigate()
    assert campaign.story.rounds[0].ending is Ending.GIVEN_UP


def test_finishing_undoes_what_is_open_and_may_come_twice(against, mission):
    campaign = against(ENV, CODENAMES)
    campaign.next()
    campaign.finish()
    campaign.finish()

    assert mission.experiment.state().runs == ()
    assert campaign.is_over
    assert len(mission.log.events(kind="offensive_finished")) == 1


def test_without_an_offensive_there_is_nothing_to_tell(mission):
    with pytest.raises(InvalidInput, match="There is no offensive") as caught:
        _ = Campaign(mission).story
    assert "chaos.offensive" in caught.value.fix
