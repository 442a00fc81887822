"""An attack from one fault, and its trial: four states, and Chaos Toolkit's own run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.authoring import trial
from chaos_lib.authoring.fault import Fault, write_fault
from chaos_lib.errors import AttackRefused, ChaosError, InvalidInput
from chaos_lib.mission import Mission
from chaos_lib.phases import FINAL
from chaos_lib.settings import Settings, Tier
from chaos_lib.ui import final_cards

NAME = "saturday_worked"
FAULT = Fault(
    path="src/mission_control/schedule.py",
    old="_SATURDAY = 5",
    new="_SATURDAY = 6",
    gate="unit-tests",
    reason="TESTS_FAILED",
    story='The "weekend" is mine, $name.',
)


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mission]:
    """A mission on servers from wheels, with the attack of these tests."""
    settings = Settings(home=tmp_path_factory.mktemp("fault") / "mission", tier=Tier.EMBEDDED)
    mission = Mission(settings, FINAL)
    mission.begin()
    write_fault(settings, NAME, FINAL.name, FAULT)
    yield mission
    mission.lab.down()


def test_it_is_written_as_a_complete_attack_and_written_anew_when_asked_again(mission):
    path = write_fault(mission.settings, NAME, FINAL.name, FAULT)
    attack = catalogue.load_file(path)

    assert (attack.phase, attack.defence) == (FINAL.name, "unit-tests")
    assert attack.story == FAULT.story
    assert [each.name for each in trial.own_attacks(mission)] == [NAME]


@pytest.mark.parametrize(
    ("name", "fault", "what"),
    [
        ("Big", FAULT, "is no attack name"),
        ("env_var_missing", FAULT, "There is an attack `env_var_missing` already."),
        (NAME, replace(FAULT, path="../state/run-id"), "is no file of your workspace"),
        (NAME, replace(FAULT, old="_SUNDAY"), "changes nothing"),
        (NAME, replace(FAULT, new=FAULT.old), "changes nothing"),
        (NAME, replace(FAULT, reason="SAD"), "never says SAD"),
    ],
)
def test_what_cannot_be_an_attack_is_refused_before_a_byte_is_written(mission, name, fault, what):
    before = (mission.settings.home / "attacks" / f"{NAME}.py").read_bytes()
    with pytest.raises(InvalidInput) as caught:
        write_fault(mission.settings, name, FINAL.name, fault)
    assert what in caught.value.what
    assert (mission.settings.home / "attacks" / f"{NAME}.py").read_bytes() == before


def test_a_file_of_the_participant_s_own_hand_is_not_replaced(mission):
    path = mission.settings.home / "attacks" / "by_hand.py"
    path.write_text("# mine\n", encoding="utf-8")
    try:
        with pytest.raises(InvalidInput, match="of your own hand"):
            write_fault(mission.settings, "by_hand", FINAL.name, FAULT)
        assert path.read_text(encoding="utf-8") == "# mine\n"
    finally:
        path.unlink()


def test_it_is_proved_and_chaos_toolkit_runs_it_and_every_byte_is_as_before(mission):
    before, states = mission.workspace.fingerprint(), []

    proved = trial.prove(mission, mission.attack(NAME), states.append)
    experimented = trial.run_experiment(mission, mission.attack(NAME))

    assert proved.failure is None
    assert len(proved.states) == len(states) == 4
    assert experimented.is_success, experimented
    assert "EXPERIMENT RUN" in final_cards.experimented(experimented).text
    assert "PROVED" in final_cards.proved(proved).text
    assert mission.workspace.fingerprint() == before
    assert [path.name for path in mission.settings.state.glob("proof-*")] == []
    version = trial.version_of(mission, mission.attack(NAME))
    kinds = {event.kind for event in mission.log.events() if event.data.get("version") == version}
    assert kinds == {"attack_proved", "experiment_run"}


def test_an_attack_that_breaks_its_promise_is_not_proved(mission):
    write_fault(mission.settings, "too_quiet", FINAL.name, replace(FAULT, new="_SATURDAY = 5  # fine"))
    try:
        proved = trial.prove(mission, mission.attack("too_quiet"), lambda _: None)
    finally:
        (mission.settings.home / "attacks" / "too_quiet.py").unlink()

    assert proved.states == ("clean is green",)
    assert isinstance(proved.failure, ChaosError)
    assert "did not show its symptom" in final_cards.proved(proved).text
    assert not [event for event in mission.log.events(kind="attack_proved") if event.name == "too_quiet"]


def test_the_kit_s_own_attacks_need_no_trial_and_none_is_tried_beside_another(mission):
    with pytest.raises(InvalidInput, match="one of the kit's own"):
        trial.prove(mission, mission.attack("env_var_missing"), lambda _: None)
    mission.launch("env_var_missing")
    try:
        with pytest.raises(AttackRefused) as caught:
            trial.run_experiment(mission, mission.attack(NAME))
        assert "env_var_missing" in caught.value.evidence
    finally:
        mission.heal()
