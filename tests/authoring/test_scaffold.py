"""`opchaos attack new` writes an attack that works as it is."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.authoring import scaffold
from chaos_lib.errors import InvalidInput, UnknownPhase
from chaos_lib.phases import PHASES

NAME = "saturday_worked"


def pytest_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as a learner does: in a process of its own, without this project's options."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments]
    return subprocess.run(command, env=surroundings, check=False, capture_output=True, text=True)


def test_the_new_attack_passes_its_four_proofs_and_its_test_unchanged(settings):
    made = scaffold(settings, NAME)
    program, *arguments = shlex.split(made.proof)
    assert program == "pytest"

    result = pytest_process(*arguments, "--tiers", "EMBEDDED", "-v")

    assert result.returncode == 0, result.stdout
    for state in ("clean", "attacked", "undone", "solved"):
        assert f"{state}[EMBEDDED] PASSED" in result.stdout
    assert "6 passed" in result.stdout


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_it_belongs_to_the_phase_that_was_asked_for_and_is_found(settings, phase):
    made = scaffold(settings, NAME, phase.number)

    attack = catalogue.load(made.attack.parent)[NAME]

    assert attack.phase == phase.name
    assert attack.title == "Saturday worked"
    assert made.attack == settings.home / "attacks" / f"{NAME}.py"


def test_its_test_is_no_attack_and_does_not_hide_the_others(settings):
    scaffold(settings, NAME)
    scaffold(settings, "another_one")

    assert {NAME, "another_one"} < set(catalogue.load(settings.home / "attacks"))


@pytest.mark.parametrize(
    "name", ["", "Upper", "with-dash", "with space", "7th", "_hidden", "../escape", "a" * 41, "naïve"]
)
def test_a_name_that_is_no_attack_name_is_refused(settings, name):
    with pytest.raises(InvalidInput) as caught:
        scaffold(settings, name)
    assert "is no attack name" in caught.value.what
    assert "small letters" in caught.value.evidence
    assert "snake_case" in caught.value.fix
    assert not (settings.home / "attacks").exists()


@pytest.mark.parametrize("name", ["new", "export", "catalogue", "base", "hands", "class"])
def test_a_name_that_means_something_else_is_refused(settings, name):
    with pytest.raises(InvalidInput) as caught:
        scaffold(settings, name)
    assert "has a meaning already" in caught.value.what
    assert caught.value.evidence
    assert caught.value.fix


def test_a_name_that_pytest_would_take_for_a_test_is_refused(settings):
    with pytest.raises(InvalidInput) as caught:
        scaffold(settings, "test_everything")
    assert "taken for a test" in caught.value.what
    assert caught.value.evidence
    assert caught.value.fix


def test_the_name_of_one_of_our_attacks_is_taken(settings):
    with pytest.raises(InvalidInput) as caught:
        scaffold(settings, "env_var_missing")
    assert "There is an attack `env_var_missing` already." in caught.value.what
    assert "kit's own" in caught.value.evidence
    assert "another name" in caught.value.fix


@pytest.mark.parametrize("part", ["attack", "test"])
def test_nothing_is_overwritten(settings, part):
    made = scaffold(settings, NAME)
    kept: Path = getattr(made, part)
    kept.write_text("precious\n", encoding="utf-8")
    other = made.test if part == "attack" else made.attack
    other.unlink()

    with pytest.raises(InvalidInput) as caught:
        scaffold(settings, NAME)
    assert str(kept) in caught.value.evidence
    assert "Nothing is overwritten" in caught.value.fix
    assert kept.read_text(encoding="utf-8") == "precious\n"
    assert not other.exists()


def test_a_phase_that_nobody_knows_is_refused(settings):
    with pytest.raises(UnknownPhase) as caught:
        scaffold(settings, NAME, "phase-77")
    assert "phase-77" in caught.value.what
    assert not settings.home.exists()
