from __future__ import annotations

import contextlib

import pytest

from chaos_lib import labels
from chaos_lib.errors import GuardRefused
from chaos_lib.guard import Guard


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    (folder / ".git").mkdir(parents=True)
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text("x")
    (tmp_path / "secret.txt").write_text("mine")
    return folder


@pytest.fixture
def refusals():
    return []


@pytest.fixture
def guard(workspace, refusals):
    return Guard(workspace, "abc", on_refusal=refusals.append)


def test_a_file_in_the_workspace_may_be_touched(guard, workspace):
    assert guard.file("src/app.py") == workspace / "src" / "app.py"


def test_a_file_that_is_not_there_yet_may_be_touched(guard, workspace):
    assert guard.file("new/deep/file.txt") == workspace / "new" / "deep" / "file.txt"


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "src/../../secret.txt", "/etc/hostname", ".", "", "src/../..", "../workspace-2/x"],
)
def test_what_leads_out_of_the_workspace_is_refused(guard, path):
    with pytest.raises(GuardRefused) as caught:
        guard.file(path)
    assert "outside the workspace" in caught.value.what
    assert "it leads to" in caught.value.evidence
    assert "inside the workspace" in caught.value.fix


def test_a_link_out_of_the_workspace_is_refused(guard, workspace, tmp_path):
    (workspace / "link").symlink_to(tmp_path / "secret.txt")
    (workspace / "folder").symlink_to(tmp_path)

    for path in ("link", "folder/secret.txt"):
        with pytest.raises(GuardRefused):
            guard.file(path)


def test_git_s_own_folder_is_refused(guard):
    with pytest.raises(GuardRefused) as caught:
        guard.file(".git/config")
    assert "git" in caught.value.what


def test_a_refusal_is_reported_before_it_is_raised(guard, refusals):
    with pytest.raises(GuardRefused):
        guard.file("../secret.txt")

    assert [type(r) for r in refusals] == [GuardRefused]


def test_our_own_container_may_be_touched(guard):
    guard.docker_object("pg", labels.labels("abc", owner=labels.LAB_OWNER))


@pytest.mark.parametrize(
    "found",
    [None, {}, {labels.OURS: "true"}, {labels.OURS: "true", labels.RUN: "other"}, {labels.RUN: "abc"}],
)
def test_somebody_else_s_container_is_refused(guard, found):
    with pytest.raises(GuardRefused) as caught:
        guard.docker_object("their-db", found)
    assert "their-db" in caught.value.what
    assert "abc" in caught.value.evidence
    assert "left alone" in caught.value.fix


def test_the_owner_of_a_process_that_runs_is_not_left_behind():
    assert not labels.is_left_behind(labels.process_owner())


def test_the_owner_of_a_process_that_ended_is_left_behind():
    machine, pid, started = labels.process_owner().split("/")

    assert labels.is_left_behind(f"{machine}/{pid}/{float(started) - 60}"), (
        "the pid was given to another process"
    )
    assert labels.is_left_behind(f"{machine}/999999999/{started}")


@pytest.mark.parametrize("owner", [labels.LAB_OWNER, "elsewhere:1/2/3.0", "", "a/b"])
def test_an_owner_that_cannot_be_judged_is_not_left_behind(owner):
    assert not labels.is_left_behind(owner)


@pytest.mark.parametrize("path", ["ring", "ring/file", "zero\0byte", "x" * 5000])
def test_a_path_that_leads_nowhere_is_refused(guard, workspace, path, refusals):
    (workspace / "ring").symlink_to("ring")

    if path == "x" * 5000:  # some file systems only say so when the file is opened
        with contextlib.suppress(GuardRefused):
            guard.file(path)
        return
    with pytest.raises(GuardRefused):
        guard.file(path)
    assert len(refusals) == 1


def test_git_s_folder_is_refused_under_every_spelling(guard):
    with pytest.raises(GuardRefused):
        guard.file(".GIT/hooks/pre-commit")


def test_an_entry_is_where_the_name_is_and_not_where_a_link_leads(guard, workspace, tmp_path):
    (workspace / "link").symlink_to(tmp_path / "secret.txt")

    assert guard.entry("link") == workspace / "link"
    assert guard.entry("src/app.py") == workspace / "src" / "app.py"


@pytest.mark.parametrize(
    "path", ["folder/secret.txt", "../secret.txt", "..", ".", "", ".git/config", "/etc/hostname"]
)
def test_an_entry_outside_is_refused(guard, workspace, tmp_path, path):
    (workspace / "folder").symlink_to(tmp_path)

    with pytest.raises(GuardRefused):
        guard.entry(path)
