"""`opchaos attack`, `defend`, `heal` and `status`, with real servers and without Docker."""

from __future__ import annotations

import json

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.experiment import Experiment
from chaos_lib.phases import phase

OWN = """
from dataclasses import replace
from chaos_lib.attacks import codename_scrambled
ATTACK = replace(codename_scrambled.ATTACK, name="my_own", title="My own")
"""


@pytest.fixture
def playing(with_lab):
    Experiment(with_lab.settings).workspace.create(phase(1))
    return with_lab


def test_the_list_holds_every_attack_and_makes_no_mission(cli):
    result = cli("attack")

    assert result.exit_code == 0
    for name, attack in catalogue.load().items():
        line = next(line for line in result.stdout.splitlines() if f" {name} " in line)
        for part in (attack.emoji, attack.phase, attack.difficulty.value, f" {attack.minutes} ", "idle"):
            assert part in line
        assert attack.title in result.stdout
    assert not cli.settings.home.exists()


def test_the_list_of_defences_says_what_each_must_catch(cli):
    result = cli("defend")

    assert result.exit_code == 0
    for name in DEFENCES:
        assert name in result.stdout
    gate = next(line for line in result.stdout.splitlines() if line.startswith("settings-gate"))
    assert gate.rstrip().endswith("env_var_missing")
    assert not cli.settings.home.exists()


def test_an_attack_from_launch_to_debrief(playing):
    cli = playing
    launched = cli("attack", "env_var_missing")
    assert launched.exit_code == 0
    assert "LAUNCHED  The missing variable" in launched.stdout
    assert "opchaos defend settings-gate" in launched.stdout
    assert "python -m mission_control check-settings" in launched.stdout
    assert "broken" in cli("attack").stdout

    again = cli("attack", "env_var_missing")
    assert again.exit_code == 1
    assert "is running already" in again.stderr

    red = cli("defend", "settings-gate")
    assert red.exit_code == 1
    assert "RED  settings-gate: SETTING_MISSING" in red.stdout
    assert "MISSION_DATABASE_URL is not set" in red.stdout

    status = json.loads(cli("status", "--json").stdout)
    (attack,) = status["open_attacks"]
    assert (attack["name"], attack["is_half_done"], attack["targets"]) == (
        "env_var_missing",
        False,
        ["ci.env"],
    )
    assert status["lab"]["is_up"] is True
    assert {f["facility"]: f["tier"] for f in status["lab"]["facilities"]}["services"] == "EMBEDDED"
    text = cli("status").stdout
    assert "✗ open: `env_var_missing`, The missing variable." in text
    assert "`opchaos heal env_var_missing` undoes it" in text

    ci_env = cli.settings.workspace / "ci.env"
    ci_env.write_text(ci_env.read_text().replace("DATABSE", "DATABASE"))
    green = cli("defend", "settings-gate")
    assert green.exit_code == 0
    assert "GREEN  settings-gate" in green.stdout
    assert "`env_var_missing` is caught" in green.stdout
    assert "DEBRIEF" in green.stdout
    assert "caught" in cli("attack").stdout


def test_heal_undoes_one_or_all(playing):
    cli = playing
    clean = Experiment(cli.settings).workspace.fingerprint()
    cli("attack", "env_var_missing")
    cli("attack", "codename_scrambled")

    one = cli("heal", "env_var_missing")
    assert one.exit_code == 0
    assert "HEALED  env_var_missing" in one.stdout
    assert "there is nothing to undo" in cli("heal", "env_var_missing").stdout

    rest = cli("heal", "--all")
    assert "HEALED  codename_scrambled" in rest.stdout
    assert "Nothing was broken." in cli("heal").stdout
    assert Experiment(cli.settings).workspace.fingerprint() == clean


def test_an_attack_whose_file_is_gone_can_be_healed_by_name(playing):
    cli = playing
    clean = Experiment(cli.settings).workspace.fingerprint()
    own = cli.settings.home / "attacks" / "my_own.py"
    own.parent.mkdir()
    own.write_text(OWN)
    assert cli("attack", "my_own").exit_code == 0
    own.unlink()

    assert "`my_own`" in cli("status").stdout
    assert cli("heal", "my_own").exit_code == 0
    assert Experiment(cli.settings).workspace.fingerprint() == clean


def test_an_own_attack_that_does_not_load_is_told_in_the_status(playing):
    cli = playing
    cli("attack", "codename_scrambled")
    own = cli.settings.home / "attacks" / "my_own.py"
    own.parent.mkdir()
    own.write_text("ATTACK = 1\n")

    status = cli("status")

    assert status.exit_code == 0
    assert "`my_own.py` defines no attack." in status.stdout
    assert "`codename_scrambled`" in status.stdout
    assert cli("heal").exit_code == 0


def test_explain_tells_what_the_card_tells_and_launches_nothing(with_workspace):
    cli = with_workspace
    attack = catalogue.load()["env_var_missing"]

    result = cli("attack", "env_var_missing", "--explain")

    for part in (
        attack.title,
        attack.story,
        attack.defence,
        attack.command,
        "0 of 4 taken",
        "beginner",
        "5 min",
    ):
        assert part in result.stdout
    assert all(hint not in result.stdout for hint in attack.hints)
    assert Experiment(cli.settings).state().runs == ()


def test_hints_come_one_by_one_and_are_counted(with_workspace):
    cli = with_workspace
    hints = catalogue.load()["env_var_missing"].hints

    first = cli("attack", "env_var_missing", "--hint").stdout
    second = cli("attack", "env_var_missing", "--hint").stdout

    assert hints[0] in first
    assert hints[0] in second
    assert "next hint opens" in second
    assert "1 of 4 taken" in cli("attack", "env_var_missing", "--explain").stdout


def test_status_of_a_mission_that_does_not_exist_changes_nothing(cli):
    found = json.loads(cli("status", "--json").stdout)

    assert (found["phase"], found["has_workspace"], found["open_attacks"]) == (None, False, [])
    assert found["lab"] == {"is_up": False, "facilities": []}
    text = cli("status").stdout
    assert "opchaos workspace new --phase 1" in text
    assert "`opchaos up` starts it" in text
    assert not cli.settings.home.exists()


def test_status_survives_a_mission_log_that_is_none(with_workspace):
    cli = with_workspace
    cli.settings.state.mkdir(exist_ok=True)
    (cli.settings.state / "mission.sqlite").write_bytes(b"not a database at all" * 100)

    result = cli("status")

    assert result.exit_code == 0
    assert "The mission log cannot be read." in result.stdout


def test_the_doctor_speaks_json_and_its_exit_code_says_whether_one_can_play(cli):
    result = cli("doctor", "--json")

    assert result.exit_code == (0 if json.loads(result.stdout)["is_playable"] else 1)
    assert not cli.settings.home.exists()
    assert "The lab would use" in cli("doctor").stdout
