"""The old colour on the new colour's schema, in a real Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_lib import environment
from chaos_lib.attacks.hands import Hands
from chaos_lib.attacks.schema_breaks_old_colour import ATTACK
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.schema_contract import SCHEMA_CONTRACT, _old_version
from chaos_lib.experiment import Experiment
from chaos_lib.lab import Lab
from chaos_lib.mission import with_lab_names
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings, Tier

MIGRATION = "src/mission_control/migrations/0003_more.sql"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Experiment, DefenceContext]]:
    settings = Settings(home=tmp_path_factory.mktemp("schema"), tier=Tier.EMBEDDED)
    lab = Lab(settings)
    lab.up()
    try:
        experiment = Experiment(settings)
        experiment.workspace.create(FINISHED)
        variables = with_lab_names(lab.environment(), settings.run_id())
        folder = settings.workspace
        yield (
            experiment,
            DefenceContext(folder, environment.load(folder, variables), variables, settings, Tier.EMBEDDED),
        )
    finally:
        lab.down()


def databases(context: DefenceContext) -> set[str]:
    import psycopg

    with psycopg.connect(context.lab["LAB_POSTGRES_URL"]) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}


def test_the_fault_is_found_before_and_after_it_is_committed(
    ground: tuple[Experiment, DefenceContext],
) -> None:
    experiment, context = ground
    before, clean = databases(context), experiment.workspace.git.run("rev-parse", "HEAD").output.strip()
    experiment.launch(ATTACK)
    try:
        assert SCHEMA_CONTRACT.run(context).reason == "OLD_COLOUR_BROKEN"
        experiment.workspace.git.commit("A better name")
        verdict = SCHEMA_CONTRACT.run(context)
        assert verdict.reason == "OLD_COLOUR_BROKEN"
        assert "old colour: GET /missions: 500" in verdict.evidence
        assert "Expand" in verdict.remedy

        ATTACK.solve(Hands(context.workspace, context.settings.sample_app))
        assert SCHEMA_CONTRACT.run(context).is_green
        experiment.workspace.git.commit("Expand first")
        assert SCHEMA_CONTRACT.run(context).is_green
    finally:
        experiment.settle(ATTACK.name)
        experiment.workspace.rebuild(clean)
        experiment.workspace.git.commit("Back")
    assert databases(context) == before, "no database is left behind"


def test_a_new_version_that_does_not_fit_its_own_schema_is_told_apart(
    ground: tuple[Experiment, DefenceContext],
) -> None:
    experiment, context = ground
    store = context.workspace / "src/mission_control/missions.py"
    store.write_text(store.read_text().replace("SELECT id, codename, status", "SELECT id, nowhere, status"))
    try:
        verdict = SCHEMA_CONTRACT.run(context)
    finally:
        experiment.workspace.rebuild()
    assert verdict.reason == "NEW_COLOUR_BROKEN"
    assert "new colour: GET /missions: 500" in verdict.evidence


def test_a_migration_that_is_wrong_keeps_the_new_colour_from_starting(
    ground: tuple[Experiment, DefenceContext],
) -> None:
    experiment, context = ground
    (context.workspace / MIGRATION).write_text("ALTER TABLE nowhere ADD COLUMN x text;\n")
    try:
        verdict = SCHEMA_CONTRACT.run(context)
    finally:
        experiment.workspace.rebuild()
    assert verdict.reason == "SERVICE_DOES_NOT_START"
    assert "nowhere" in verdict.evidence


def test_without_a_postgres_it_says_so(ground: tuple[Experiment, DefenceContext]) -> None:
    verdict = SCHEMA_CONTRACT.run(replace(ground[1], lab={}))
    assert verdict.reason == "NO_DATABASE"
    assert "opchaos doctor" in verdict.remedy


def test_the_old_version_is_the_newest_with_another_schema(
    ground: tuple[Experiment, DefenceContext], tmp_path: Path
) -> None:
    experiment, context = ground
    git = experiment.workspace.git
    (context.workspace / MIGRATION).write_text("SELECT 1;\n")
    git.commit("A migration")
    (context.workspace / "README.md").write_text("later\n")
    git.commit("Something else")
    old = _old_version(context.workspace, tmp_path)
    assert not (old / MIGRATION).exists()
    assert (old / "src/mission_control/missions.py").is_file()
