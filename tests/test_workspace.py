"""The participant's working copy, with the real git."""

from __future__ import annotations

import subprocess
from datetime import datetime, timezone

import pytest

from chaos_lib import environment, faultpoints
from chaos_lib.errors import CommandFailed, GuardRefused, InvalidInput
from chaos_lib.phases import FINISHED, PHASES, missing_at_start, phase
from chaos_lib.settings import Settings
from chaos_lib.workspace import Workspace, fingerprint

ANSWER = "tests/unit/test_settings.py"


@pytest.fixture
def repository(tmp_path):
    """A small sample project that has the files that the phases ask for."""
    project = tmp_path / "repository" / "sample_app"
    for path in ("pyproject.toml", "README.md", "src/app.py", *missing_at_start(0)):
        # As Settings.finished has it: manifests and Jenkinsfile lie beside the sample project.
        place = {
            "k8s": project.parent / path,
            "Jenkinsfile": project.parent / "jenkins" / path,
        }.get(path.split("/")[0], project / path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"# the finished {path}\n")
    (project / "src" / "__pycache__").mkdir()
    (project / "src" / "__pycache__" / "app.pyc").write_bytes(b"\0")
    return project.parent


@pytest.fixture
def settings(tmp_path, repository):
    return Settings(home=tmp_path / "mission", repository=repository)


@pytest.fixture
def workspace(settings):
    workspace = Workspace(settings, now=lambda: datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc))
    workspace.create(phase(1))
    return workspace


@pytest.mark.parametrize("number", [p.number for p in PHASES])
def test_a_phase_starts_without_what_it_asks_for(settings, number):
    workspace = Workspace(settings)
    workspace.create(phase(number))

    there = set(workspace.fingerprint())
    missing = set(missing_at_start(number))
    assert (
        there
        == {"pyproject.toml", "README.md", "src/app.py", environment.FILE}
        | set(missing_at_start(0)) - missing
    )


def test_the_finished_project_misses_nothing(settings):
    Workspace(settings).create(FINISHED)

    assert set(missing_at_start(0)) <= set(fingerprint(settings.workspace))


def test_a_new_workspace_is_one_clean_commit(workspace):
    assert workspace.git.run("status", "--porcelain").output == ""
    assert workspace.git.run("log", "--format=%s").output == "Start of phase-1-tests\n"
    assert workspace.exists


def test_the_user_s_git_config_is_neither_read_nor_written(settings, tmp_path, monkeypatch):
    config = tmp_path / "home" / ".gitconfig"
    config.parent.mkdir()
    config.write_text(
        "[commit]\n\tgpgsign = true\n[user]\n\tname = Somebody\n[core]\n\thooksPath = /nowhere\n"
    )
    before = (config.read_bytes(), config.stat().st_mtime_ns)
    monkeypatch.setenv("HOME", str(config.parent))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))

    workspace = Workspace(settings)
    workspace.create(phase(1))
    workspace.write("README.md", "mine\n", message="Mine")

    assert (config.read_bytes(), config.stat().st_mtime_ns) == before
    assert not (tmp_path / "elsewhere").exists()
    assert "Somebody" not in workspace.git.run("log", "--format=%an%cn").output


