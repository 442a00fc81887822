"""A quiz in a graded notebook: nbgrader's real release and autograder."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from chaos_lib.checks.catalogue import CHECKS
from chaos_lib.mission_log import MissionLog
from chaos_lib.quiz.paper import paper
from chaos_lib.quiz.sitting import Sitting
from tests.quiz.examples import right_answer
from tests.quiz.test_seal import explanations, readable

from . import source
from .course import Course, Score, errors

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(600)]
ASSIGNMENT = "quizzes"
QUIZZES = ("phase-0-setup", "final")
POINTS = sum(CHECKS[f"quiz.{name}"].points for name in QUIZZES)


def solution(folder: Path, name: str) -> str:
    """The cell that the panel shows to somebody who has everything right."""
    sitting = Sitting(MissionLog(folder / f"{name}.sqlite"), "", paper(name, 7))
    for question in sitting.paper.questions:
        sitting.answer(question.id, right_answer(question))
    return sitting.cell


def cell(text: str, grade_id: str, **own: object) -> object:
    kind = {"grade": False, "solution": False, "locked": False, "task": False}
    return new_code_cell(
        text, metadata={"nbgrader": {"schema_version": 3, "grade_id": grade_id, **kind, **own}}
    )


@pytest.fixture(scope="module")
def quizzes(bare_course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The assignment, released; its solutions by quiz."""
    solutions = {name: solution(tmp_path_factory.mktemp("solutions"), name) for name in QUIZZES}
    cells = [new_code_cell('import chaos_lib as chaos\n\nchaos.start("phase-0-setup")')]
    for name, text in solutions.items():
        check = CHECKS[f"quiz.{name}"]
        cells += [
            new_code_cell(f'chaos.take_quiz("{name}")'),
            cell(f"{source.BEGIN}\n{text}\n{source.END}", f"{name}-answer", solution=True),
            cell(f'chaos.check("{check.name}")', name, grade=True, locked=True, points=check.points),
        ]
    bare_course.add_assignment(ASSIGNMENT, cells)
    bare_course.must("generate_assignment", ASSIGNMENT)
    return solutions


def test_no_answer_and_no_explanation_stands_in_the_release(
    bare_course: Course, quizzes: dict[str, str]
) -> None:
    files = [path for path in bare_course.release(ASSIGNMENT).parent.rglob("*") if path.is_file()]
    given = "\n".join(text for path in files for text in readable(path.read_bytes()))
    assert [path.name for path in files] == [f"{ASSIGNMENT}.ipynb"]
    answers = {line.strip() for text in quizzes.values() for line in text.splitlines() if "=" in line}
    assert len(answers) == 8 + 1 + 5
    assert [line for line in answers if line in given] == []
    assert [secret for secret in explanations() if secret in given] == []


def test_the_answers_in_the_notebook_pass_elsewhere_and_an_untouched_one_earns_nothing(
    bare_course: Course, quizzes: dict[str, str]
) -> None:
    bare_course.submit("solved", ASSIGNMENT, bare_course.source(ASSIGNMENT))
    bare_course.submit("untouched", ASSIGNMENT, bare_course.release(ASSIGNMENT))
    half = nbformat.read(bare_course.source(ASSIGNMENT), as_version=4)
    for each in half.cells:
        # Some of the phase's quiz right, the final answered for a paper that was not asked.
        each.source = each.source.replace("    q1=", "    # q1=").replace("    q2=", "    # q2=")
        each.source = each.source.replace("seed=7", "seed=8")
    nbformat.write(half, bare_course.submit("half", ASSIGNMENT, bare_course.source(ASSIGNMENT)))
    # The grader's own seed is another one than the participant's.
    bare_course.must("autograde", ASSIGNMENT, environment=bare_course.environment() | {"OPCHAOS_SEED": "99"})

    scores = bare_course.scores(ASSIGNMENT)
    assert errors(bare_course.autograded("solved", ASSIGNMENT)) == []
    assert scores == {
        "solved": Score(POINTS, POINTS),
        "untouched": Score(0, POINTS),
        "half": Score(0, POINTS),
    }
    told = "\n".join(errors(bare_course.autograded("untouched", ASSIGNMENT)))
    assert "0 of 8 right; 8 not answered" in told
    assert "6 of 8 right; 2 not answered" in "\n".join(errors(bare_course.autograded("half", ASSIGNMENT)))
    assert bare_course.left_behind() == []
