"""What participants are given: the notebooks without their solutions."""

from __future__ import annotations

import ast
from collections import Counter

import nbformat
import pytest

from chaos_lib import answers
from chaos_lib.errors import NotAnsweredYet
from chaos_lib.phases import PHASES, Phase

from . import source
from .course import Course

pytestmark = pytest.mark.notebooks
EVERY_PHASE = pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
STUB = f"# {answers.STUB}"


@EVERY_PHASE
def test_a_release_holds_all_of_the_source_but_no_line_of_a_solution(course: Course, phase: Phase) -> None:
    written = list(source.lines(source.read(course.source(phase.name))))
    given = Counter(line for line, is_solution in written if not is_solution)
    secret = {line for line, is_solution in written if is_solution}
    released = Counter(line for line, _ in source.lines(source.read(course.release(phase.name))))
    assert secret, "the source has no solution, so this proves nothing"
    assert set(released - given) == {STUB}
    assert not given - released
    # A line that stands in a solution may be given elsewhere, such as an import: not once more than the source gives it.
    assert not {line for line in secret if released[line] > given[line]}
    assert "SOLUTION" not in course.release(phase.name).read_text(encoding="utf-8")


@EVERY_PHASE
def test_a_release_is_a_valid_notebook_for_python3_without_outputs(course: Course, phase: Phase) -> None:
    notebook = source.read(course.release(phase.name))
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in source.code_cells(notebook):
        assert (cell.outputs, cell.execution_count) == ([], None), cell.id


@EVERY_PHASE
def test_a_release_keeps_the_graded_cells_with_their_points_locked(course: Course, phase: Phase) -> None:
    graded = source.graded(source.read(course.release(phase.name)))
    assert sum(source.grading(cell)["points"] for cell in graded) == phase.points
    for cell in graded:
        assert source.grading(cell)["locked"], cell.id
        assert source.grading(cell)["checksum"], cell.id


@EVERY_PHASE
def test_an_untouched_answer_cell_of_a_release_is_not_answered_yet_or_does_nothing(
    course: Course, phase: Phase
) -> None:
    for cell in source.answers(source.read(course.release(phase.name))):
        path = source.answer_path(cell)
        if path is None:
            assert ast.parse(cell.source).body == [], cell.source
            continue
        with pytest.raises(NotAnsweredYet) as refusal:
            answers.require_answer(path, answers.strip_markers(cell.source.split("\n", 1)[1]))
        assert path in refusal.value.what
        assert STUB in refusal.value.fix


def test_the_release_of_a_phase_can_be_made_again(course: Course) -> None:
    phase = PHASES[0].name
    course.must("generate_assignment", phase)
    first = course.release(phase).read_bytes()
    result = course.must("generate_assignment", phase, "--force")
    assert course.release(phase).read_bytes() == first
    assert "Traceback" not in result.output


def test_an_unknown_phase_is_refused_by_name(course: Course) -> None:
    result = course.run("generate_assignment", "phase-1-test")
    assert not result.is_success
    assert "phase-1-test" in result.output
