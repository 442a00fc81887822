"""`opchaos attack export`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from chaos_lib.attacks import env_var_missing
from chaos_lib.authoring import scaffold
from chaos_lib.cli import app
from chaos_lib.export import experiment_of


@pytest.fixture
def opchaos(settings):
    def run(*arguments: str):
        return CliRunner().invoke(app, ["--home", str(settings.home), *arguments], prog_name="opchaos")

    return run


def test_it_writes_the_experiment_and_says_how_to_check_and_play_it(opchaos, settings):
    result = opchaos("attack", "export", "env_var_missing")

    assert result.exit_code == 0
    target = settings.home / "experiments" / "env_var_missing.json"
    assert target.read_text(encoding="utf-8") == experiment_of(env_var_missing.ATTACK).to_json()
    assert f"chaos validate {target}" in result.output
    assert f"OPCHAOS_HOME={settings.home} chaos run --rollback-strategy=always {target}" in result.output


def test_it_prints_it_for_a_pipe(opchaos):
    result = opchaos("attack", "export", "env_var_missing", "--out", "-")

    assert json.loads(result.stdout)["version"] == "1.0.0"


def test_a_file_with_other_content_is_kept_unless_forced(opchaos, tmp_path):
    target = tmp_path / "mine.json"
    target.write_text("mine", encoding="utf-8")

    refused = opchaos("attack", "export", "env_var_missing", "--out", str(target))
    assert refused.exit_code == 2
    assert target.read_text(encoding="utf-8") == "mine"

    assert opchaos("attack", "export", "env_var_missing", "--out", str(target), "--force").exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8"))


def test_an_attack_of_ones_own_can_be_exported(opchaos, settings):
    scaffold(settings, "my_attack")

    result = opchaos("attack", "export", "my_attack")

    assert result.exit_code == 0
    assert (settings.home / "experiments" / "my_attack.json").exists()


def test_an_unknown_attack_is_wrong_input(opchaos):
    result = opchaos("attack", "export", "env_var_mising")

    assert result.exit_code == 2
    assert "env_var_missing" in result.output
