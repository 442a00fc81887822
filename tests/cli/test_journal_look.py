"""Every command looks at the journal first."""

from __future__ import annotations

import json

import pytest

from chaos_lib.attacks import codename_scrambled
from chaos_lib.errors import RollbackFailed
from chaos_lib.experiment import Experiment

from .conftest import launch_half_way

CODENAMES = "src/mission_control/codenames.py"


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "--json"],
        ["attack"],
        ["defend"],
        ["workspace", "path"],
        ["workspace", "log"],
        ["heal"],
        ["down"],
    ],
    ids=" ".join,
)
def test_an_attack_that_was_killed_half_way_is_healed_at_once_and_told(with_workspace, arguments):
    cli = with_workspace
    before = (cli.settings.workspace / CODENAMES).read_text()
    launch_half_way(cli.settings)

    result = cli(*arguments)

    assert result.exit_code == 0
    assert "`codename_scrambled` was cut off half-way. That is healed" in result.stderr
    assert "cut off" not in result.stdout
    assert (cli.settings.workspace / CODENAMES).read_text() == before
    assert cli(*arguments).stderr.count("cut off") == 0


def test_the_doctor_only_looks(with_workspace):
    cli = with_workspace
    launch_half_way(cli.settings)

    result = cli("doctor", "--json")

    assert "is not healed yet: `opchaos heal`" in result.stderr
    assert Experiment(cli.settings).state().runs
    assert json.loads(result.stdout)["findings"]


def test_an_attack_that_was_launched_completely_stays(with_workspace):
    cli = with_workspace
    Experiment(cli.settings).launch(codename_scrambled.ATTACK)

    result = cli("attack")

    assert result.stderr == ""
    assert "broken" in result.stdout
    assert Experiment(cli.settings).state().run_of("codename_scrambled") is not None


def test_broken_lines_of_the_journal_are_told_and_stop_nothing(with_workspace):
    cli = with_workspace
    Experiment(cli.settings).launch(codename_scrambled.ATTACK)
    journal = cli.settings.state / "journal.jsonl"
    journal.write_bytes(b"\xff\x00 not a record\n" + journal.read_bytes())

    result = cli("status", "--json")

    assert result.exit_code == 0
    assert "has 1 line that cannot be read" in result.stderr
    found = json.loads(result.stdout)
    assert found["damaged_lines"] == 1
    assert [attack["name"] for attack in found["open_attacks"]] == ["codename_scrambled"]

    healed = cli("heal")
    assert healed.exit_code == 0
    assert "HEALED  codename_scrambled" in healed.stdout
    assert cli("status").stderr == ""


def test_a_journal_that_is_no_file_is_told(cli):
    (cli.settings.state / "journal.jsonl").mkdir(parents=True)

    result = cli("defend")

    assert result.exit_code == 0
    assert "journal" in result.stderr
    assert "Fix: " in result.stderr
    assert cli("status").exit_code == 0


def test_a_heal_that_fails_does_not_stand_in_the_way_of_its_cure(with_workspace, monkeypatch):
    cli = with_workspace
    before = (cli.settings.workspace / CODENAMES).read_text()
    launch_half_way(cli.settings)

    def fail(self, **_):
        raise RollbackFailed("It could not be brought back.", evidence="a reason", fix="A cure.")

    with monkeypatch.context() as patch:
        patch.setattr(Experiment, "heal", fail)
        listed = cli("attack")
        assert listed.exit_code == 0
        for part in ("is not healed yet", "It could not be brought back.", "a reason", "A cure."):
            assert part in listed.stderr
        assert cli("heal").exit_code == 1
        assert cli("workspace", "restore").exit_code == 0

    assert (cli.settings.workspace / CODENAMES).read_text() == before
    assert cli("attack").stderr == ""
