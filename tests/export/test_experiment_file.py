"""The exported file is one that Chaos Toolkit accepts, and says what a person needs to know."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_lib.attacks import catalogue, env_var_missing
from chaos_lib.errors import InvalidInput
from chaos_lib.export import experiment_of, write

ATTACKS = catalogue.load()
NAME = "env_var_missing"
ATTACK = env_var_missing.ATTACK


@pytest.mark.parametrize("name", ATTACKS)
def test_chaos_toolkit_accepts_the_experiment_of_every_attack(name):
    from chaoslib.experiment import ensure_experiment_is_valid

    ensure_experiment_is_valid(json.loads(experiment_of(ATTACKS[name]).to_json()))


def test_the_command_line_of_chaos_toolkit_accepts_it(tmp_path):
    write(ATTACK, tmp_path / "experiment.json")

    chaos = [str(Path(sys.executable).with_name("chaos")), "--no-version-check"]
    result = subprocess.run(
        [*chaos, "validate", "experiment.json"], cwd=tmp_path, check=False, capture_output=True, text=True
    )

    assert result.returncode == 0, result.stderr
    assert "experiment syntax and semantic look valid" in result.stderr + result.stdout


def test_the_experiment_is_steady_state_attack_symptom_and_heal():
    experiment = json.loads(experiment_of(ATTACK).to_json())

    (probe,) = experiment["steady-state-hypothesis"]["probes"]
    assert probe["tolerance"] == "OK"
    assert probe["provider"]["arguments"] == {"defence": "settings-gate", "phase": "phase-1-tests"}
    steps = [*experiment["method"], *experiment["rollbacks"]]
    assert [(step["type"], step["provider"]["func"]) for step in steps] == [
        ("action", "launch"),
        ("probe", "see_symptom"),
        ("action", "heal"),
    ]
    assert NAME in experiment["tags"]
    assert ATTACK.story in experiment["description"]
    assert "--rollback-strategy=always" in experiment["description"]


def test_writing_it_again_changes_nothing_and_needs_no_force(tmp_path):
    target = tmp_path / "deep" / "experiment.json"
    write(ATTACK, target)
    write(ATTACK, target)

    assert target.read_text(encoding="utf-8") == experiment_of(ATTACK).to_json()
    assert [path.name for path in target.parent.iterdir()] == ["experiment.json"]


def test_another_file_is_not_overwritten_unless_asked(tmp_path):
    target = tmp_path / "precious.json"
    target.write_text("{}", encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        write(ATTACK, target)
    assert caught.value.what == "There is another file already."
    assert str(target) in caught.value.evidence
    assert "--force" in caught.value.fix
    assert target.read_text(encoding="utf-8") == "{}"

    write(ATTACK, target, overwrites=True)
    assert json.loads(target.read_text(encoding="utf-8"))["title"]


def test_a_folder_is_no_file_to_write_to(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        write(ATTACK, tmp_path)
    assert "folder" in caught.value.what
    assert "--out" in caught.value.fix
