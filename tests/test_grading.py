from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_lib import grading
from chaos_lib.errors import LabError
from chaos_lib.labels import process_owner
from chaos_lib.settings import Settings


class FakeLab:
    """Remembers whose lab was taken down, or refuses to."""

    down_of: list[Path]
    refuses: bool

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home

    def down(self) -> None:
        if self.refuses:
            raise LabError("The engine is gone.", evidence="no answer", fix="Start it.")
        type(self).down_of.append(self._home)


@pytest.fixture
def at_exit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Callable[[], object]]:
    """A process that nbgrader runs, in a temporary folder of its own; returns what it does at its end."""
    handlers: list[Callable[[], object]] = []
    FakeLab.down_of, FakeLab.refuses = [], False
    monkeypatch.setattr(grading, "Lab", FakeLab)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("atexit.register", lambda call, *arguments: handlers.append(lambda: call(*arguments)))
    monkeypatch.setenv("OPCHAOS_HOME", str(tmp_path / "my-own-mission"))
    monkeypatch.setenv(grading.VARIABLE, "autograde")
    return handlers


def left_by(owner: str, tmp_path: Path) -> Path:
    folder = tmp_path / "opchaos-grading-left"
    (folder / "mission").mkdir(parents=True)
    (folder / "owner").write_text(owner, encoding="utf-8")
    return folder


def ended() -> str:
    """An owner with this process's id that was started long ago."""
    machine, pid, _ = process_owner().split("/")
    return f"{machine}/{pid}/1.00"


def test_a_graded_process_has_a_mission_of_its_own_whatever_the_grader_has_set(
    at_exit: list[Callable[[], object]], tmp_path: Path
) -> None:
    home = grading.open_mission_folder()
    assert home is not None
    assert home == Settings().home != tmp_path / "my-own-mission"
    assert home.parent.stat().st_mode & 0o077 == 0, "nobody else may look into a submission"
    assert grading.open_mission_folder() == home
    assert len(at_exit) == 1


def test_a_participant_keeps_the_usual_mission(
    at_exit: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(grading.VARIABLE)
    assert grading.open_mission_folder() is None
    assert Settings().home == tmp_path / "my-own-mission"
    assert (at_exit, list(tmp_path.iterdir())) == ([], [])


def test_at_its_end_a_graded_process_takes_its_lab_down_and_deletes_its_folder(
    at_exit: list[Callable[[], object]],
) -> None:
    home = grading.open_mission_folder()
    assert home is not None
    home.mkdir()
    at_exit[0]()
    assert FakeLab.down_of == [home]
    assert not home.parent.exists()


def test_the_end_of_another_process_leaves_the_mission_alone(
    at_exit: list[Callable[[], object]],
) -> None:
    home = grading.open_mission_folder()
    assert home is not None
    (home.parent / "owner").write_text(
        process_owner(os.getppid()), encoding="utf-8"
    )  # as a forked child sees it
    at_exit[0]()
    assert home.parent.exists()


def test_what_a_killed_process_left_is_taken_down_by_the_next_one(
    at_exit: list[Callable[[], object]], tmp_path: Path
) -> None:
    left = left_by(ended(), tmp_path)
    home = grading.open_mission_folder()
    assert home is not None
    assert FakeLab.down_of == [left / "mission"]
    assert list(tmp_path.iterdir()) == [home.parent]


def test_the_mission_of_a_process_that_is_alive_is_left_alone(
    at_exit: list[Callable[[], object]], tmp_path: Path
) -> None:
    left = left_by(process_owner(os.getppid()), tmp_path)
    assert grading.sweep() == 0
    assert left.exists()


def test_a_lab_that_cannot_be_taken_down_now_is_tried_again_later(
    at_exit: list[Callable[[], object]], tmp_path: Path
) -> None:
    left = left_by(ended(), tmp_path)
    FakeLab.refuses = True
    assert grading.sweep() == 0
    assert left.exists()
    FakeLab.refuses = False
    assert grading.sweep() == 1
    assert not left.exists()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no user ids")
def test_a_folder_of_another_user_is_never_believed(
    at_exit: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    left = left_by(ended(), tmp_path)
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)
    assert grading.sweep() == 0
    assert left.exists()
    assert FakeLab.down_of == []
