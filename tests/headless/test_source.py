from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from chaos_lib.errors import InvalidInput, ToolMissing
from chaos_lib.headless.source import read_source

from .small_workshop import Workshop, code, graded, parameters, text

PHASE = "phase-1-tests"


def refused(path: Path, values: dict[str, Any] | None = None) -> InvalidInput:
    with pytest.raises(InvalidInput) as raised:
        read_source(path, values or {})
    assert path.name in raised.value.what
    assert raised.value.fix
    return raised.value


def test_cells_know_their_headline_points_and_limit(workshop: Workshop) -> None:
    slow = code("2", metadata={"opchaos": {"timeout_s": 300}})
    cells = [
        text("# One `two` **three** #\n\n```sh\n# no heading\n```"),
        code("1"),
        text("just prose"),
        slow,
        code("  "),
        code("3", metadata={"tags": ["skip-execution"]}),
        graded("4", "four", 2.5),
    ]
    source = read_source(workshop.add(PHASE, cells, opchaos={"minutes_planned": 30}), {})
    assert [cell.number for cell in source.cells] == [1, 2, 3, 4]
    assert [cell.headline for cell in source.cells] == ["", "One two three", "One two three", "One two three"]
    assert [cell.timeout_s for cell in source.cells] == [None, None, 300.0, None]
    assert source.cells[3].is_graded
    assert source.points_possible == 2.5
    assert source.minutes_planned == 30


def test_a_graded_cell_that_no_run_executes_still_counts_as_possible_points(workshop: Workshop) -> None:
    skipped = graded("1", "one", 3)
    skipped.metadata["tags"] = ["skip-execution"]
    source = read_source(workshop.add(PHASE, [skipped]), {})
    assert source.points_possible == 3
    assert source.unplayable_grades == (("one", 3.0),)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "is not there" in refused(tmp_path / "x.ipynb").what


@pytest.mark.parametrize("content", [b"<<<<<<< HEAD\n{", b"", b'{"cells": ['])
def test_broken_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    error = refused(path)
    assert "not valid JSON" in error.what
    assert "line 1" in error.evidence


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(b"\xff\xfe{")
    assert "cannot be read" in refused(path).what


@pytest.mark.parametrize(
    "value", [{}, [], 3, {"nbformat": 4, "nbformat_minor": 5, "cells": 7, "metadata": {}}]
)
def test_json_that_is_no_notebook_is_refused(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert "not a notebook" in refused(path).what


def test_a_notebook_without_kernelspec_is_refused(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [])
    notebook = nbformat.read(path, as_version=4)
    del notebook.metadata["kernelspec"]
    nbformat.write(notebook, path)
    assert "no kernelspec" in refused(path).what


def test_a_kernel_other_than_this_python_is_missing(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [], kernelspec={"name": "julia-1.9", "display_name": "Julia"})
    with pytest.raises(ToolMissing) as raised:
        read_source(path, {})
    assert "`julia-1.9`" in raised.value.what
    assert "python3" in raised.value.evidence
    assert "choose the kernel" in raised.value.fix


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_exactly_one_parameters_cell(workshop: Workshop, count: int) -> None:
    path = workshop.add(PHASE, [parameters(f"p{n} = 1") for n in range(count)], has_parameters=False)
    error = refused(path)
    assert "exactly one" in error.what
    assert error.evidence == f"it has {count}"


def test_an_unknown_parameter_is_refused(workshop: Workshop) -> None:
    error = refused(workshop.add(PHASE, [code("1")]), {"sed": 3})
    assert "no parameter named `sed`" in error.what
    assert "seed" in error.evidence


def test_a_parameter_that_a_later_cell_assigns_again_is_refused(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [code("%matplotlib inline\n(a, seed) = 1, 2")])
    assert "overwrites its parameter `seed`" in refused(path).what


def test_a_parameter_assigned_twice_in_its_cell_is_refused(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [parameters("seed = 1\nseed: int = 2")], has_parameters=False)
    assert "twice" in refused(path).evidence


def test_text_in_a_cell_magic_overwrites_nothing(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [code("%%answer settings.py\nseed = 3"), code("def f():\n    seed = 1")])
    assert len(read_source(path, {"seed": 1}).cells) == 3


def test_parameters_injected_by_an_earlier_run_are_refused(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [code("seed = 4", metadata={"tags": ["injected-parameters"]})])
    assert "earlier run injected" in refused(path).what


def test_a_parameters_cell_that_is_no_python_is_refused(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [parameters("seed = = 3")], has_parameters=False)
    assert "not plain Python" in refused(path).what


def test_grade_ids_are_unique(workshop: Workshop) -> None:
    path = workshop.add(PHASE, [graded("1", "same"), graded("2", "same")])
    assert "`same`" in refused(path).evidence


@pytest.mark.parametrize("limit", [0, -3, "soon"])
def test_a_cell_limit_that_cannot_be_right_is_refused(workshop: Workshop, limit: Any) -> None:
    path = workshop.add(PHASE, [code("1", metadata={"opchaos": {"timeout_s": limit}})])
    assert "timeout_s" in refused(path).evidence
