"""What stands in the notebooks' source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"


def path_of(phase: str, root: Path = ROOT / "notebooks") -> Path:
    return root / phase / f"{phase}.ipynb"


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> Sequence[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def grading(cell: Any) -> dict[str, Any]:
    """Return nbgrader's metadata; empty for a cell it has nothing to do with."""
    return dict(cell.metadata.get("nbgrader", {}))


def graded(notebook: Any) -> Sequence[Any]:
    return [cell for cell in notebook.cells if grading(cell).get("grade")]


def answers(notebook: Any) -> Sequence[Any]:
    return [cell for cell in notebook.cells if grading(cell).get("solution")]


def answer_path(cell: Any) -> str | None:
    """Return the PATH of an `%%answer PATH` cell, None for a cell of another kind."""
    found = re.match(r"%%answer (\S+)\n", cell.source)
    return found and found[1]


def lines(notebook: Any) -> Iterator[tuple[str, bool]]:
    """Yield every line of every cell, stripped, and whether it is part of a solution."""
    for cell in notebook.cells:
        is_solution = False
        for line in cell.source.splitlines():
            if BEGIN in line or END in line:
                is_solution = BEGIN in line
            elif line.strip():
                yield line.strip(), is_solution
