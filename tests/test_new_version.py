"""A release: green gets a version, in a commit."""

from __future__ import annotations

import pytest

from chaos_lib.errors import InvalidInput
from chaos_lib.mission import Mission
from chaos_lib.new_version import FILE, FIRST, release, version_of
from chaos_lib.phases import FINAL, FINISHED
from chaos_lib.settings import Settings


@pytest.fixture
def mission(settings: Settings) -> Mission:
    mission = Mission(settings, FINAL)
    mission.workspace.create(FINISHED)
    return mission


def test_a_release_is_one_commit_of_one_file(mission: Mission) -> None:
    assert version_of(mission) == FIRST
    assert release(mission, "2.0.0") == FIRST

    assert version_of(mission) == "2.0.0"
    assert mission.workspace.changes() == ""
    shown = mission.workspace.git.run("show", "--name-only", "--format=%s", "HEAD").output.split("\n")
    assert shown[0] == "Release 2.0.0"
    assert [line for line in shown[1:] if line] == [FILE]


def test_the_same_release_twice_is_one(mission: Mission) -> None:
    release(mission, "2.0.0")
    before = mission.workspace.git.run("rev-parse", "HEAD").output

    assert release(mission, "2.0.0") == "2.0.0"
    assert mission.workspace.git.run("rev-parse", "HEAD").output == before


@pytest.mark.parametrize("version", ["2", "latest", "2.0.0\n      - EVIL=1", ""])
def test_what_is_no_version_is_refused(mission: Mission, version: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        release(mission, version)
    assert "is no version" in caught.value.what
    assert version_of(mission) == FIRST


def test_an_overlay_without_a_version_is_told(mission: Mission) -> None:
    (mission.workspace.folder / FILE).write_text("resources: [../../base]\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        release(mission, "2.0.0")
    assert FILE in caught.value.evidence
    assert FIRST in caught.value.fix