def test_a_workspace_inside_another_repository_is_its_own(settings, tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    workspace = Workspace(settings)
    workspace.create(phase(1))

    assert workspace.git.run("rev-parse", "--show-toplevel").output.strip() == str(
        settings.workspace.resolve()
    )


def test_caches_are_neither_copied_nor_committed(workspace):
    (workspace.folder / "src" / "__pycache__").mkdir()
    (workspace.folder / "src" / "__pycache__" / "app.pyc").write_bytes(b"\0")

    assert workspace.git.commit("Everything") is False
    assert not any("__pycache__" in path for path in workspace.fingerprint())


def test_the_previous_workspace_is_moved_aside_and_never_overwritten(workspace, settings):
    (workspace.folder / "mine.txt").write_text("mine")

    first = workspace.create(phase(1))
    (workspace.folder / "mine.txt").write_text("mine again")
    second = workspace.create(phase(1))

    assert (first.name, second.name) == ("workspace-20300102-030405", "workspace-20300102-030405-2")
    assert (first / "mine.txt").read_text() == "mine"
    assert (second / "mine.txt").read_text() == "mine again"
    assert not (workspace.folder / "mine.txt").exists()


def test_a_first_workspace_moves_nothing_aside(settings):
    assert Workspace(settings).create(phase(1)) is None


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", ["workspace.drafted", "workspace.moved_aside"])
def test_a_kill_in_the_making_leaves_none_or_a_whole_one(workspace, monkeypatch, point):
    (workspace.folder / "mine.txt").write_text("mine")

    def die(reached):
        if reached == point:
            raise Killed

    monkeypatch.setattr(faultpoints, "on_reach", die)
    with pytest.raises(Killed):
        workspace.create(phase(1))
    monkeypatch.setattr(faultpoints, "on_reach", None)

    kept = [path for path in workspace.folder.parent.glob("workspace*") if (path / "mine.txt").exists()]
    assert len(kept) == 1, "the work is still there, in its place or aside"
    assert workspace.exists is (point == "workspace.drafted")
    workspace.create(phase(1))
    assert workspace.git.run("status", "--porcelain").output == ""


def test_without_the_sample_project_it_says_where_it_looked(tmp_path):
    workspace = Workspace(Settings(home=tmp_path / "mission", repository=tmp_path / "nowhere"))

    with pytest.raises(InvalidInput) as caught:
        workspace.create(phase(1))

    assert "sample project" in caught.value.what
    assert str(tmp_path / "nowhere") in caught.value.evidence
    assert "OPCHAOS_REPOSITORY" in caught.value.fix
    assert not workspace.exists


def test_who_comes_late_gets_the_files_of_earlier_phases(settings):
    workspace = Workspace(settings)
    workspace.create(phase(1))
    (workspace.folder / ANSWER).parent.mkdir(parents=True, exist_ok=True)
    (workspace.folder / ANSWER).write_text("# mine\n")
    expected = tuple(path for path in missing_at_start(1) if path != ANSWER)

    assert workspace.complete_earlier(FINISHED) == expected

    assert (workspace.folder / ANSWER).read_text() == "# mine\n", "what is there stays"
    assert workspace.complete_earlier(FINISHED) == ()
    assert workspace.git.run("show", "--name-only", "--format=").output.split() == sorted(expected)


def test_the_phase_itself_completes_nothing_of_its_own(workspace):
    assert workspace.complete_earlier(phase(1)) == ()


def test_a_written_file_is_committed(workspace):
    assert workspace.write("new/answer.py", "x = 1\n", message="Answer: new/answer.py") is False

    assert (workspace.folder / "new/answer.py").read_text() == "x = 1\n"
    assert workspace.git.run("log", "-1", "--format=%s").output == "Answer: new/answer.py\n"


def test_writing_keeps_the_version_that_was_edited_elsewhere(workspace):
    workspace.write("answer.py", "first\n", message="Answer")
    (workspace.folder / "answer.py").write_text("edited in JupyterLab\n")

    assert workspace.write("answer.py", "second\n", message="Answer") is True

    assert workspace.git.run("show", "HEAD~1:answer.py").output == "edited in JupyterLab\n"
    assert (workspace.folder / "answer.py").read_text() == "second\n"


def test_writing_the_same_again_changes_nothing(workspace):
    workspace.write("answer.py", "same\n", message="Answer")
    head = workspace.git.run("rev-parse", "HEAD").output

    assert workspace.write("answer.py", "same\n", message="Answer") is False
    assert workspace.git.run("rev-parse", "HEAD").output == head


def test_writing_commits_nothing_but_its_own_file(workspace):
    (workspace.folder / "README.md").write_text("half an edit\n")

    workspace.write("answer.py", "x\n", message="Answer")

    assert workspace.git.run("status", "--porcelain").output.strip() == "M README.md"


def test_an_ignored_file_can_be_an_answer(workspace):
    workspace.write(".gitignore", ".env\n", message="Ignore")

    workspace.write(".env", "A=1\n", message="Answer")

    assert workspace.git.run("show", "HEAD:.env").output == "A=1\n"


@pytest.mark.parametrize("path", ["../outside.txt", "/outside.txt", ".git/config"])
def test_nothing_is_written_outside(workspace, path):
    with pytest.raises(GuardRefused):
        workspace.write(path, "x", message="x")


def test_changes_are_shown_with_new_files(workspace):
    assert workspace.changes() == ""
    (workspace.folder / "README.md").write_text("changed\n")
    (workspace.folder / "new.txt").write_text("new\n")

    changes = workspace.changes()

    assert "+changed" in changes
    assert "+new" in changes


def test_a_rebuild_brings_every_file_back_and_keeps_what_was_there(workspace):
    clean = workspace.fingerprint()
    (workspace.folder / "README.md").write_text("changed\n")
    (workspace.folder / "src" / "app.py").unlink()
    (workspace.folder / "new").mkdir()
    (workspace.folder / "new" / "file.txt").write_text("new\n")

    saved_as = workspace.rebuild()

    assert workspace.fingerprint() == clean
    assert not (workspace.folder / "new").exists()
    assert workspace.git.run("show", f"{saved_as}:new/file.txt").output == "new\n"
    assert saved_as in workspace.git.run("for-each-ref", "--format=%(objectname)", "refs/opchaos").output
    workspace.rebuild(saved_as)
    assert (workspace.folder / "README.md").read_text() == "changed\n"


def test_a_rebuild_from_an_unknown_version_is_told_and_changes_nothing(workspace):
    (workspace.folder / "README.md").write_text("changed\n")

    with pytest.raises(CommandFailed) as caught:
        workspace.rebuild("no-such-version")

    assert "exit code" in caught.value.what
    assert "no-such-version" in caught.value.evidence + caught.value.what
    assert caught.value.fix
    assert (workspace.folder / "README.md").read_text() == "changed\n"


def test_a_fingerprint_tells_content_mode_and_links(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    before = dict(fingerprint(tmp_path))

    (tmp_path / "file").chmod(0o600)
    assert fingerprint(tmp_path)["file"] != before["file"]
    assert fingerprint(tmp_path)["link"] == before["link"]
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("nowhere")
    assert fingerprint(tmp_path)["link"] != before["link"]


def test_a_lock_that_a_killed_git_left_is_taken_away(workspace):
    (workspace.folder / ".git" / "index.lock").touch()

    assert workspace.write("answer.py", "x\n", message="Answer") is False

    assert workspace.git.run("log", "-1", "--format=%s").output == "Answer\n"


def test_snapshots_do_not_touch_the_index_or_the_branch(workspace):
    (workspace.folder / "staged.txt").write_text("staged")
    workspace.git.run("add", "staged.txt")
    head, status = (
        workspace.git.run("rev-parse", "HEAD").output,
        workspace.git.run("status", "--porcelain").output,
    )
    (workspace.folder / ".git" / "index.lock").touch()

    workspace.git.save_snapshot("Just so")

    (workspace.folder / ".git" / "index.lock").unlink()
    assert workspace.git.run("rev-parse", "HEAD").output == head
    assert workspace.git.run("status", "--porcelain").output == status
    assert not list((workspace.folder / ".git").glob("opchaos*"))


def test_git_gives_versions_byte_for_byte(workspace):
    content = b"\xff\x00 no text\r\n"
    (workspace.folder / "odd [name].bin").write_bytes(content)
    workspace.git.commit("Odd", ["odd [name].bin"])
    (workspace.folder / "odd [name].bin").write_bytes(b"newer")
    workspace.git.save_snapshot("Newer")

    assert set(workspace.git.versions("odd [name].bin")) == {content, b"newer"}
    assert list(workspace.git.versions("no-such-file")) == []


def test_a_commit_can_leave_paths_alone(workspace):
    for name in ("mine.txt", "theirs.txt", "ignored.pyc"):
        (workspace.folder / name).write_text(name)

    assert workspace.git.commit("Mine", leaving=["theirs.txt", "ignored.pyc", "never-there.txt"])

    assert workspace.git.run("show", "--name-only", "--format=").output.split() == ["mine.txt"]
    assert workspace.git.run("status", "--porcelain").output == "?? theirs.txt\n"


def test_a_file_is_restored_from_the_last_commit_and_what_it_held_is_kept(workspace):
    (workspace.folder / "README.md").write_text("spoilt\n")
    (workspace.folder / "src/app.py").write_text("also mine\n")
    before = workspace.git.run("show", "HEAD:README.md").output

    workspace.restore("README.md")

    assert (workspace.folder / "README.md").read_text() == before
    assert (workspace.folder / "src/app.py").read_text() == "also mine\n"
    kept = workspace.git.run("for-each-ref", "--format=%(refname)", "refs/opchaos/").output.split()
    assert workspace.git.run("show", f"{kept[-1]}:README.md").output == "spoilt\n"


def test_a_file_that_was_deleted_comes_back_and_one_that_never_was_does_not(workspace):
    (workspace.folder / "README.md").unlink()
    workspace.restore("README.md")
    assert (workspace.folder / "README.md").exists()

    with pytest.raises(InvalidInput) as caught:
        workspace.restore("nothing.txt")
    assert "nothing.txt" in caught.value.what
    assert caught.value.fix
    with pytest.raises(GuardRefused):
        workspace.restore("../outside.txt")
