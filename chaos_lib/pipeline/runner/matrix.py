"""A `matrix` as the stages that it stands for: one cell for each combination that is not excluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chaos_lib.pipeline.model import Axis, Exclude, Matrix, Stage

Cell: TypeAlias = dict[str, str]


@dataclass(frozen=True)
class Branch:
    """One branch of `parallel`, or one cell of a matrix.

    Attributes:
        stage: What it runs.
        cell: The axes' values; empty for a plain branch.
    """

    stage: Stage
    cell: Cell


def branches(stage: Stage) -> list[Branch] | None:
    """Return what a stage runs at the same time; None for a stage that runs nothing at the same time."""
    if stage.parallel is not None:
        return [Branch(inner, {}) for inner in stage.parallel]
    if stage.matrix is not None:
        return [Branch(_stage(cell, stage.matrix), cell) for cell in cells(stage.matrix)]
    return None


def cells(matrix: Matrix) -> list[Cell]:
    """Return the cells, the first axis changing fastest, as in Jenkins."""
    found: list[Cell] = [{}]
    for axis in matrix.axes:
        found = [{**cell, axis.name: value} for value in axis.values for cell in found]
    return [cell for cell in found if not any(_is_excluded(cell, exclude) for exclude in matrix.excludes)]


def _is_excluded(cell: Cell, exclude: Exclude) -> bool:
    return all(_matches(cell, axis) for axis in exclude.axes)


def _matches(cell: Cell, axis: Axis) -> bool:
    return (cell.get(axis.name) in axis.values) is not axis.is_inverted


def _stage(cell: Cell, matrix: Matrix) -> Stage:
    name = "Matrix - " + ", ".join(f"{axis} = '{value}'" for axis, value in cell.items())
    return Stage(
        name=name,
        steps=None,
        stages=matrix.stages,
        parallel=None,
        matrix=None,
        agent=matrix.agent,
        environment=matrix.environment,
        options=matrix.options,
        tools=matrix.tools,
        when=matrix.when,
        input=matrix.input,
        post=matrix.post,
        fail_fast=False,
        span=matrix.span,
    )
