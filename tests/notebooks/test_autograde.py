"""nbgrader's real autograder on real submissions: full points, no points, and nothing left behind."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import nbformat
import pytest
from nbformat.v4 import new_code_cell

from chaos_lib.lab import Lab
from chaos_lib.labels import RUN
from chaos_lib.phases import PHASES, Phase
from chaos_lib.settings import Tier
from chaos_lib.wait import Reading, wait_until
from tests.conftest import CLUSTER_BUILD_S

from . import source
from .course import Course, Score, errors

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(CLUSTER_BUILD_S)]
SETUP, TESTS, DOCKER, JENKINS, K8S, FINAL, WRAP_UP = PHASES
# What an untouched release says in each phase, and how often.
UNANSWERED = {
    DOCKER: ("NotAnsweredYet", 3),
    JENKINS: ("NotAnsweredYet", 3),
    K8S: ("NotAnsweredYet", 2),
    FINAL: ("ou have no pipeline", 1),
}
_GRADING_S = 800.0


def metadata(grade_id: str, **own: object) -> dict[str, object]:
    kind = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **kind, **own}}


def test_phase_0_gives_full_points_to_the_solution_and_none_to_the_untouched_release(course: Course) -> None:
    course.submit("solution", SETUP.name, course.source(SETUP.name))
    course.submit("untouched", SETUP.name, course.release(SETUP.name))
    result = course.must("autograde", SETUP.name)
    solved = course.autograded("solution", SETUP.name)
    assert errors(solved) == []
    scores = course.scores(SETUP.name)
    assert scores["solution"] == Score(SETUP.points, SETUP.points)
    assert scores["untouched"] == Score(0, SETUP.points), errors(course.autograded("untouched", SETUP.name))
    assert course.left_behind() == []
    assert [path.name for path in solved.parent.iterdir()] == [solved.name], "nothing beside the notebook"
    assert result.output == "", "a batch has nothing to say when all is well"


def test_an_untouched_release_of_phase_1_earns_nothing(course: Course) -> None:
    submission = course.submit("nothing", TESTS.name, course.release(TESTS.name))
    edit(submission, "runs = 6", "runs = 2")  # a participant's own choice; the check has its own number
    course.must("autograde", TESTS.name, "--student", "nothing")
    failures = errors(course.autograded("nothing", TESTS.name))
    assert course.scores(TESTS.name)["nothing"] == Score(0, TESTS.points), failures
    assert sum("NotAnsweredYet" in failure for failure in failures) == 6
    assert not any("stderr" in failure for failure in failures)
    assert course.left_behind() == []


@pytest.mark.lab
def test_the_solution_of_phase_1_earns_full_points_on_the_real_lab(course: Course, live_lab: Lab) -> None:
    submission = course.submit("complete", TESTS.name, course.source(TESTS.name))
    edit(submission, "runs = 6", "runs = 2")
    environment = course.environment(Tier.LIVE) | {"DOCKER_HOST": live_lab.environment()["DOCKER_HOST"]}
    command = course.command("autograde", TESTS.name, "--student", "complete")
    runs: set[str] = set()
    with running(command.argv, course.root, environment) as (process, log):

        def probe() -> Reading:
            runs.update(
                path.read_text() for path in course.temporary.glob("opchaos-grading-*/mission/state/run-id")
            )
            return Reading(process.poll() is not None, log.read_text(encoding="utf-8"))

        wait_until("nbgrader has graded the submission", probe, timeout_s=_GRADING_S, interval_s=0.2)
    assert process.returncode == 0, log.read_text(encoding="utf-8")
    notebook = course.autograded("complete", TESTS.name)
    assert errors(notebook) == []
    assert course.scores(TESTS.name)["complete"] == Score(TESTS.points, TESTS.points)
    assert "services ● LIVE" in notebook.read_text(encoding="utf-8")
    (run,) = runs
    assert containers_of(run, environment["DOCKER_HOST"]) == []
    assert course.left_behind() == []


@pytest.mark.lab
@pytest.mark.parametrize("phase", UNANSWERED, ids=lambda phase: phase.name)
def test_the_solution_earns_full_points_on_the_real_lab_and_the_untouched_release_none(
    course: Course, phase: Phase, request: pytest.FixtureRequest
) -> None:
    lab = request.getfixturevalue("live_cluster" if "cluster" in phase.facilities else "live_lab")
    course.submit("solution", phase.name, course.source(phase.name))
    course.submit("untouched", phase.name, course.release(phase.name))
    environment = course.environment(Tier.LIVE) | {"DOCKER_HOST": lab.environment()["DOCKER_HOST"]}
    course.must("autograde", phase.name, environment=environment)
    assert errors(course.autograded("solution", phase.name)) == []
    failures = errors(course.autograded("untouched", phase.name))
    scores = course.scores(phase.name)
    assert scores["solution"] == Score(phase.points, phase.points)
    assert scores["untouched"] == Score(0, phase.points), failures
    words, times = UNANSWERED[phase]
    assert sum(words in failure for failure in failures) == times, failures
    assert not any("stderr" in failure for failure in failures)
    assert course.left_behind() == []


def test_the_wrap_up_gives_full_points_to_a_passed_quiz_and_none_to_the_untouched_release(
    course: Course,
) -> None:
    course.submit("passed", WRAP_UP.name, course.source(WRAP_UP.name))
    course.submit("untaken", WRAP_UP.name, course.release(WRAP_UP.name))
    # The grader's own seed is another one than the participant's.
    course.must("autograde", WRAP_UP.name, environment=course.environment() | {"OPCHAOS_SEED": "99"})
    passed = course.autograded("passed", WRAP_UP.name)
    assert errors(passed) == []
    assert "certificate of participation" in passed.read_text(encoding="utf-8").lower()
    scores = course.scores(WRAP_UP.name)
    assert scores["passed"] == Score(WRAP_UP.points, WRAP_UP.points)
    assert scores["untaken"] == Score(0, WRAP_UP.points)
    assert any("0 of 5 right" in error for error in errors(course.autograded("untaken", WRAP_UP.name)))
    assert course.left_behind() == []


def test_a_submission_that_is_damaged_hangs_or_kills_its_kernel_does_not_stop_the_batch(
    course: Course,
) -> None:
    name = "small"
    opening = 'import chaos_lib as chaos\n\nchaos.start("phase-0-setup")'
    answer = f"{source.BEGIN}\nanswer = 42\n{source.END}"
    course.add_assignment(
        name,
        [
            new_code_cell(opening),
            new_code_cell(answer, metadata=metadata("answer", solution=True)),
            new_code_cell(
                "assert answer == 42", metadata=metadata("check", grade=True, locked=True, points=3)
            ),
        ],
    )
    course.must("generate_assignment", name)
    # In the order in which nbgrader takes them; each must leave the next one alone.
    course.submit("1-damaged", name, course.source(name)).write_text('{"cells": [', encoding="utf-8")
    for student, code in (
        ("2-kills-its-kernel", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
        ("3-hangs", "import threading\nthreading.Event().wait()"),
        ("4-good", "answer = 42"),
    ):
        edit(course.submit(student, name, course.release(name)), "# YOUR ANSWER HERE", code)
    result = course.run("autograde", name, "--Execute.timeout=20")
    assert not result.is_success
    for student in ("1-damaged", "2-kills-its-kernel"):
        assert f"There was an error processing assignment '{name}' for student '{student}'" in result.output
        assert not course.autograded(student, name).exists()
    assert any(
        "CellTimeoutError" in error or "KeyboardInterrupt" in error
        for error in errors(course.autograded("3-hangs", name))
    )
    scores = course.scores(name)
    assert scores["3-hangs"] == Score(0, 3)
    assert scores["4-good"] == Score(3, 3)
    # What the killed kernel left, its lab included, went with the next submission.
    assert course.left_behind() == []


def test_a_participant_who_validates_the_solved_notebook_is_told_that_it_passes(course: Course) -> None:
    folder = course.root / "at-home"
    folder.mkdir()
    notebook = folder / "phase-0-setup.ipynb"
    notebook.write_bytes(course.source(SETUP.name).read_bytes())
    result = course.must("validate", str(notebook))
    assert "Success! Your notebook passes all the tests." in result.output
    assert [path.name for path in folder.iterdir()] == [notebook.name]
    assert course.left_behind() == []


@contextlib.contextmanager
def running(
    argv: tuple[str, ...] | list[str], folder: Path, environment: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = folder / "autograde.log"
    with log.open("wb") as output:
        process = subprocess.Popen(argv, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process, log
        finally:
            process.kill()
            process.wait()


def containers_of(run_id: str, host: str) -> list[str]:
    client = docker.DockerClient(base_url=host)
    with contextlib.closing(client):
        found = client.containers.list(all=True, filters={"label": f"{RUN}={run_id}"}, ignore_removed=True)
        return [str(container.name) for container in found]


def edit(path: Path, old: str, new: str) -> None:
    """Replace text in the one code cell that has it."""
    notebook = source.read(path)
    (cell,) = [cell for cell in source.code_cells(notebook) if old in cell.source]
    cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)
