"""`opchaos workspace` and `opchaos reset`: nothing is ever lost."""

from __future__ import annotations

import json

import pytest

from chaos_lib.attacks import codename_scrambled
from chaos_lib.errors import RollbackFailed
from chaos_lib.experiment import Experiment

CODENAMES = "src/mission_control/codenames.py"


@pytest.mark.parametrize("key", ["1", "phase-1", "phase-1-tests"])
def test_new_makes_the_workspace_of_a_phase(cli, key):
    result = cli("workspace", "new", "--phase", key)

    assert result.exit_code == 0
    assert str(cli.settings.workspace) in result.stdout
    assert (cli.settings.workspace / "pyproject.toml").is_file()
    assert not (cli.settings.workspace / "tests/unit/test_settings.py").exists()
    assert cli("workspace", "path").stdout == f"{cli.settings.workspace}\n"
    assert json.loads(cli("status", "--json").stdout)["phase"]["name"] == "phase-1-tests"


def test_new_heals_first_and_keeps_the_workspace_before(with_workspace):
    cli = with_workspace
    healthy = (cli.settings.workspace / CODENAMES).read_text()
    (cli.settings.workspace / "mine.txt").write_text("my work")
    Experiment(cli.settings).launch(codename_scrambled.ATTACK)

    result = cli("workspace", "new", "--phase", "0")

    assert "Undone first: codename_scrambled." in result.stdout
    (kept,) = cli.settings.home.glob("workspace-*")
    assert str(kept) in result.stdout
    assert (kept / "mine.txt").read_text() == "my work"
    assert (kept / CODENAMES).read_text() == healthy
    assert str(kept) in cli("workspace", "log").stdout
    assert cli("heal").exit_code == 0
    assert not (cli.settings.workspace / "mine.txt").exists()


def test_restore_brings_everything_back_and_the_log_brings_the_edits_back(with_workspace):
    cli = with_workspace
    path = cli.settings.workspace / CODENAMES
    healthy = path.read_text()
    Experiment(cli.settings).launch(codename_scrambled.ATTACK)
    path.write_text("# my own work\n")

    restored = cli("workspace", "restore")

    assert restored.exit_code == 0
    assert path.read_text() == healthy
    assert json.loads(cli("status", "--json").stdout)["open_attacks"] == []
    log = cli("workspace", "log").stdout
    assert "Start of phase-1-tests" in log
    versions = [line.split()[0] for line in log.splitlines() if "kept aside" in line]
    assert any(_brings_back(cli, version, path, "# my own work\n") for version in versions)


def _brings_back(cli, version, path, text):
    assert cli("workspace", "restore", version).exit_code == 0
    return path.read_text() == text


@pytest.mark.parametrize("revision", ["nonsense", "HEAD:README.md", "--", "-x"])
def test_restore_refuses_what_is_no_version(with_workspace, revision):
    result = with_workspace("workspace", "restore", "--", revision)

    assert result.exit_code == 2
    assert f"The workspace has no version `{revision}`." in result.stderr
    assert "opchaos workspace log" in result.stderr


def test_reset_heals_and_puts_the_mission_aside(with_workspace):
    cli = with_workspace
    healthy = (cli.settings.workspace / CODENAMES).read_text()
    Experiment(cli.settings).launch(codename_scrambled.ATTACK)

    result = cli("reset")

    assert result.exit_code == 0
    assert "HEALED  codename_scrambled" in result.stdout
    assert not cli.settings.home.exists()
    (kept,) = cli.settings.home.parent.glob("mission-*")
    assert str(kept) in result.stdout
    assert (kept / "workspace" / CODENAMES).read_text() == healthy
    assert "nothing to reset" in cli("reset").stdout


def test_reset_twice_in_a_second_keeps_both(cli):
    for _ in range(2):
        cli.settings.workspace.mkdir(parents=True)
        assert cli("reset").exit_code == 0

    assert len(list(cli.settings.home.parent.glob("mission-*"))) == 2


def test_reset_goes_on_when_healing_fails_because_nothing_is_deleted(with_workspace, monkeypatch):
    cli = with_workspace
    Experiment(cli.settings).launch(codename_scrambled.ATTACK)

    def fail(self, **_):
        raise RollbackFailed("It could not be brought back.", evidence="a reason", fix="A cure.")

    monkeypatch.setattr(Experiment, "heal", fail)

    result = cli("reset")

    assert result.exit_code == 0
    assert "It could not be brought back." in result.stderr
    assert not cli.settings.home.exists()


def test_reset_never_moves_a_folder_that_holds_more_than_a_mission(cli, tmp_path, monkeypatch):
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))

    result = cli("--home", str(tmp_path), "reset")

    assert result.exit_code == 2
    assert "holds more than a mission" in result.stderr
    assert "`--home`" in result.stderr
    assert tmp_path.exists()
