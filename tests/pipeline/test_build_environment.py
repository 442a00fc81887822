"""What the steps of a build see around them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chaos_lib.git import Git
from chaos_lib.pipeline.branch import branch_variables
from chaos_lib.pipeline.build_environment import build_environment
from chaos_lib.settings import Settings


def committed(folder: Path) -> Git:
    folder.mkdir(parents=True)
    git = Git(folder)
    git.init()
    (folder / "file").write_text("x")
    git.commit("First")
    return git


def test_branch_and_commit_are_those_of_git(tmp_path: Path) -> None:
    git = committed(tmp_path / "repository")
    commit = git.run("rev-parse", "HEAD").output.strip()
    expected = {"BRANCH_NAME": "main", "GIT_BRANCH": "main", "GIT_COMMIT": commit}

    assert branch_variables(git.folder) == expected
    git.run("pack-refs", "--all")
    assert branch_variables(git.folder) == expected


def test_a_linked_working_copy_has_a_branch_of_its_own(tmp_path: Path) -> None:
    git = committed(tmp_path / "repository")
    git.run("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))

    found = branch_variables(tmp_path / "side")

    assert found["BRANCH_NAME"] == "side"
    assert found["GIT_COMMIT"] == git.run("rev-parse", "side").output.strip()


def test_a_detached_head_has_a_commit_only(tmp_path: Path) -> None:
    git = committed(tmp_path / "repository")
    git.run("checkout", "-q", "--detach")

    assert set(branch_variables(git.folder)) == {"GIT_COMMIT"}


def test_a_folder_without_git_has_nothing(tmp_path: Path) -> None:
    assert branch_variables(tmp_path) == {}


def test_a_new_repository_has_a_branch_without_a_commit(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "new", str(tmp_path)], check=True)

    assert branch_variables(tmp_path) == {"BRANCH_NAME": "new", "GIT_BRANCH": "new"}


def test_the_mission_s_own_workspace_has_the_kit_s_python_and_ci_env(settings: Settings) -> None:
    settings.workspace.mkdir(parents=True)
    (settings.workspace / "ci.env").write_text("MISSION_NAME=from-ci\n")

    found = build_environment(settings, settings.workspace)

    assert found["PATH"].split(":")[0] == str(Path(sys.executable).parent)
    assert found["MISSION_NAME"] == "from-ci"


def test_another_workspace_is_left_as_it_is(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/first:/second")
    (tmp_path / "ci.env").write_text("MISSION_NAME=from-ci\n")

    found = build_environment(settings, tmp_path)

    assert found["PATH"] == "/first:/second"
    assert "MISSION_NAME" not in found
