"""A mission without a lab: the lab is replaced by one that offers real servers nobody asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos_lib.checks import catalogue as checks
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import GREEN, Verdict
from chaos_lib.errors import AttackRefused, CheckFailed, InvalidInput, UnknownAttack, UnknownPhase
from chaos_lib.lab.lab_state import FacilityState, LabState
from chaos_lib.mission import AttackState, Mission, open_mission, with_lab_names
from chaos_lib.phases import PHASES, missing_at_start, phase
from chaos_lib.settings import Tier


class FakeLab:
    """A lab that is up at once; SIMULATED servers that no test here talks to."""

    def __init__(self, tier=Tier.EMBEDDED):
        self.tier = tier

    def up(self, progress, *, also=()):
        facility = FacilityState(facility="services", provider="fake", tier=self.tier, reason="a fake")
        return LabState(run_id="abc", facilities=(facility,))

    def environment(self):
        return {"MISSION_DATABASE_URL": "postgresql://u:p@h/d", "MISSION_REDIS_URL": "redis://h/0"}


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def mission(settings, clock):
    mission = Mission(settings, phase(1), now=clock)
    mission.lab = FakeLab()
    mission.begin()
    return mission


@pytest.fixture
def verdicts(monkeypatch):
    """Defences that say what a test wants, by name."""
    said = {}
    for name, defence in defences.DEFENCES.items():

        class Saying:
            phase = defence.phase

            def run(self, context, name=name):
                return said[name]

        monkeypatch.setitem(defences.DEFENCES, name, Saying())
    return said


def kinds(mission, name):
    return [event.kind for event in mission.log.events() if event.name == name]


def test_beginning_makes_the_workspace_of_the_phase_and_logs_the_tiers(mission):
    assert mission.workspace.exists
    for path in missing_at_start(1):
        assert not (mission.workspace.folder / path).exists()
    (tier,) = mission.log.events(kind="tier")
    assert (tier.name, tier.data["tier"]) == ("services", "EMBEDDED")


def test_beginning_again_keeps_the_workspace_and_the_clock(mission, clock):
    (mission.workspace.folder / "mine.txt").write_text("mine")
    clock.now += 120

    mission.begin()

    assert (mission.workspace.folder / "mine.txt").read_text() == "mine"
    assert mission.standing().minutes_used == pytest.approx(2)
    assert len(mission.log.events(kind="phase_started")) == 1


def test_the_minutes_stop_when_the_phase_is_finished(mission, clock):
    clock.now += 60
    mission.finish()
    clock.now += 600

    assert mission.standing().minutes_used == pytest.approx(1)


def test_coming_late_brings_the_finished_files_of_earlier_phases(mission):
    late = replace(phase(1), number=99, name="phase-99", answers=(), withheld=())

    added = mission.workspace.complete_earlier(late)

    assert set(added) == set(missing_at_start(0))


def test_an_attack_goes_from_idle_to_broken_to_healed(mission):
    assert mission.state_of("env_var_missing") is AttackState.IDLE
    mission.launch("env_var_missing")
    assert mission.state_of("env_var_missing") is AttackState.BROKEN
    assert mission.standing().open_attacks == ("The missing variable",)

    mission.undo("env_var_missing")

    assert mission.state_of("env_var_missing") is AttackState.HEALED
    assert kinds(mission, "env_var_missing") == ["attack_launched", "attack_undone"]


def test_a_red_verdict_with_the_promised_reason_means_the_symptom_was_seen(mission, verdicts):
    mission.launch("env_var_missing")
    verdicts["settings-gate"] = Verdict(
        "settings-gate", "SETTING_MISSING", "no", evidence="MISSION_DATABASE_URL is not set."
    )

    mission.defend("settings-gate")

    assert kinds(mission, "env_var_missing")[-1] == "symptom_seen"
    assert mission.state_of("env_var_missing") is AttackState.BROKEN


def test_a_red_verdict_for_another_reason_is_only_an_attempt(mission, verdicts):
    mission.launch("env_var_missing")
    verdicts["settings-gate"] = Verdict("settings-gate", "SILENT_DEFAULT", "no")

    mission.defend("settings-gate")

    assert kinds(mission, "env_var_missing") == ["attack_launched", "attempt"]


def test_a_green_verdict_closes_the_attack_and_keeps_the_fix(mission, verdicts):
    mission.launch("env_var_missing")
    fix = "MISSION_DATABASE_URL=${LAB_POSTGRES_URL}\nMISSION_REDIS_URL=${LAB_REDIS_URL}\n# fixed by me\n"
    mission.workspace.write("ci.env", fix, message="fix")
    verdicts["settings-gate"] = Verdict("settings-gate", GREEN, "fine")

    mission.defend("settings-gate")

    assert mission.state_of("env_var_missing") is AttackState.CAUGHT
    assert (mission.workspace.folder / "ci.env").read_text() == fix
    assert mission.experiment.state().runs == ()


def test_an_unknown_attack_names_the_nearest(mission):
    with pytest.raises(UnknownAttack) as caught:
        mission.launch("env_var_mising")
    assert "env_var_missing" in caught.value.fix
    assert caught.value.evidence


def test_an_unknown_phase_names_the_known_ones(settings):
    with pytest.raises(UnknownPhase) as caught:
        open_mission(settings, "phase-9")
    assert PHASES[0].name in caught.value.evidence
    assert caught.value.fix


def test_an_attack_that_does_not_happen_on_this_tier_is_refused(mission):
    mission.lab = FakeLab(Tier.SIMULATED)
    mission.connect()

    with pytest.raises(AttackRefused) as caught:
        mission.launch("env_var_missing")
    assert "SIMULATED" in caught.value.what
    assert "LIVE" in caught.value.evidence
    assert "opchaos doctor" in caught.value.fix


def test_a_defence_that_cannot_work_is_a_red_verdict(mission, monkeypatch):
    class Broken:
        def run(self, context):
            raise InvalidInput("The defence stumbled.", evidence="seen", fix="do this")

    monkeypatch.setitem(defences.DEFENCES, "settings-gate", Broken())

    verdict = mission.defend("settings-gate")

    assert verdict.reason == "DEFENCE_BROKEN"
    assert (verdict.summary, verdict.evidence, verdict.remedy) == ("The defence stumbled.", "seen", "do this")


def test_an_unknown_defence_and_an_unknown_check_are_refused(mission):
    with pytest.raises(InvalidInput, match="no defence"):
        mission.defend("nothing")
    with pytest.raises(InvalidInput, match="no check"):
        checks.judge("nothing", mission)


def test_the_lab_s_addresses_get_the_names_that_ci_env_uses():
    named = with_lab_names({"MISSION_DATABASE_URL": "a", "MISSION_REDIS_URL": "b"}, "id")

    assert (named["LAB_POSTGRES_URL"], named["LAB_REDIS_URL"], named["OPCHAOS_RUN_ID"]) == ("a", "b", "id")


def test_every_check_says_no_before_and_gives_its_points_after(mission, verdicts):
    """Checks that only ask defences: red defences fail them, green ones pass them."""
    asked = {
        "phase-1.environment": "settings-gate",
        "phase-1.settings-test": "must-fail-run",
        "phase-1.services": "integration-tests",
        "phase-1.reliability": "flake-detector",
    }
    mission.workspace.write("tests/unit/test_settings.py", "x = 1\n", message="answer")
    for check, defence in asked.items():
        verdicts[defence] = Verdict(defence, "SOME_REASON", "Not good.", evidence="seen", remedy="do this")
        with pytest.raises(CheckFailed) as caught:
            checks.judge(check, mission)
        assert "SOME_REASON" in caught.value.what
        assert "seen" in caught.value.found
        assert caught.value.next_step == "do this"
        verdicts[defence] = Verdict(
            defence, GREEN, "Good.", numbers={"started_postgres": 1, "started_redis": 1}
        )
        checks.judge(check, mission)
    assert mission.standing().points == phase(1).points


def test_green_tests_that_start_nothing_do_not_pass_the_services_check(mission, verdicts):
    verdicts["integration-tests"] = Verdict("integration-tests", GREEN, "Good.", numbers={"started_redis": 1})

    with pytest.raises(CheckFailed) as caught:
        checks.judge("phase-1.services", mission)
    assert "no postgres" in caught.value.found
    assert "Testcontainers" in caught.value.next_step


def test_the_settings_check_wants_the_test_to_be_there(mission):
    with pytest.raises(CheckFailed) as caught:
        checks.judge("phase-1.settings-test", mission)
    assert "tests/unit/test_settings.py" in caught.value.found


def test_the_briefing_s_checks_want_the_name_and_the_whole_round(mission, verdicts):
    with pytest.raises(CheckFailed, match="signed"):
        checks.judge("phase-0.crew", mission)
    mission.workspace.write("crew.txt", "Silent Falcon\n", message="answer")
    checks.judge("phase-0.crew", mission)

    with pytest.raises(CheckFailed, match="have not seen"):
        checks.judge("phase-0.first-heal", mission)
    mission.launch("codename_scrambled")
    verdicts["unit-tests"] = Verdict("unit-tests", "TESTS_FAILED", "no", evidence="test_codenames.py")
    mission.defend("unit-tests")
    with pytest.raises(CheckFailed, match="still there"):
        checks.judge("phase-0.first-heal", mission)
    mission.undo("codename_scrambled")
    checks.judge("phase-0.first-heal", mission)


def test_every_phase_s_checks_add_up_to_its_points():
    for each in PHASES:
        assert sum(c.points for c in checks.CHECKS.values() if c.phase == each.name) == each.points
