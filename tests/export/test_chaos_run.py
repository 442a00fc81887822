"""Chaos Toolkit really plays an exported attack, with our journal behind it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from chaos_lib.attacks import env_var_missing
from chaos_lib.errors import AttackRefused, SymptomMissing, UnknownAttack
from chaos_lib.experiment import Experiment
from chaos_lib.export import actions, write
from chaos_lib.lab import Lab
from chaos_lib.phases import FINISHED, phase
from chaos_lib.settings import Settings, Tier

ATTACK = env_var_missing.ATTACK
PHASE = ATTACK.phase


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A mission with its own servers from wheels, up for all tests of this module."""
    settings = Settings(home=tmp_path_factory.mktemp("export") / "mission", tier=Tier.EMBEDDED)
    lab = Lab(settings)
    lab.up()
    yield settings
    lab.down()


@pytest.fixture
def experiment(settings: Settings) -> Iterator[Experiment]:
    experiment = Experiment(settings)
    if not experiment.workspace.exists:
        experiment.workspace.create(FINISHED)
    yield experiment
    experiment.heal()


@pytest.fixture
def clean(experiment: Experiment) -> Mapping[str, str]:
    return experiment.workspace.fingerprint()


@pytest.fixture
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mission is the one that this process's environment names."""
    monkeypatch.setenv("OPCHAOS_HOME", str(settings.home))
    monkeypatch.setenv("OPCHAOS_TIER", "EMBEDDED")


def chaos_run(settings: Settings, folder: Path, *options: str) -> dict[str, object]:
    """Run `chaos run` on the attack's experiment in an empty folder and return Chaos Toolkit's journal."""
    write(ATTACK, folder / "experiment.json")
    surroundings = os.environ | {"OPCHAOS_HOME": str(settings.home), "OPCHAOS_TIER": "EMBEDDED"}
    program = str(Path(sys.executable).with_name("chaos"))
    result = subprocess.run(
        [program, "--no-version-check", "run", *options, "experiment.json"],
        cwd=folder,
        env=surroundings,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (folder / "journal.json").exists(), result.stderr
    return json.loads((folder / "journal.json").read_text(encoding="utf-8"))


def test_a_run_shows_the_symptom_and_its_rollback_leaves_every_byte_as_it_was(
    settings, experiment, clean, tmp_path
):
    journal = chaos_run(settings, tmp_path, "--rollback-strategy=always")

    launched, symptom = journal["run"]
    assert launched["output"] == "ci.env"
    assert (symptom["status"], symptom["output"]) == ("succeeded", "SETTING_MISSING")
    (steady,) = journal["steady_states"]["before"]["probes"]
    assert steady["output"] == "OK"
    # The defence is awake: that is what the experiment finds out.
    assert journal["deviated"] is True
    assert [rollback["status"] for rollback in journal["rollbacks"]] == ["succeeded"]
    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


def test_with_the_hypothesis_before_the_method_only_a_run_completes(settings, experiment, clean, tmp_path):
    journal = chaos_run(
        settings, tmp_path, "--rollback-strategy=always", "--hypothesis-strategy=before-method-only"
    )

    assert (journal["status"], journal["deviated"]) == ("completed", False)
    assert experiment.workspace.fingerprint() == clean


def test_a_run_without_its_rollbacks_is_healed_by_our_journal(settings, experiment, clean, tmp_path):
    journal = chaos_run(settings, tmp_path, "--rollback-strategy=never")

    assert journal["rollbacks"] == []
    assert experiment.workspace.fingerprint() != clean

    healed = Experiment(settings).heal()

    assert healed.attacks == (ATTACK.name,)
    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


DIES_HALF_WAY = """
import os, signal
from chaos_lib import faultpoints
from chaos_lib.export import actions

def die(point):
    if point == "experiment.injected":
        os.kill(os.getpid(), signal.SIGKILL)

faultpoints.on_reach = die
actions.launch("env_var_missing", "phase-1-tests")
"""


def test_a_launch_that_was_killed_half_way_is_healed_when_the_experiment_runs_again(here, experiment, clean):
    killed = subprocess.run([sys.executable, "-c", DIES_HALF_WAY], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert experiment.workspace.fingerprint() != clean

    assert actions.reason_of("settings-gate", PHASE) == "OK"
    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


def test_launching_twice_is_refused_and_healing_twice_is_healing_once(here, experiment, clean):
    assert actions.launch(ATTACK.name, PHASE) == "ci.env"
    with pytest.raises(AttackRefused):
        actions.launch(ATTACK.name, PHASE)

    assert actions.heal(ATTACK.name, PHASE) == "ci.env"
    assert actions.heal(ATTACK.name, PHASE) == ""
    assert experiment.workspace.fingerprint() == clean


def test_a_symptom_that_does_not_show_is_an_error_that_says_what_was_promised(here, experiment):
    with pytest.raises(SymptomMissing) as caught:
        actions.see_symptom(ATTACK.name, PHASE)
    assert "did not show" in caught.value.what
    assert "OK" in caught.value.evidence
    assert "SETTING_MISSING" in caught.value.fix


def test_an_attack_that_nobody_knows_is_an_error(here, experiment):
    with pytest.raises(UnknownAttack):
        actions.launch("no_such_attack", PHASE)


def test_a_mission_without_a_workspace_gets_the_finished_project(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path / "mission", tier=Tier.EMBEDDED)
    monkeypatch.setenv("OPCHAOS_HOME", str(settings.home))
    monkeypatch.setenv("OPCHAOS_TIER", "EMBEDDED")
    try:
        assert actions.reason_of("settings-gate", PHASE) == "OK"
        answers = phase(1).answers
        assert [(settings.workspace / path).exists() for path in answers] == [True] * len(answers)
    finally:
        Lab(settings).down()
