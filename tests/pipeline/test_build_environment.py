"""What the steps of a build see around them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chaos_lib.git import Git
from chaos_lib.lab import Lab
from chaos_lib.phases import FINISHED
from chaos_lib.pipeline.branch import branch_variables
from chaos_lib.pipeline.build_environment import build_environment
from chaos_lib.pipeline.docker_options import VARIABLE
from chaos_lib.settings import Settings
from chaos_lib.workspace import Workspace


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

    with build_environment(settings, settings.workspace) as found:
        pass

    assert found["PATH"].split(":")[0] == str(Path(sys.executable).parent)
    assert found["MISSION_NAME"] == "from-ci"


def test_another_workspace_is_left_as_it_is(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/first:/second")
    (tmp_path / "ci.env").write_text("MISSION_NAME=from-ci\n")

    with build_environment(settings, tmp_path) as found:
        pass

    assert found["PATH"] == "/first:/second"
    assert "MISSION_NAME" not in found
    assert VARIABLE not in found


def test_options_of_one_s_own_are_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.workspace.mkdir(parents=True)
    monkeypatch.setenv(VARIABLE, "--pull")

    with build_environment(settings, settings.workspace) as found:
        assert found[VARIABLE] == "--pull"


@pytest.mark.lab
def test_docker_build_finds_its_base_image_and_the_dockerfile_stays_as_it_is(live_lab: Lab) -> None:
    settings = live_lab.settings
    workspace = Workspace(settings)
    workspace.create(FINISHED)
    dockerfile = "FROM python:3.11-slim\nRUN python --version\n"
    workspace.write("Dockerfile", dockerfile, message="A base image by its name")
    image = f"opchaos-options-test:{settings.run_id()}"

    with build_environment(settings, workspace.folder) as found:
        # As a step would: the shell splits the options.
        command = f'docker build ${VARIABLE} --tag "{image}" .'
        built = subprocess.run(
            ["/bin/sh", "-xec", command],
            cwd=workspace.folder,
            env={**found, "DOCKER_BUILDKIT": "1"},
            capture_output=True,
            text=True,
        )
        named = [Path(word.partition("src=")[2]) for word in found[VARIABLE].split() if "src=" in word]
    subprocess.run(["docker", "image", "rm", "--force", image], env=found, capture_output=True)

    assert built.returncode == 0, built.stderr
    assert (workspace.folder / "Dockerfile").read_text() == dockerfile
    assert [path for path in named if path.exists()] == [], "the secrets of the build are gone"
