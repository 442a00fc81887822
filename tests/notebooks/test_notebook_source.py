"""The notebooks agree with the checks, the attacks and the phases."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import Any

import nbformat
import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.checks.catalogue import CHECKS
from chaos_lib.phases import PHASES, Phase
from chaos_lib.ui.campaign_panel import Move

from . import source

LONGEST_CELL = 6
# Answers that are no part of the finished project, and repairs of bonus attacks.
OTHER_ANSWERS = {
    "phase-0-setup": {"crew.txt"},
    "phase-1-tests": {"ci.env", "tests/integration/service/test_fleet.py", "tests/unit/test_schedule.py"},
    "phase-5-final": {"pipeline.yaml"},
}
# What a panel's button is called: no attack.
MOVES = {"launch", "symptom", "hint", "undo", *(move.value for move in Move)}
EVERY_PHASE = pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)


def notebook_of(phase: Phase) -> Any:
    return source.read(source.path_of(phase.name))


def check_calls(cell: Any) -> list[str]:
    return re.findall(r'^chaos\.check\("([^"]+)"\)$', cell.source, flags=re.MULTILINE)


def test_every_phase_has_a_notebook_and_every_notebook_a_phase() -> None:
    found = {str(path.relative_to(source.ROOT)) for path in (source.ROOT / "notebooks").rglob("*.ipynb")}
    assert found == {f"notebooks/{phase.name}/{phase.name}.ipynb" for phase in PHASES}


@EVERY_PHASE
def test_a_notebook_is_valid_and_played_by_the_kernel_python3(phase: Phase) -> None:
    notebook = notebook_of(phase)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.language == "python"


@EVERY_PHASE
def test_a_graded_cell_says_what_it_checks_and_ends_with_one_check_of_its_phase(phase: Phase) -> None:
    called = []
    for cell in source.graded(notebook_of(phase)):
        (name,) = check_calls(cell)
        called.append(name)
        tree = ast.parse(cell.source)
        assert ast.get_docstring(tree), cell.source
        assert cell.source.splitlines()[-1] == f'chaos.check("{name}")', (
            "nbgrader looks at the last line's value"
        )
        assert CHECKS[name].phase == phase.name
        assert source.grading(cell)["points"] == CHECKS[name].points
        assert source.grading(cell)["grade_id"] == name.replace(".", "-")
    assert called == [check.name for check in CHECKS.values() if check.phase == phase.name]


@EVERY_PHASE
def test_no_check_is_called_outside_a_graded_cell(phase: Phase) -> None:
    assert not [
        cell.source
        for cell in source.code_cells(notebook_of(phase))
        if "chaos.check(" in cell.source and not source.grading(cell).get("grade")
    ]


@EVERY_PHASE
def test_the_points_of_the_graded_cells_are_those_of_the_phase(phase: Phase) -> None:
    assert sum(source.grading(cell)["points"] for cell in source.graded(notebook_of(phase))) == phase.points


@EVERY_PHASE
def test_the_planned_minutes_are_those_of_the_phase(phase: Phase) -> None:
    metadata = notebook_of(phase).metadata.opchaos
    assert (metadata.phase, metadata.minutes_planned) == (phase.name, phase.minutes)


@EVERY_PHASE
def test_the_first_call_of_a_notebook_starts_its_phase(phase: Phase) -> None:
    first = next(cell for cell in source.code_cells(notebook_of(phase)) if "chaos" in cell.source)
    assert first.source == f'import chaos_lib as chaos\n\nchaos.start("{phase.name}")'


@EVERY_PHASE
def test_each_core_attack_of_a_phase_is_launched_its_symptom_shown_and_its_debrief_told(phase: Phase) -> None:
    text = "\n".join(cell.source for cell in source.code_cells(notebook_of(phase)))
    for attack in catalogue.load().values():
        if attack.phase == phase.name and attack.is_core:
            panel = text.index(f'chaos.panel("{attack.name}"')
            launch = text.index('panel.press("launch")', panel)
            assert text.index(f'chaos.debrief("{attack.name}")', launch) > launch


@EVERY_PHASE
def test_every_attack_that_a_notebook_names_exists_and_belongs_to_its_phase(phase: Phase) -> None:
    attacks = catalogue.load()
    text = "\n".join(cell.source for cell in source.code_cells(notebook_of(phase)))
    calls = re.findall(r"(?:chaos\.(?:panel|debrief|hint|undo|attack|symptom)|\.press)\(([^)]*)\)", text)
    named = {name for call in calls for name in re.findall(r'"([a-z0-9_]+)"', call)}
    assert {attacks[name].phase for name in named - MOVES} <= {phase.name}


@EVERY_PHASE
def test_exactly_one_cell_holds_the_parameters_and_it_comes_first(phase: Phase) -> None:
    cells = source.code_cells(notebook_of(phase))
    tagged = [i for i, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [0]


@EVERY_PHASE
def test_no_output_is_committed(phase: Phase) -> None:
    for cell in source.code_cells(notebook_of(phase)):
        assert (cell.outputs, cell.execution_count) == ([], None), cell.id


@EVERY_PHASE
def test_no_two_cells_share_an_id(phase: Phase) -> None:
    notebook = notebook_of(phase)
    ids = Counter(cell.id for cell in notebook.cells)
    grade_ids = Counter(source.grading(cell)["grade_id"] for cell in notebook.cells if source.grading(cell))
    assert [name for name, count in (ids | grade_ids).items() if count > 1] == []


@EVERY_PHASE
def test_code_cells_are_short_apart_from_answers(phase: Phase) -> None:
    for cell in source.code_cells(notebook_of(phase)):
        if source.answer_path(cell) is None:
            # nbgrader's marks are not there in what a participant reads.
            written = [
                line for line in cell.source.splitlines() if not re.match(r"\s*### (BEGIN|END) ", line)
            ]
            assert len(written) <= LONGEST_CELL, cell.source


@EVERY_PHASE
def test_what_the_answers_write_is_what_the_phase_asks_for(phase: Phase) -> None:
    written = {source.answer_path(cell) for cell in source.answers(notebook_of(phase))} - {None}
    assert set(phase.answers) <= written
    assert written - set(phase.answers) <= OTHER_ANSWERS.get(phase.name, set())


@EVERY_PHASE
def test_every_answer_cell_has_one_solution_that_is_marked(phase: Phase) -> None:
    notebook = notebook_of(phase)
    for cell in notebook.cells:
        is_answer = bool(source.grading(cell).get("solution"))
        assert cell.source.count(source.BEGIN) == cell.source.count(source.END), cell.id
        assert (source.BEGIN in cell.source) == is_answer, cell.id
        assert source.answer_path(cell) is None or is_answer, cell.id


@EVERY_PHASE
def test_the_metadata_is_what_nbgrader_demands_in_version_3(phase: Phase) -> None:
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = notebook_of(phase)
    MetadataValidator().validate_nb(notebook)
    for cell in filter(source.grading, notebook.cells):
        metadata = source.grading(cell)
        assert metadata["schema_version"] == 3
        assert set(metadata) - {"points"} == {
            "schema_version", "grade_id", "grade", "solution", "locked", "task"
        }  # fmt: skip
