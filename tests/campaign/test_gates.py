from __future__ import annotations

from dataclasses import replace

import pytest

from chaos_lib.attacks import catalogue, codename_scrambled
from chaos_lib.campaign.gates import gates_for, require_steady, run_gates
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.errors import AttackRefused, InvalidInput
from chaos_lib.settings import Tier

from .conftest import FileGate


def names(attacks, known):
    return [gate.name for gate in gates_for(attacks, known)]


def playable():
    return [attack for attack in catalogue.load().values() if Tier.EMBEDDED in attack.tiers]


def test_every_attack_of_the_first_phases_has_its_gate_and_the_triage_is_none():
    early = [attack for attack in playable() if attack.phase < "phase-2" or attack.phase == "phase-5-final"]
    found = names(early, DEFENCES)

    assert found == [
        "settings-gate", "unit-tests", "integration-tests", "degraded-mode", "schema-contract",
        "must-fail-run", "frozen-clock", "flake-detector", "random-order",
    ]  # fmt: skip
    assert {attack.defence for attack in playable()} - {"triage"} == set(names(playable(), DEFENCES))


def test_cheap_gates_go_first_then_the_layers_and_in_the_end_what_runs_the_tests_many_times(gates):
    lint = FileGate("image-lint", "Dockerfile", "x", "NO", phase="phase-2-docker")
    lint.is_static = True
    smoke = FileGate("image-smoke", "Dockerfile", "x", "NO", phase="phase-2-docker")
    known = {"image-smoke": smoke, "image-lint": lint, **gates}
    attacks = [
        *playable(),
        *(_caught_by(name) for name in ("image-smoke", "image-lint")),
    ]

    found = names(attacks, known)

    assert found[:3] == ["settings-gate", "image-lint", "unit-tests"]
    assert found.index("degraded-mode") < found.index("image-smoke") < found.index("must-fail-run")
    assert found[-1] == "random-order"


def _caught_by(defence):
    return replace(codename_scrambled.ATTACK, name=f"a_{defence.replace('-', '_')}", defence=defence)


def test_a_run_stops_at_the_first_red_gate_and_tells_each(mission, gates):
    mission.experiment.launch(mission.attack("codename_scrambled"))
    told = []

    run = run_gates(
        mission,
        ["settings-gate", "unit-tests", "integration-tests"],
        on_gate=lambda name, number, total: told.append((name, number, total)),
    )

    assert told == [("settings-gate", 1, 3), ("unit-tests", 2, 3)]
    assert (run.passed, run.total) == (("settings-gate",), 3)
    assert run.red is not None
    assert run.red.reason == "TESTS_FAILED"
    assert gates["integration-tests"].runs == 0


def test_a_pipeline_without_gates_is_refused(mission):
    with pytest.raises(InvalidInput, match="no gates") as caught:
        run_gates(mission, [])
    assert caught.value.fix


def test_a_workspace_that_was_found_green_is_not_asked_again_until_it_changes(mission, gates):
    chosen = ["settings-gate", "unit-tests"]

    assert require_steady(mission, chosen) is not None
    assert require_steady(mission, chosen) is None
    assert gates["unit-tests"].runs == 1
    (mission.workspace.folder / "mine.txt").write_text("mine")
    assert require_steady(mission, chosen) is not None
    assert require_steady(mission, [*chosen, "frozen-clock"]) is not None


def test_a_pipeline_that_is_red_already_is_refused_with_what_it_says(mission):
    (mission.workspace.folder / "ci.env").write_text("")

    with pytest.raises(AttackRefused, match="red already: `settings-gate` says SETTING_MISSING") as caught:
        require_steady(mission, ["settings-gate"])
    assert "ci.env" in caught.value.evidence
    assert "green first" in caught.value.fix
    assert not mission.log.events(kind="steady_state")
