"""The life of an attack, on small workspaces without a lab."""

from __future__ import annotations

import errno
import os
from dataclasses import replace

import pytest

from chaos_lib import durable, journal_file
from chaos_lib.attacks import codename_scrambled, env_var_missing
from chaos_lib.errors import (
    AttackRefused,
    CommandFailed,
    DiskFull,
    GuardRefused,
    InvalidInput,
    JournalDamaged,
    RollbackFailed,
)
from chaos_lib.experiment import Experiment
from chaos_lib.git import Git
from chaos_lib.journal_file import JournalFile
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


def lose_blobs(experiment):
    for blob in experiment.journal.blobs.iterdir():
        blob.unlink()


def test_a_lost_journal_blob_is_found_again_in_git(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    lose_blobs(experiment)

    experiment.heal()

    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


def test_a_blob_that_is_lost_for_good_can_be_rebuilt_from_git(experiment, clean):
    (experiment.workspace.folder / CODENAMES).write_text("# never committed\n")
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "bad")))
    lose_blobs(experiment)

    with pytest.raises(RollbackFailed) as caught:
        experiment.heal()
    assert "opchaos workspace restore" in caught.value.fix
    experiment.rebuild()

    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


def test_what_can_be_healed_is_healed_although_a_part_cannot(experiment):
    (experiment.workspace.folder / CODENAMES).write_text("# never committed\n")
    readme = (experiment.workspace.folder / "README.md").read_text()
    experiment.launch(attack_that(lambda t: t.workspace.replace("README.md", "bad"), "first"))
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "bad"), "second"))
    lose_blobs(experiment)

    with pytest.raises(RollbackFailed) as caught:
        experiment.heal()

    assert CODENAMES in caught.value.what
    assert (experiment.workspace.folder / "README.md").read_text() == readme
    assert [run.attack for run in experiment.state().runs] == ["second"]


def test_a_lost_inverse_is_made_up_for_by_the_one_of_an_earlier_attack(experiment, clean):
    path = experiment.workspace.folder / CODENAMES
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "one"), "one"))
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "two"), "two"))
    (second,) = experiment.state().run_of("two").operations
    (experiment.journal.blobs / second.before["blob"]).unlink()

    experiment.heal()

    assert path.read_text() != "two"
    assert experiment.workspace.fingerprint() == clean


def test_an_edit_between_two_attacks_is_kept_when_the_first_is_undone(experiment):
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "one"), "one"))
    (experiment.workspace.folder / CODENAMES).write_text("# my repair\n")
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "two"), "two"))

    healed = experiment.undo("one")

    kept = experiment.workspace.git.run("show", f"{healed.saved_as}:{CODENAMES}").output
    assert kept == "# my repair\n"


def test_a_repair_stays_although_a_later_attack_covers_it(experiment):
    path = experiment.workspace.folder / CODENAMES
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "one"), "one"))
    path.write_text("# my repair\n")
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "two"), "two"))

    assert experiment.settle("one") == (CODENAMES,)
    experiment.undo("two")

    assert path.read_text() == "# my repair\n"


def test_settling_does_not_commit_what_another_attack_broke(experiment):
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "one"), "one"))
    experiment.launch(attack_that(lambda t: t.workspace.replace("README.md", "two"), "two"))
    (experiment.workspace.folder / CODENAMES).write_text("# my repair\n")

    experiment.settle("one")

    assert experiment.workspace.git.run("show", f"HEAD:{CODENAMES}").output == "# my repair\n"
    assert experiment.workspace.git.run("show", "HEAD:README.md").output != "two"


def test_a_folder_made_by_two_attacks_goes_with_the_last_of_them(experiment):
    experiment.launch(attack_that(lambda t: t.workspace.add("new/deep/one.txt", "1"), "one"))
    experiment.launch(attack_that(lambda t: t.workspace.add("new/deep/two.txt", "2"), "two"))

    experiment.undo("one")
    assert (experiment.workspace.folder / "new/deep/two.txt").exists()
    experiment.undo("two")

    assert not (experiment.workspace.folder / "new").exists()


def test_a_link_in_the_place_of_an_attacked_file_is_replaced_and_not_followed(experiment, clean, tmp_path):
    other = tmp_path / "mine.txt"
    other.write_text("mine")
    experiment.launch(codename_scrambled.ATTACK)
    path = experiment.workspace.folder / CODENAMES
    path.unlink()
    path.symlink_to(other)

    experiment.undo("codename_scrambled")

    assert other.read_text() == "mine"
    assert experiment.workspace.fingerprint() == clean


