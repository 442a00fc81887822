"""`opchaos attack new`."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from chaos_lib.cli import app


@pytest.fixture
def opchaos(settings):
    def run(*arguments: str):
        return CliRunner().invoke(app, ["--home", str(settings.home), *arguments], prog_name="opchaos")

    return run


def test_it_writes_the_files_and_says_how_to_prove_and_play_the_attack(opchaos, settings):
    result = opchaos("attack", "new", "my_attack", "--phase", "0")

    folder = settings.home / "attacks"
    assert result.exit_code == 0
    assert 'phase="phase-0-setup"' in (folder / "my_attack.py").read_text(encoding="utf-8")
    assert (folder / "tests" / "test_my_attack.py").exists()
    assert f"pytest -p chaos_lib.proof_plugin {folder / 'my_attack.py'}" in result.output
    assert "opchaos attack my_attack" in result.output


def test_the_new_attack_is_in_the_list(opchaos):
    opchaos("attack", "new", "my_attack")

    assert "my_attack" in opchaos("attack").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Bad-Name"], "no attack name"),
        (["env_var_missing"], "already"),
        (["my_attack", "--phase", "77"], "no phase"),
    ],
)
def test_what_cannot_be_right_is_wrong_input(opchaos, settings, arguments, words):
    result = opchaos("attack", "new", *arguments)

    assert result.exit_code == 2
    assert words in result.output
    assert not (settings.home / "attacks").exists()


def test_a_name_is_needed(opchaos):
    assert opchaos("attack", "new").exit_code == 2
