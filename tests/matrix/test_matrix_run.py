"""Running the matrix: every cell once, every attack undone, nothing run twice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chaos_lib.attacks import env_var_missing, nothing_is_broken
from chaos_lib.defences.scope import Scope
from chaos_lib.defences.settings_gate import SETTINGS_GATE
from chaos_lib.defences.test_suites import UNIT_TESTS
from chaos_lib.errors import InvalidInput, LabBusy, MatrixBroken, ToolMissing
from chaos_lib.matrix import CLEAN, Outcome, Source, run_matrix
from chaos_lib.matrix.results import alone
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Tier
from tests.matrix.conftest import SPELLING, FileReader


@pytest.fixture
def play(ground, attacks, variables, codenames, results_file):
    """Runs the small matrix; what is given replaces its parts."""

    def run(**parts):
        own = {"ground": ground, "attacks": attacks, "defences": [variables, codenames], **parts}
        return run_matrix(
            own["ground"],
            own["attacks"],
            own["defences"],
            results_file=results_file,
            audits=own.get("audits", 0),
            on_cell=own.get("on_cell", lambda _: None),
        )

    return run


def runs(*defences) -> int:
    return sum(len(defence.runs) for defence in defences)


def test_every_attack_meets_every_defence_and_every_defence_the_clean_project(play, variables, codenames):
    matrix = play()

    assert runs(variables, codenames) == 6
    assert matrix.outcome("env_var_missing", "variables") is Outcome.CAUGHT
    assert matrix.outcome("env_var_missing", "codenames") is Outcome.LET_THROUGH
    assert matrix.outcome("codename_scrambled", "codenames") is Outcome.CAUGHT
    assert matrix.outcome(CLEAN, "variables") is matrix.outcome(CLEAN, "codenames") is Outcome.QUIET
    assert matrix.problems == ()
    matrix.require_holds()
    assert matrix.statement.startswith("2 of 2 attacks caught")
    assert "0 false alarms" in matrix.statement


def test_the_real_cheap_defences_catch_their_attack_and_no_other(ground, results_file):
    lab = {"LAB_POSTGRES_URL": "postgresql://somewhere/x", "LAB_REDIS_URL": "redis://somewhere/0"}
    with_names = replace(ground, lab=lab)

    matrix = run_matrix(
        with_names, [env_var_missing.ATTACK], [SETTINGS_GATE, UNIT_TESTS], results_file=results_file
    )

    matrix.require_holds()
    assert matrix.outcome("env_var_missing", "settings-gate") is Outcome.CAUGHT
    assert all(cell.elapsed_s > 0 for cell in matrix.cells)


def test_the_workspace_is_as_before_afterwards(play, ground):
    ground.experiment.workspace.create(FINISHED)
    before = ground.experiment.workspace.fingerprint()

    play()

    assert ground.experiment.workspace.fingerprint() == before
    assert ground.experiment.state().runs == ()


def test_a_second_run_runs_nothing_and_says_the_same(play, variables, codenames):
    first = play()
    heard = []
    second = play(on_cell=heard.append)

    assert runs(variables, codenames) == 6
    assert second.cells == first.cells
    assert [progress.is_reused for progress in heard] == [True] * 6


def test_only_what_changed_runs_again(play, attacks, variables, codenames):
    play()
    other = FileReader("codenames", codenames.path, "???", is_wanted=False)

    play(defences=[variables, other])

    assert (runs(variables), runs(other)) == (3, 3)
    play(defences=[variables, other])
    assert (runs(variables), runs(other)) == (3, 3)


def test_a_change_of_the_attacks_file_runs_its_row_again(play, attacks, variables, codenames, tmp_path):
    from chaos_lib.attacks import catalogue

    path = tmp_path / "attacks" / "own_attack.py"
    path.parent.mkdir()
    path.write_text(OWN_ATTACK, encoding="utf-8")
    play(attacks=[*attacks, catalogue.load_file(path)])
    assert runs(variables, codenames) == 8

    path.write_text(OWN_ATTACK + "\n# changed\n", encoding="utf-8")
    play(attacks=[*attacks, catalogue.load_file(path)])

    assert runs(variables, codenames) == 10


def test_a_change_of_the_sample_app_runs_everything_again(play, ground, variables, codenames):
    play()
    (ground.settings.workspace / "README.md").write_text("another project\n", encoding="utf-8")

    play()

    assert runs(variables, codenames) == 12


def test_a_run_that_was_stopped_goes_on_where_it_was_and_leaves_no_attack(
    play, ground, attacks, variables, codenames
):
    before = runs(variables, codenames)

    def stop(progress):
        if progress.cell is None and progress.attack == attacks[0].name and progress.defence == "codenames":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(on_cell=stop)
    assert runs(variables, codenames) - before == 3
    assert ground.experiment.state().runs == ()

    play()
    assert runs(variables, codenames) == 6


def test_what_a_killed_run_left_is_undone_before_the_first_cell(play, ground, attacks):
    ground.experiment.launch(attacks[0])

    assert play().problems == ()


def test_progress_is_told_when_a_cell_starts_and_when_it_is_known(play):
    heard = []
    play(on_cell=heard.append)

    assert [progress.number for progress in heard] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert {progress.total for progress in heard} == {6}
    assert [progress.cell is None for progress in heard] == [True, False] * 6
    assert heard[0].attack == CLEAN


def test_an_attack_that_does_not_happen_on_this_tier_is_not_played_and_no_gap(
    play, attacks, variables, codenames
):
    only_live = replace(attacks[0], tiers=(Tier.LIVE,))

    matrix = play(attacks=[only_live, attacks[1]])

    assert matrix.outcome(only_live.name, "variables") is Outcome.NOT_PLAYED
    assert matrix.problems == ()
    assert matrix.statement.startswith("1 of 1 attacks caught")


def test_a_missed_attack_and_a_false_alarm_break_the_statement(play, codenames):
    blind = FileReader("variables", "ci.env", "")
    nervous = FileReader("nervous", "ci.env", SPELLING_NOBODY_USES)

    matrix = play(defences=[blind, codenames, nervous])

    assert matrix.outcome("env_var_missing", "variables") is Outcome.MISSED
    assert matrix.outcome(CLEAN, "nervous") is Outcome.FALSE_ALARM
    with pytest.raises(MatrixBroken) as caught:
        matrix.require_holds()
    assert "1 of 2 attacks caught" in caught.value.what
    assert "`nervous` fires on the clean project" in caught.value.evidence
    assert "`env_var_missing` is missed: `variables` said OK" in caught.value.evidence
    assert "opchaos matrix" in caught.value.fix


def test_red_for_another_reason_is_not_caught(play, attacks):
    from chaos_lib.attacks.base import Symptom

    promises_more = replace(attacks[0], symptom=Symptom("SOMETHING_ELSE", r".", deadline_s=5))
    matrix = play(attacks=[promises_more])

    assert matrix.outcome("env_var_missing", "variables") is Outcome.WRONG_REASON
    assert "wrong reason" in matrix.problems[0]


def test_an_attack_whose_defence_is_not_there_is_a_gap(play, attacks, codenames):
    matrix = play(attacks=[attacks[0]], defences=[codenames])

    assert matrix.problems == ("`env_var_missing`: its defence `variables` is not in the matrix",)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (ToolMissing("The program `nothing` was not found."), "The program `nothing` was not found."),
        (ZeroDivisionError("nobody foresaw it"), "ZeroDivisionError: nobody foresaw it"),
    ],
)
def test_a_defence_that_breaks_is_a_red_cell(play, variables, failure, said):
    class Broken(FileReader):
        def run(self, context):
            raise failure

    matrix = play(defences=[variables, Broken("codenames", "", "")])

    cell = matrix.cell(CLEAN, "codenames")
    assert (cell.reason, cell.summary) == ("DEFENCE_BROKEN", said)
    assert matrix.outcome(CLEAN, "codenames") is Outcome.FALSE_ALARM


@pytest.mark.parametrize("text", ["{", '{"version": 1, "cells": [{}]}', '{"version": 99, "cells": []}'])
def test_damaged_results_are_refused_and_kept(play, results_file, text):
    results_file.parent.mkdir(parents=True)
    results_file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        play()
    assert "cannot be read" in caught.value.what
    assert str(results_file) in caught.value.evidence
    assert "--fresh" in caught.value.fix
    assert results_file.read_text(encoding="utf-8") == text


def test_two_runs_on_the_same_results_do_not_mix(play, results_file):
    with alone(results_file), pytest.raises(LabBusy) as caught:
        play()
    assert "Another run" in caught.value.what
    assert str(results_file) in caught.value.evidence
    assert caught.value.fix


def test_results_of_rows_that_are_not_asked_for_are_kept(play, attacks, results_file, variables, codenames):
    play()
    play(attacks=attacks[:1])

    rows = {cell["attack"] for cell in json.loads(results_file.read_text(encoding="utf-8"))["cells"]}
    assert rows == {CLEAN, "env_var_missing", "codename_scrambled"}


SPELLING_NOBODY_USES = "NOBODY_HAS_THIS="
OWN_ATTACK = """
from dataclasses import replace
from chaos_lib.attacks import env_var_missing, nothing_is_broken