def test_a_folder_in_the_place_of_an_attacked_file_is_left_alone_and_told(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    path = experiment.workspace.folder / CODENAMES
    path.unlink()
    path.mkdir()
    (path / "work.txt").write_text("mine")

    with pytest.raises(RollbackFailed) as caught:
        experiment.undo("codename_scrambled")
    assert "is a folder now" in caught.value.evidence
    assert "Move the folder away" in caught.value.fix
    assert (path / "work.txt").read_text() == "mine"

    path.rename(experiment.settings.home / "aside")
    experiment.heal()
    assert experiment.workspace.fingerprint() == clean


def test_a_file_that_an_attack_made_unreadable_is_still_looked_at(experiment, clean, monkeypatch):
    experiment.launch(attack_that(lambda t: t.workspace.chmod(CODENAMES, 0o200)))
    read_bytes = type(experiment.workspace.folder).read_bytes

    def read_as_a_user(path):
        if path.is_relative_to(experiment.workspace.folder) and not path.stat().st_mode & 0o400:
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(type(experiment.workspace.folder), "read_bytes", read_as_a_user)
    assert experiment.undo("made_up").saved_as == ""

    assert experiment.workspace.fingerprint() == clean


def test_edits_that_cannot_be_kept_are_not_overwritten(experiment, clean, monkeypatch):
    experiment.launch(codename_scrambled.ATTACK)
    path = experiment.workspace.folder / CODENAMES
    path.write_text("# my own repair\n")

    def refuse(*_, **__):
        raise CommandFailed("git says no", evidence="no room")

    with monkeypatch.context() as patch:
        patch.setattr(Git, "save_snapshot", refuse)
        with pytest.raises(RollbackFailed) as caught:
            experiment.undo("codename_scrambled")
    assert "could not be kept" in caught.value.what
    assert "git says no" in caught.value.evidence
    assert "opchaos heal --all" in caught.value.fix
    assert path.read_text() == "# my own repair\n"

    experiment.heal()
    assert experiment.workspace.fingerprint() == clean


def test_a_rebuild_keeps_what_an_attack_covered(experiment, clean):
    path = experiment.workspace.folder / CODENAMES
    path.write_text("# not committed yet\n")
    experiment.launch(attack_that(lambda t: t.workspace.replace(CODENAMES, "bad")))

    saved_as = experiment.rebuild()

    assert experiment.workspace.fingerprint() == clean
    assert experiment.workspace.git.run("show", f"{saved_as}:{CODENAMES}").output == "# not committed yet\n"


def test_a_rebuild_works_when_the_journal_is_no_file_at_all(experiment, clean):
    experiment.launch(codename_scrambled.ATTACK)
    experiment.journal.path.unlink()
    experiment.journal.path.mkdir()

    with pytest.raises(JournalDamaged) as caught:
        experiment.heal()
    assert "could not be read" in caught.value.what
    assert "journal.jsonl" in caught.value.evidence
    assert "opchaos workspace restore" in caught.value.fix
    experiment.rebuild()

    assert experiment.workspace.fingerprint() == clean
    assert experiment.heal().attacks == ()


def test_an_operation_of_an_unknown_kind_is_told_and_stays(experiment):
    experiment.journal.begin("r1", "from_the_future")
    experiment.journal.intend("r1", "moon.phase", "moon", before=1, after=2)

    with pytest.raises(RollbackFailed) as caught:
        experiment.heal()

    assert "moon.phase" in caught.value.what
    assert "newer version" in caught.value.fix
    assert experiment.state().operations != ()


# A full disk


class FullDisk:
    """From a certain write on there is no room, until it is made."""

    def __init__(self, monkeypatch, *, room, only_journal):
        self.room, self.is_full = room, False
        self._patch = monkeypatch
        append, fsync = JournalFile.append, os.fsync

        def count():
            self.room -= 1
            self.is_full |= self.room < 0
            if self.is_full:
                raise OSError(errno.ENOSPC, "No space left on device")

        def full_append(file, record, **options):
            with journal_file.io_told(file.path, "written"):
                count()
            append(file, record, **options)

        def full_fsync(descriptor):
            count()
            fsync(descriptor)

        if only_journal:
            monkeypatch.setattr(JournalFile, "append", full_append)
        else:
            monkeypatch.setattr(os, "fsync", full_fsync)

    def make_room(self):
        self._patch.undo()


def hit_three_files(target):
    target.workspace.replace("README.md", "bad")
    target.workspace.delete(CODENAMES)
    target.workspace.add("new/file.txt", "bad")


APPENDS_OF_THREE_FILES = 1 + 3 * 2 + 1


@pytest.mark.parametrize("room", range(APPENDS_OF_THREE_FILES))
def test_a_journal_that_cannot_grow_leaves_the_clean_tree(experiment, clean, monkeypatch, room):
    disk = FullDisk(monkeypatch, room=room, only_journal=True)

    with pytest.raises(DiskFull) as caught:
        experiment.launch(attack_that(hit_three_files))

    assert "no room" in caught.value.what
    assert "No space left" in caught.value.evidence
    assert "opchaos heal" in caught.value.fix
    assert experiment.workspace.fingerprint() == clean
    disk.make_room()
    experiment.heal(only_half_done=True)
    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()


def test_a_disk_that_takes_nothing_at_all_is_healed_when_there_is_room(experiment, clean, monkeypatch):
    for room in range(60):
        disk = FullDisk(monkeypatch, room=room, only_journal=False)
        try:
            experiment.launch(attack_that(hit_three_files))
        except (DiskFull, RollbackFailed):
            assert disk.is_full
        disk.make_room()
        if not disk.is_full:
            break
        experiment.heal(only_half_done=True)
        assert experiment.workspace.fingerprint() == clean, f"room for {room} writes"
        assert experiment.state().runs == ()
    else:
        pytest.fail("the launch never had enough room")


def test_an_attack_needs_room_for_its_undo_before_it_starts(experiment, clean, monkeypatch):
    def full(*_, **__):
        raise DiskFull("There is no room left on the disk.", fix="Make room.")

    monkeypatch.setattr(durable, "write_bytes", full)
    with pytest.raises(DiskFull):
        experiment.launch(codename_scrambled.ATTACK)

    assert not experiment.journal.path.exists()
    assert experiment.workspace.fingerprint() == clean


def test_an_attack_stands_until_somebody_changes_what_it_touched(experiment):
    assert not experiment.stands("codename_scrambled")
    experiment.launch(codename_scrambled.ATTACK)
    assert experiment.stands("codename_scrambled")

    path = experiment.settings.workspace / CODENAMES
    path.write_text("# repaired\n", encoding="utf-8")
    assert not experiment.stands("codename_scrambled")
    path.unlink()
    path.mkdir()  # nothing that an attack could have left
    assert not experiment.stands("codename_scrambled")
