"""`opchaos matrix`, on servers from wheels and the two cheapest defences."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from chaos_lib.attacks import catalogue, env_var_missing
from chaos_lib.cli import app
from chaos_lib.errors import LabBusy, LabError
from chaos_lib.lab import Lab
from chaos_lib.lab.facility import Progress
from chaos_lib.matrix.ground import own_ground
from chaos_lib.matrix.results import alone
from chaos_lib.mission import with_lab_names
from chaos_lib.settings import Settings, Tier
from tests.matrix.conftest import FileReader

SMALL = ("--attack", "env_var_missing", "--defence", "settings-gate")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One mission for all tests of this module: the second run finds the results of the first."""
    return tmp_path_factory.mktemp("matrix-command") / "mission"


@pytest.fixture
def opchaos(home):
    def run(*arguments: str):
        options = ["--home", str(home), "--tier", "embedded"]
        return CliRunner().invoke(app, [*options, "matrix", *arguments], prog_name="opchaos")

    return run


def test_it_shows_and_writes_the_matrix_and_leaves_no_lab(opchaos, home):
    result = opchaos(*SMALL)

    assert result.exit_code == 0, result.output
    assert "✓ caught" in result.output
    assert "○ quiet" in result.output
    assert "1 of 1 attacks caught" in result.output
    assert "2 cells were run" in " ".join(result.output.split())
    folder = home / "matrix"
    assert json.loads((folder / "matrix.json").read_text(encoding="utf-8"))["holds"] is True
    assert (folder / "matrix.png").read_bytes().startswith(b"\x89PNG")
    assert "✓ caught" in (folder / "matrix.md").read_text(encoding="utf-8")
    assert not Lab(Settings(home=folder / "ground", tier=Tier.EMBEDDED)).status().is_up
    assert not (home / "workspace").exists()


def test_a_second_run_reuses_the_cells_and_prints_json_alone(opchaos, home, tmp_path):
    before = (home / "matrix" / "cells.json").read_bytes()

    result = opchaos(*SMALL, "--json", "--out", str(tmp_path / "elsewhere"))

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["outcomes"]["caught"] == 1
    assert (home / "matrix" / "cells.json").read_bytes() == before
    assert (tmp_path / "elsewhere" / "matrix.png").exists()


def test_a_gap_is_shown_written_and_a_failure(opchaos, home, monkeypatch):
    # An attack that promises more than its defence says.
    symptom = replace(env_var_missing.ATTACK.symptom, reason="SOMETHING_ELSE")
    promises_more = replace(env_var_missing.ATTACK, symptom=symptom)
    monkeypatch.setattr(catalogue, "load", lambda own=None: {"env_var_missing": promises_more})

    result = opchaos(*SMALL, "--fresh")

    assert result.exit_code == 1
    assert "≠ wrong reason" in result.output
    assert "The matrix does not hold" in result.output
    assert json.loads((home / "matrix" / "matrix.json").read_text(encoding="utf-8"))["holds"] is False


def test_the_page_of_the_site_is_the_whole_matrix(opchaos, home, tmp_path, monkeypatch):
    refused = opchaos("--docs", *SMALL)
    assert refused.exit_code == 2
    assert "whole matrix" in refused.output

    from chaos_lib.defences import catalogue as defences

    quick = FileReader("settings-gate", "ci.env", "MISSION_DATABASE_URL=")
    symptom = replace(env_var_missing.ATTACK.symptom, reason="TEXT_WRONG", pattern="ci.env")
    attack = replace(env_var_missing.ATTACK, symptom=symptom)
    monkeypatch.setattr(defences, "DEFENCES", {quick.name: quick})
    monkeypatch.setattr(catalogue, "load", lambda own=None: {attack.name: attack})
    repository = tmp_path / "checkout"
    repository.mkdir()
    (repository / "sample_app").symlink_to(Settings().sample_app)
    monkeypatch.setenv("OPCHAOS_REPOSITORY", str(repository))

    result = opchaos("--docs")

    assert result.exit_code == 0, result.output
    text = (repository / "docs" / "matrix.md").read_text(encoding="utf-8")
    assert "](assets/matrix.png)" in text
    assets = repository / "docs" / "assets"
    assert (assets / "matrix.png").exists()
    assert json.loads((assets / "matrix.json").read_text(encoding="utf-8"))["holds"] is True


def test_wrong_input_is_said_before_anything_starts(opchaos, tmp_path):
    assert opchaos("--attack", "no_such_attack").exit_code == 2
    assert opchaos("--defence", "no-such-defence").exit_code == 2
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert "is a file" in opchaos("--out", str(blocked)).output


def test_a_second_run_at_the_same_time_is_refused(settings):
    with (
        alone(settings.home / "matrix" / "ground"),
        pytest.raises(LabBusy),
        own_ground(settings),
    ):
        pass


def test_without_services_there_is_no_matrix(settings, monkeypatch):
    monkeypatch.setattr(Lab, "up", lambda self, progress, also=(): NoServices())
    with pytest.raises(LabError) as caught, own_ground(settings):
        pass
    assert "no Postgres" in caught.value.what
    assert caught.value.evidence == "no services"
    assert "opchaos doctor" in caught.value.fix


def test_progress_of_the_lab_is_passed_on(settings, monkeypatch):
    heard = []
    embedded = settings.model_copy(update={"tier": Tier.EMBEDDED})
    with own_ground(embedded, heard.append) as ground:
        assert ground.tier is Tier.EMBEDDED
        assert ground.lab["OPCHAOS_RUN_ID"] == ground.settings.run_id()
    assert all(isinstance(progress, Progress) for progress in heard)


def test_a_lab_that_a_killed_run_left_is_taken_down_first(settings):
    embedded = settings.model_copy(update={"tier": Tier.EMBEDDED})
    left = Lab(embedded.model_copy(update={"home": embedded.home / "matrix" / "ground"}))
    left.up()
    before = with_lab_names(left.environment(), left.settings.run_id())

    with own_ground(embedded) as ground:
        assert ground.lab["LAB_POSTGRES_URL"] != before["LAB_POSTGRES_URL"]


class NoServices:
    """The state of a lab that offers nothing."""

    def facility(self, name: str) -> None:
        return None