def inject(target):
    target.environment.set("OWN", "1")


ATTACK = replace(env_var_missing.ATTACK, name="own_attack", inject=inject)
"""


def test_a_decoy_must_leave_every_defence_quiet(play, attacks, variables, codenames):
    decoy = replace(nothing_is_broken.ATTACK, defence="variables")

    matrix = play(attacks=[*attacks, decoy])

    assert matrix.outcome("nothing_is_broken", "variables") is Outcome.QUIET
    assert matrix.problems == ()
    assert matrix.statement.startswith("2 of 2 attacks caught")


def test_a_defence_that_fires_on_a_decoy_breaks_the_matrix(play, attacks, variables):
    decoy = replace(nothing_is_broken.ATTACK, defence="variables", inject=env_var_missing.inject)

    matrix = play(attacks=[*attacks, decoy])

    assert matrix.problems == ("`variables` fires on the decoy `nothing_is_broken`",)


@pytest.fixture
def focused(variables, codenames):
    """The same defences, which say what they look at."""
    variables.looks_at = Scope((variables.path,))
    codenames.looks_at = Scope(("src/*",))
    return [variables, codenames]


def test_what_an_attack_cannot_reach_is_not_run_and_follows_from_the_clean_project(play, focused):
    matrix = play(defences=focused)

    assert runs(*focused) == 4
    assert matrix.outcome("env_var_missing", "codenames") is Outcome.DERIVED
    assert matrix.outcome("codename_scrambled", "variables") is Outcome.DERIVED
    assert matrix.cell("env_var_missing", "codenames").elapsed_s == 0
    assert matrix.count(Outcome.CAUGHT) == 2
    assert matrix.count_source(Source.DERIVED) == 2
    matrix.require_holds()


def test_the_named_defence_is_run_whatever_it_says_it_looks_at(play, focused):
    focused[0].looks_at = Scope()

    matrix = play(defences=focused)

    assert matrix.outcome("env_var_missing", "variables") is Outcome.CAUGHT


def test_an_audit_runs_derived_cells_and_the_same_ones_again_are_known(play, focused):
    matrix = play(defences=focused, audits=5)

    assert runs(*focused) == 6
    assert matrix.count_source(Source.AUDITED) == 2
    assert matrix.outcome("env_var_missing", "codenames") is Outcome.DERIVED
    matrix.require_holds()
    play(defences=focused, audits=5)
    assert runs(*focused) == 6


def test_an_audit_finds_a_defence_that_looks_at_more_than_it_says(play, focused):
    liar = FileReader("liar", "ci.env", SPELLING, looks_at=Scope(("README.md",)))

    quiet = play(defences=[*focused, liar])
    matrix = play(defences=[*focused, liar], audits=9)

    assert quiet.problems == ()
    assert matrix.outcome("env_var_missing", "liar") is Outcome.CONTRADICTION
    assert matrix.problems == (
        "`liar` says that it does not look at what `env_var_missing` touches, and said TEXT_WRONG: "
        "The file is not as it should be.",
    )
    with pytest.raises(MatrixBroken):
        matrix.require_holds()


def test_which_cells_are_audited_depends_on_the_seed_alone(play, ground, focused, results_file):
    def audited(seed: int) -> set[str]:
        results_file.unlink(missing_ok=True)
        seeded = replace(ground, settings=ground.settings.model_copy(update={"seed": seed}))
        matrix = play(ground=seeded, defences=focused, audits=1)
        return {cell.attack for cell in matrix.cells if cell.source is Source.AUDITED}

    assert audited(1) == audited(1)
    assert len({attack for seed in range(8) for attack in audited(seed)}) == 2


def test_an_attack_that_a_defence_repairs_is_launched_again_for_the_next_one(
    play, ground, attacks, variables
):
    class Repairs(FileReader):
        """Puts the file right when it looks, as a rollout gate does with a cluster."""

        def run(self, context):
            verdict = super().run(context)
            path = context.workspace / self.path
            path.write_text(path.read_text(encoding="utf-8").replace("DATABSE", "DATABASE"), encoding="utf-8")
            return verdict

    variables.run = Repairs.run.__get__(Repairs("variables", "ci.env", SPELLING))
    after = FileReader("after", "ci.env", SPELLING)

    matrix = play(attacks=attacks[:1], defences=[variables, after])

    assert matrix.outcome("env_var_missing", "variables") is Outcome.CAUGHT
    assert matrix.outcome("env_var_missing", "after") is Outcome.ALSO_CAUGHT
    assert ground.experiment.state().runs == ()


def test_a_decoy_touches_nothing_so_that_only_its_own_defence_is_run(play, focused):
    decoy = replace(nothing_is_broken.ATTACK, defence="variables")

    matrix = play(attacks=[decoy], defences=focused)

    assert matrix.outcome("nothing_is_broken", "variables") is Outcome.QUIET
    assert matrix.outcome("nothing_is_broken", "codenames") is Outcome.DERIVED
    assert runs(*focused) == 3


def test_a_cell_that_broke_is_run_again(play, variables):
    class BreaksOnce(FileReader):
        def run(self, context):
            self.runs.append(self.name)
            if len(self.runs) == 1:
                raise ToolMissing("The program `nothing` was not found.")
            return super().run(context)

    defence = BreaksOnce("fragile", "ci.env", SPELLING)
    play(attacks=[], defences=[variables, defence])
    matrix = play(attacks=[], defences=[variables, defence])

    assert matrix.outcome(CLEAN, "fragile") is Outcome.QUIET


def test_a_defence_that_breaks_on_an_attack_has_caught_nothing(play, attacks, variables):
    class BreaksOnTheAttack(FileReader):
        def run(self, context):
            if super().run(context).is_green:
                return super().run(context)
            raise ToolMissing("The program `nothing` was not found.")

    matrix = play(attacks=attacks[:1], defences=[variables, BreaksOnTheAttack("fragile", "ci.env", SPELLING)])

    assert matrix.outcome("env_var_missing", "fragile") is Outcome.BROKEN
    assert matrix.problems == (
        "`fragile` did not work on `env_var_missing`: The program `nothing` was not found.",
    )


def test_a_change_of_a_file_that_no_defence_looks_at_runs_nothing_again(play, ground, focused):
    play(defences=focused)
    (ground.settings.workspace / "README.md").write_text("another project\n", encoding="utf-8")
    play(defences=focused)
    assert runs(*focused) == 4

    path = ground.settings.workspace / focused[1].path
    path.write_text(f"{path.read_text(encoding='utf-8')}\n# changed\n", encoding="utf-8")
    play(defences=focused)

    assert (runs(focused[0]), runs(focused[1])) == (2, 4)
