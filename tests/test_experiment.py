"""The life of an attack, on small workspaces without a lab."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos_lib.attacks import codename_scrambled, env_var_missing
from chaos_lib.errors import AttackRefused, GuardRefused, InvalidInput, RollbackFailed
from chaos_lib.experiment import Experiment
from chaos_lib.operations.workspace_file import WorkspaceFileKind
from chaos_lib.phases import phase

CODENAMES = "src/mission_control/codenames.py"


@pytest.fixture
def experiment(settings):
    experiment = Experiment(settings)
    experiment.workspace.create(phase(1))
    return experiment


@pytest.fixture
def clean(experiment):
    return experiment.workspace.fingerprint()


def attack_that(inject, name="made_up"):
    return replace(codename_scrambled.ATTACK, name=name, inject=inject)


def test_an_attack_changes_the_workspace_and_undo_brings_it_back(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    assert experiment.workspace.fingerprint() != clean

    healed = experiment.undo("codename_scrambled")

    assert experiment.workspace.fingerprint() == clean
    assert healed.targets == (CODENAMES,)
    assert experiment.state().runs == ()


def test_undo_twice_changes_nothing_more(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    experiment.undo("codename_scrambled")

    assert experiment.undo("codename_scrambled").attacks == ()
    assert experiment.workspace.fingerprint() == clean


def test_every_file_operation_undoes_itself(experiment, clean):
    def inject(target):
        target.workspace.replace("README.md", "gone\n")
        target.workspace.delete(CODENAMES)
        target.workspace.add("new/deep/file.txt", "hello")
        target.workspace.chmod("pyproject.toml", 0o400)
        target.workspace.chmod("new/deep/file.txt", 0o755)
        target.environment.set("MISSION_PORT", "1")
        target.environment.remove("MISSION_REDIS_URL")

    experiment.launch(attack_that(inject))
    assert not (experiment.workspace.folder / CODENAMES).exists()

    experiment.undo("made_up")

    assert experiment.workspace.fingerprint() == clean
    assert not (experiment.workspace.folder / "new").exists()


def test_the_same_attack_cannot_run_twice_at_once(experiment):
    experiment.launch(codename_scrambled.ATTACK)

    with pytest.raises(AttackRefused) as caught:
        experiment.launch(codename_scrambled.ATTACK)
    assert "running already" in caught.value.what
    assert caught.value.evidence
    assert "opchaos heal codename_scrambled" in caught.value.fix


def test_an_attack_without_a_workspace_is_refused(settings):
    with pytest.raises(AttackRefused) as caught:
        Experiment(settings).launch(codename_scrambled.ATTACK)
    assert "opchaos workspace new" in caught.value.fix


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_two_attacks_on_one_file_can_be_undone_in_any_order(experiment, clean, order):
    one = attack_that(lambda t: t.workspace.replace("README.md", "one"), "one")
    two = attack_that(lambda t: t.workspace.replace("README.md", "two"), "two")
    experiment.launch(one)
    experiment.launch(two)

    experiment.undo(order[0])
    left = "two" if order[0] == "one" else "one"
    assert (experiment.workspace.folder / "README.md").read_text() == left
    experiment.undo(order[1])

    assert experiment.workspace.fingerprint() == clean


def test_heal_undoes_everything(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    experiment.launch(env_var_missing.ATTACK)

    healed = experiment.heal()

    assert set(healed.attacks) == {"codename_scrambled", "env_var_missing"}
    assert experiment.workspace.fingerprint() == clean


def test_heal_can_leave_an_attack_that_the_learner_is_working_on(experiment):
    experiment.launch(codename_scrambled.ATTACK)

    assert experiment.heal(only_half_done=True).attacks == ()
    assert experiment.state().run_of("codename_scrambled") is not None


def test_an_injection_that_fails_is_undone_at_once(experiment, clean):
    def inject(target):
        target.workspace.delete(CODENAMES)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiment.launch(attack_that(inject))

    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


def test_an_attack_cannot_leave_the_workspace(experiment, tmp_path, clean):
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")

    def inject(target):
        target.workspace.delete(CODENAMES)
        target.workspace.replace(str(outside), "stolen")

    with pytest.raises(GuardRefused):
        experiment.launch(attack_that(inject))

    assert outside.read_text() == "mine"
    assert experiment.workspace.fingerprint() == clean


def test_edits_that_an_undo_overwrites_are_saved(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    path = experiment.workspace.folder / CODENAMES
    path.write_text("# my own repair\n")

    healed = experiment.undo("codename_scrambled")

    assert experiment.workspace.fingerprint() == clean
    kept = experiment.workspace.git.run("show", f"{healed.saved_as}:{CODENAMES}").output
    assert kept == "# my own repair\n"


def test_settling_keeps_the_learner_s_fix_and_undoes_the_rest(experiment):
    def inject(target):
        target.workspace.replace("README.md", "bad readme")
        target.workspace.replace(CODENAMES, "bad code")

    readme = (experiment.workspace.folder / "README.md").read_text()
    experiment.launch(attack_that(inject))
    path = experiment.workspace.folder / CODENAMES
    path.write_text("# fixed my way\n")

    kept = experiment.settle("made_up")

    assert kept == (CODENAMES,)
    assert path.read_text() == "# fixed my way\n"
    assert (experiment.workspace.folder / "README.md").read_text() == readme
    assert experiment.state().runs == ()


def test_an_attack_whose_text_is_not_there_says_so_and_leaves_nothing(experiment, clean):
    def inject(target):
        target.workspace.substitute("README.md", "no such text at all", "x")

    with pytest.raises(InvalidInput) as caught:
        experiment.launch(attack_that(inject))

    assert "no such text at all" in caught.value.evidence
    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda t: t.workspace.replace("nowhere.py", "x"), "is not in the workspace"),
        (lambda t: t.workspace.add("README.md", "x"), "is there already"),
        (lambda t: t.workspace.delete("src"), "is not in the workspace"),
    ],
)
def test_operations_on_the_wrong_files_are_refused(experiment, clean, act, message):
    with pytest.raises(InvalidInput, match=message):
        experiment.launch(attack_that(act))

    assert experiment.workspace.fingerprint() == clean


def test_an_undo_that_fails_stays_in_the_journal_and_works_later(experiment, clean, monkeypatch):
    experiment.launch(codename_scrambled.ATTACK)

    def full(self, target, state):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(WorkspaceFileKind, "put", full)
        with pytest.raises(RollbackFailed) as caught:
            experiment.undo("codename_scrambled")
    assert CODENAMES in caught.value.what
    assert "No space left" in caught.value.evidence
    assert "opchaos heal --all" in caught.value.fix

    experiment.undo("codename_scrambled")

    assert experiment.workspace.fingerprint() == clean


def test_a_damaged_journal_blob_can_be_rebuilt_from_git(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    for blob in experiment.journal.blobs.iterdir():
        blob.write_bytes(b"damaged")

    with pytest.raises(RollbackFailed):
        experiment.heal()
    experiment.rebuild()

    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()
